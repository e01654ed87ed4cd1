"""A plan as a file: what is to be done, and what has to be as it was. It names credentials and holds none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pbx_as_code.config.configuration import Identity
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.nodes import ConfigError, Place, Problem
from pbx_as_code.config.planning.operations import Doing, Fingerprint, LeafChange, Operation, Plan, Uncompared
from pbx_as_code.config.reporting import report
from pbx_as_code.config.selection import Selection
from pbx_as_code.config.values import Secret

FORMAT: Final = 2
_SECRET: Final = "!secret"  # noqa: S105 how a plan names one


def dump(plan: Plan, layers: Sequence[str] = ()) -> str:
    """A plan as JSON.

    Parameters:
        plan: to write
        layers: directories of the files it was made from; what they own is recorded in the last one
    """
    said = {
        "format": FORMAT,
        "pbx": {"url": plan.url, "identity": plan.identity, "release": plan.release},
        "layers": list(layers),
        "digest": plan.digest,
        "operations": [_operation(one) for one in plan.operations],
        "fingerprints": [[one.kind, list(one.identity), list(one.rows)] for one in plan.fingerprints],
        "impossible": [[kind, list(identity), why] for kind, identity, why in plan.impossible],
        "unmanaged": [[kind, list(identity), plan.kept.get((kind, identity))] for kind, identity in plan.unmanaged],
        "uncompared": [
            [one.kind, list(one.identity), list(one.path), one.why, list(one.place)] for one in plan.uncompared
        ],
        "equal": [[kind, list(identity)] for kind, identity in plan.equal],
        "declared": [[kind, list(identity)] for kind, identity in plan.declared],
        "vanished": [[kind, list(identity)] for kind, identity in plan.vanished],
        "totals": plan.totals,
        "hints": plan.hints,
    }
    if not plan.selection.everything:
        said["selection"] = report.selection(plan)
    return json.dumps({**said, "seal": _seal(said)}, ensure_ascii=False, indent=1, default=_named) + "\n"


def load_plan(text: str, file: str = "plan.json") -> tuple[Plan, list[str]]:
    """A plan as it was written, and the directories of its files.

    Parameters:
        text: of the file
        file: its name, for messages

    Raises:
        ConfigError: it is no plan, or one of another format
    """
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            raise _wrong(file, f"It has format {said['format']}; this release of threecx reads {FORMAT}. Plan again.")
        if said.pop("seal") != _seal(said):
            raise _wrong(file, "It was changed after it was made. Plan again, or change the files.")
        plan = Plan(said["pbx"]["url"], said["pbx"]["release"], said["digest"], identity=said["pbx"]["identity"])
        plan.operations = [_read_operation(one) for one in said["operations"]]
        plan.fingerprints = [Fingerprint(kind, tuple(of), tuple(rows)) for kind, of, rows in said["fingerprints"]]
        plan.impossible = [(kind, tuple(of), why) for kind, of, why in said["impossible"]]
        plan.unmanaged = [(kind, tuple(of)) for kind, of, _ in said["unmanaged"]]
        plan.kept = {(kind, tuple(of)): why for kind, of, why in said["unmanaged"] if why}
        plan.uncompared = [
            Uncompared(kind, tuple(of), tuple(path), why, Place(*place))
            for kind, of, path, why, place in said["uncompared"]
        ]
        plan.equal = [(kind, tuple(of)) for kind, of in said["equal"]]
        plan.declared = [(kind, tuple(of)) for kind, of in said["declared"]]
        plan.vanished = [(kind, tuple(of)) for kind, of in said.get("vanished", [])]
        plan.totals, plan.hints = dict(said["totals"]), list(said["hints"])
        limited = said.get("selection")
        if limited is not None:
            plan.selection = Selection(tuple(limited["include"]), tuple(limited["exclude"]))
            plan.outside = dict(limited["not_compared"])
        return plan, list(map(str, said["layers"]))
    except (ValueError, KeyError, TypeError, IndexError):
        raise _wrong(file, "It is not a plan as `threecx plan --out` writes it. Plan again.") from None


def _seal(said: Mapping[str, Any]) -> str:
    """Digest of a plan, to notice edits. It is not a signature and does not protect against an attacker."""
    text = json.dumps(said, sort_keys=True, default=_named)
    return hashlib.sha256(text.encode()).hexdigest()


def _operation(one: Operation) -> dict[str, Any]:
    return {
        "number": one.number,
        "doing": one.doing.value,
        "kind": one.kind,
        "identity": list(one.identity),
        "twin": one.twin,
        "key": one.key,
        "sends": one.sends,
        "changes": [
            [
                list(change.path),
                change.old,
                change.new,
                change.secret,
                list(change.place) if change.place else None,
                change.by_default,
                [[where, list(place)] for where, place in change.within],
                change.label,
            ]
            for change in one.changes
        ],
        "loses": list(one.loses),
        "replaced_by": None if one.replaced_by is None else list(one.replaced_by),
        "after": list(one.after),
        "place": list(one.place) if one.place else None,
        **({"was": one.was} if one.was else {}),
        **({"repeats": list(one.repeats)} if one.repeats else {}),
    }


def _read_operation(said: Mapping[str, Any]) -> Operation:
    if said["kind"] not in KINDS:
        raise ValueError
    replaced: Identity | None = None if said["replaced_by"] is None else tuple(said["replaced_by"])
    return Operation(
        int(said["number"]), Doing(said["doing"]), said["kind"], tuple(said["identity"]), int(said["twin"]),
        tuple(
            LeafChange(
                tuple(path), old, new, secret, Place(*place) if place else None, by_default,
                tuple((str(where), Place(*there)) for where, there in within),
                label,
            )
            for path, old, new, secret, place, by_default, within, label in said["changes"]
        ),
        sends={option: _read(value) for option, value in said["sends"].items()},
        key=dict(said["key"]), loses=tuple(said["loses"]), replaced_by=replaced, after=tuple(said["after"]),
        place=Place(*said["place"]) if said["place"] else None, was=dict(said.get("was", {})),
        repeats=tuple(said.get("repeats", ())),
    )  # fmt: skip


def _named(value: Any) -> Any:
    if isinstance(value, Secret):
        return {_SECRET: value.name}
    raise TypeError


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        if list(value) == [_SECRET]:
            return Secret(str(value[_SECRET]))
        return {option: _read(inner) for option, inner in value.items()}
    return [_read(item) for item in value] if isinstance(value, list) else value


def _wrong(file: str, message: str) -> ConfigError:
    return ConfigError([Problem(Place(file, 1, 1), message)])
