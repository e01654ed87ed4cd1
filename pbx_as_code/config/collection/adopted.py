"""Adopt the state of a PBX into files on the controller, for the module threecx_config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pbx_as_code.config.adopting.adopt import Wanted, adopt
from pbx_as_code.config.adopting.outcome import Adoption, Choices, Conflict
from pbx_as_code.config.adopting.store import store
from pbx_as_code.config.adopting.telling import told
from pbx_as_code.config.loader import read_layers
from pbx_as_code.config.selection import Selection
from pbx_as_code.engine.report.failures import refused

if TYPE_CHECKING:
    from pbx_as_code.pbx import Pbx


def adopted(
    pbx: Pbx, validated: Mapping[str, Any], *, own_number: str | None, parallel: int, write: bool, diff_mode: bool
) -> tuple[dict[str, Any], list[str]]:
    """The result of adopting what a PBX has into the layers of a task, and warnings.

    Parameters:
        pbx: to read; nothing is written to it
        validated: options of the task: src, include, exclude, other_pbx and adopt
        own_number: number of the service principal that signs in, which is not part of the configuration
        parallel: requests at a time
        write: whether to change the files, or only to say what would change
        diff_mode: whether to show the difference of each file

    Raises:
        ConfigError: the files cannot be used
        PbxError: the PBX cannot be read, or a file cannot be written
    """
    given = validated.get("adopt") or {}
    wanted = Wanted(
        Choices(**{name: given[name] for name in ("variables", "shared", "missing") if given.get(name) is not None}),
        Selection(tuple(validated.get("include") or ()), tuple(validated.get("exclude") or ())),
        everything=not given.get("only_drift"),
        other_pbx=bool(validated.get("other_pbx")),
        parallel=parallel,
        own_number=own_number,
    )
    made = adopt(read_layers([Path(layer) for layer in validated["src"]]), pbx, wanted)
    if write:
        try:
            store(made)
        except OSError as error:
            raise refused("src", f"{error.filename} cannot be written: {error.strerror}.") from None
    return _result(made, diff_mode=diff_mode), [f"Not compared: {line}." for line in made.not_compared]


def _result(made: Adoption, *, diff_mode: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "changed": bool(made.files),
        "files": [str(path) for path in sorted(made.files)],
        "adopted": [told(value) for value in made.adopted],
        "added": made.added,
        "removed": made.removed,
        "conflicts": [_undecided(one) for one in made.conflicts],
    }
    if diff_mode and made.files:
        result["diff"] = [
            {
                "before_header": str(path),
                "after_header": str(path),
                "before": (before or b"").decode("utf-8", "replace"),
                "after": after.decode("utf-8", "replace"),
            }
            for path, (before, after) in sorted(made.files.items())
        ]
    return result


def _undecided(conflict: Conflict) -> str:
    why = f"{conflict.reason.value}{f' ({conflict.why})' if conflict.why else ''}"
    choices = [f"adopt.{choice.removeprefix('--').replace(' ', ': ')}" for choice in conflict.choices]
    advice = f" Decide with {' or '.join(choices)}." if choices else " Change the file by hand."
    return f"{told(conflict.value)}: {why}.{advice}"
