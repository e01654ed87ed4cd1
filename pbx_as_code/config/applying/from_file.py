"""Plans that are kept in a file between the run that makes them and the one that carries them out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pbx_as_code.config.applying.refusals import Stale
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.planning.digest import digest_of
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_as_code.engine.report.failures import refused


def write_plan(plan: Plan, layers: Sequence[str], path: str, *, write: bool) -> bool:
    """Write a plan to a file, whole or not at all. Returns whether the file differed.

    Parameters:
        plan: to write
        layers: directories of the files it was made from
        path: of the file; its directory is made where it is missing
        write: false to say only whether the file differs

    Raises:
        PbxError: the file cannot be written
    """
    file, text = Path(path), dump(plan, layers)
    try:
        if file.is_file() and file.read_text("utf-8", "replace") == text:
            return False
        if write:
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f".{file.name}.{os.getpid()}")
            new.write_text(text, "utf-8")
            new.replace(file)
    except OSError as error:
        raise refused("plan", f"{file} cannot be written: {error.strerror}.") from None
    return True


def read_plan(path: str) -> tuple[Plan, list[str]]:
    """A plan, and the directories of the files it was made from.

    Parameters:
        path: of the file

    Raises:
        PbxError: the file cannot be read
        ConfigError: it is no plan, or one of another format
    """
    try:
        text = Path(path).read_text("utf-8")
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        raise refused("plan", f"{path} cannot be read: {error.strerror}. Make the plan first.") from None
    return load_plan(text, path)


def files_of_plan(layers: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The directories that a plan names, and a sentence to show if one is missing: then none of them counts.

    Parameters:
        layers: as the plan names them
    """
    found = list(map(Path, layers))
    missing = [str(layer) for layer in found if not layer.exists()]
    if missing:
        return [], [f"There is no directory {missing[0]} here: what its files own is not recorded."]
    return found, []


def check_files(plan: Plan, configuration: Configuration, named: str) -> None:
    """Refuse a plan that was made from other declarations.

    Parameters:
        plan: read from a file
        configuration: that should be the one it was made from
        named: name of the configuration, for the message

    Raises:
        Stale: the configuration differs
    """
    if digest_of(configuration) != plan.digest:
        raise Stale(
            f"The plan was not made from the files in {named} as they are now. Plan again. Nothing was written."
        )
