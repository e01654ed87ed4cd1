"""The fault plan: a file that says what goes wrong, for which requests, and when. Its format is in FAULTS.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from . import outside
from .fault import Fault
from .when import When

#: Keys of a plan that select requests, with the names of the fields here.
_WHEN = {"n": "n", "every": "every", "from": "first", "to": "last", "probability": "probability"}
_WHAT = tuple(field.name for field in fields(Fault) if field.init and field.name != "when")
_PLAN = ("seed", "clock", "faults")


class PlanError(ValueError):
    """A plan that cannot be meant; the message says where and why."""


@dataclass(frozen=True)
class Plan:
    """Fault plan. clock: seconds the PBX's clock is ahead from the start."""

    faults: tuple[Fault, ...] = ()
    clock: float = 0.0


def read(source: str | Path | Mapping[str, Any]) -> Plan:
    """A plan from a YAML file, or from the same as a mapping.

    Raises:
        PlanError: it cannot be read or cannot be meant
    """
    if isinstance(source, Mapping):
        return _plan(source)
    try:
        said = outside.load(Path(source).read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"the fault plan {source} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PlanError(f"the fault plan {source} is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise PlanError(f"the fault plan {source} cannot be used: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = " ".join(str(getattr(error, "problem", error)).split())
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise PlanError(f"the fault plan {source} is no YAML{where}: {problem}") from None
    try:
        return _plan({} if said is None else said)
    except PlanError as error:
        raise PlanError(f"the fault plan {source}: {error}") from None


def _plan(said: Any) -> Plan:
    if not isinstance(said, Mapping):
        raise PlanError(f"a plan is a mapping with faults, not {said!r}")
    _only(said, _PLAN, "a plan")
    listed, seed, clock = said.get("faults", []), said.get("seed", 0), said.get("clock", 0)
    if not isinstance(listed, list):
        raise PlanError("faults is a list")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise PlanError(f"seed is a whole number, not {seed!r}")
    faults = tuple(_fault(item, place).rolls(f"{seed}/{place}") for place, item in enumerate(listed, 1))
    if isinstance(clock, bool) or not isinstance(clock, int | float):
        raise PlanError(f"clock is a number of seconds, not {clock!r}")
    return Plan(faults, float(clock))


def _fault(said: Any, place: int) -> Fault:
    where = f"fault {place}"
    if not isinstance(said, Mapping):
        raise PlanError(f"{where} is a mapping, not {said!r}")
    _only(said, (*_WHAT, *_WHEN), where)
    which = {name: said[key] for key, name in _WHEN.items() if key in said}
    if "n" in which:
        which["n"] = tuple(which["n"]) if isinstance(which["n"], list) else (which["n"],)
    what = {"times": None, **{name: said[name] for name in _WHAT if name in said}}
    try:
        return Fault(when=When(**which), **what)
    except (TypeError, ValueError) as error:
        raise PlanError(f"{where}: {error}") from None


def _only(said: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    strange = [str(name) for name in said if name not in known]
    if strange:
        raise PlanError(f"{where} has no {', '.join(strange)}; there is {', '.join(known)}")
