"""A plan, or the drift it shows, as text, JSON, Markdown and JUnit. None of it holds a credential."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree as Xml  # only written, never parsed

from pbx_as_code.config.configuration import Identity, spelled
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.nodes import Place
from pbx_as_code.config.planning.compare import NOT_SHOWN, Path, label_of
from pbx_as_code.config.planning.operations import Doing, LeafChange, Operation, Plan
from pbx_as_code.config.reporting.titles import title

_SIGNS: Final = {Doing.FREE: "<", Doing.CREATE: "+", Doing.LINK: ">", Doing.UPDATE: "~", Doing.REMOVE: "-"}
_SHOWN: Final = 3
"""Values or objects that are named for each reason, of many."""
_MANY: Final = 10
"""Unmanaged objects of a kind, or kinds outside of a selection, from which on not each one is named."""
_LONG: Final = 160
"""Characters of two lists that are shown as they are."""
_ABSENT: Final = "absent"
"""An item that a list does not have."""
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def differs(plan: Plan) -> bool:
    """Whether the PBX is not as declared, as far as could be compared."""
    return bool(plan.operations or plan.impossible)


def undeclared(plan: Plan) -> list[tuple[str, Identity]]:
    """Kind and identity of objects that the files lack although they say that they declare every one of the kind: they
    are drift as well.
    """
    return [one for one in plan.unmanaged if one[0] in plan.complete]


def _incomplete(plan: Plan) -> Iterator[str]:
    """One sentence for each kind of which the files lack objects although they say that they declare every one."""
    by_kind: dict[str, list[str]] = {}
    for kind, identity in undeclared(plan):
        by_kind.setdefault(kind, []).append(title(kind, identity))
    for kind, listed in by_kind.items():
        more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
        named = ", ".join(listed[:_SHOWN])
        yield f"pbx.complete has {KINDS[kind].section}, but the files do not declare {named}{more}."


def unsettled(plan: Plan) -> bool:
    """Whether anything but a credential could not be compared: nobody knows whether it drifts."""
    return any(one.why != NOT_SHOWN for one in plan.uncompared)


def summary(plan: Plan) -> str:
    """One line with counts."""
    counts = Counter(one.doing for one in plan.operations)
    created = {(o.kind, o.identity) for o in plan.operations if o.doing is Doing.CREATE}
    changed = {
        (o.kind, o.identity, o.twin) for o in plan.operations if o.doing in (Doing.UPDATE, Doing.LINK)
    }  # fmt: skip
    changes = sum(one[:2] not in created for one in changed)
    partly = len({(one.kind, one.identity) for one in plan.uncompared})
    return (
        f"{counts[Doing.CREATE]} to create, {changes} to change, "
        f"{counts[Doing.REMOVE]} to remove, {len(plan.impossible)} impossible, "
        f"{len(plan.equal)} equal, {partly} compared in part or not at all, {len(plan.unmanaged)} unmanaged and kept."
    )


def selection(plan: Plan) -> dict[str, Any] | None:
    """The selection that a plan is limited to, for programs; None if it is about everything."""
    if plan.selection.everything:
        return None
    return {
        "include": list(plan.selection.include),
        "exclude": list(plan.selection.exclude),
        "not_compared": plan.outside,
    }


def limited(plan: Plan) -> list[str]:
    """One line about the selection that a plan is limited to; none if it is about everything."""
    if plan.selection.everything:
        return []
    return [f"Limited to a selection: {plan.selection}. {_outside(plan.outside)}"]


def _outside(numbers: Mapping[str, int]) -> str:
    """One sentence about the declared objects outside of a selection; of many kinds, only the largest are named."""
    if not numbers:
        return "It has everything that is declared."
    named = sorted(numbers.items(), key=lambda one: -one[1])[:_SHOWN] if len(numbers) > _MANY else numbers.items()
    counts = ", ".join(f"{name} ({number})" for name, number in named)
    if len(numbers) > _MANY:
        counts = f"{sum(numbers.values())} objects and settings, among them {counts}; --json lists all kinds"
    return f"Not compared, because outside of it: {counts}."


def value(of: Any) -> str:
    """A value on one line."""
    return json.dumps(of, ensure_ascii=False, default=str)


def old_and_new(change: LeafChange) -> tuple[str, str]:
    """Both values of a change, each on one line. Of long lists, only the items that come or go."""
    if change.secret is not None:
        return "(credential)", "(credential)"
    orders = _orders(change.old, change.new)
    if orders is not None:
        return f"in the order {value(orders[0])}", value(orders[1])
    old, new = value(_concise(change.old)), value(_concise(change.new))
    if isinstance(change.path[-1], int):  # an item comes or goes
        old, new = (_ABSENT if one is None else said for one, said in ((change.old, old), (change.new, new)))
    if not (isinstance(change.old, list) and isinstance(change.new, list) and len(old) + len(new) > _LONG):
        return old, new
    before, after = ({value(item): _concise(item) for item in items} for items in (change.old, change.new))
    gone, come = ([item for key, item in one.items() if key not in other]
                  for one, other in ((before, after), (after, before)))  # fmt: skip
    kept = [key for key in before if key in after]
    if not kept or not (gone or come):
        return old, new
    others = f" and {len(kept)} other{'' if len(kept) == 1 else 's'}"
    moved = "" if kept == [key for key in after if key in before] else " in another order"
    return value(gone) + others, value(come) + others + moved


def _concise(of: Any) -> Any:
    """A value without the options of its structures that are null: an answer has dozens of them."""
    if isinstance(of, Mapping):
        return {option: _concise(inner) for option, inner in of.items() if inner is not None}
    return [_concise(item) for item in of] if isinstance(of, list) else of


def _orders(old: Any, new: Any) -> tuple[list[Any], list[Any]] | None:
    """Two lists of structures by a field that tells their items apart; None if they are no such lists.

    A difference within an item is a separate change: two whole lists differ in their order, or in items that come and
    go.
    """
    if not all(isinstance(one, list) and one and all(isinstance(item, Mapping) for item in one) for one in (old, new)):
        return None
    for field in old[0]:
        said = [[item.get(field) for item in one] for one in (old, new)]
        if all(len({key for key in one if key and isinstance(key, str)}) == len(one) for one in said):
            return said[0], said[1]
    return None


def leaf(change: LeafChange) -> str:
    """One change on one line."""
    if change.secret is not None:
        return f"{change.called}: (credential)"
    return f"{change.called}: {' -> '.join(old_and_new(change))}"


def text(plan: Plan) -> str:
    """A plan for a terminal."""
    lines = [f"PBX {plan.identity} at {plan.url}, release {plan.release}", *limited(plan)]
    for one in plan.operations:
        lines.append(f"{_SIGNS[one.doing]} {one.doing.value} {title(one.kind, one.identity)}{_at(one.place)}")
        lines += [f"    replaced by {title(one.kind, one.replaced_by)}"] if one.replaced_by is not None else []
        lines += [f"    lost: {lost}" for lost in one.loses]
        if _is_new(one):
            lines += [f"    {called}: {said}{_in_layer(place)}" for called, said, place in _set(one)]
            lines += [f"    and {defaults}" for defaults in _defaults(one)]
        else:
            lines += [f"    {leaf(change)}{''.join(map(_at, change.places))}" for change in one.changes]
    lines += [f"! impossible {title(kind, identity)}: {why}" for kind, identity, why in plan.impossible]
    lines += [f"  unmanaged and kept: {line}" for line in _unmanaged_lines(plan)]
    lines += [f"? not compared: {line}" for line in _uncompared_lines(plan)]
    lines += [f"* {hint}" for hint in (*_incomplete(plan), *plan.hints)]
    return "\n".join([*map(_printable, lines), summary(plan)])


def _is_new(one: Operation) -> bool:
    return one.doing in (Doing.CREATE, Doing.LINK) and not one.alters


def _set(one: Operation) -> Iterator[tuple[str, str, Place | None]]:
    """Every value that the files write at a new object itself, with its path and place; nothing that is empty."""
    for change in one.changes:
        if change.secret is not None:
            yield change.option, f"(credential {change.secret})", change.place
        elif not change.by_default:
            for path, of in _leaves(change.path, change.new):
                place = change.place_of(spelled(path))
                called = label_of(one.kind, {str(change.path[0]): change.new}, path) or spelled(path)
                yield called, value(of), place


def _defaults(one: Operation) -> list[str]:
    """One sentence about the options of a new object that are defaults of its kind; none if there are none."""
    number = sum(change.by_default for change in one.changes)
    return [f"{number} option{'' if number == 1 else 's'} from the defaults of its kind"] if number else []


def _in_layer(place: Place | None) -> str:
    """The place of a value of a new object, if there are layers: it may be in another one than the object."""
    return _at(place) if place is not None and place.layer else ""


def _leaves(path: Path, of: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(of, Mapping):
        for option, inner in of.items():
            yield from _leaves((*path, option), inner)
    elif isinstance(of, list) and any(isinstance(item, Mapping) for item in of):
        for number, item in enumerate(of):
            yield from _leaves((*path, number), item)
    elif of not in (None, "", []):
        yield path, of


def _uncompared_lines(plan: Plan) -> Iterator[str]:
    """One line for each reason, with the first values: credentials alone may be hundreds, and are always there."""
    return _lines_by_reason(plan, ())


def unsettled_lines(plan: Plan) -> Iterator[str]:
    """One line for each reason why values that are no credentials could not be compared, with the first of them."""
    return (line.removesuffix("; --json lists all") for line in _lines_by_reason(plan, (NOT_SHOWN,)))


def _lines_by_reason(plan: Plan, without: Container[str]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for what, why, _ in not_compared(plan):
        if why not in without:
            by_reason.setdefault(why, []).append(what)
    for why, listed in by_reason.items():
        if len(listed) == 1:
            yield f"{listed[0]}: {why}"
            continue
        more = len(listed) - _SHOWN
        rest = f" and {more} more; --json lists all" if more > 0 else ""
        yield f"{len(listed)} values, because {why.rstrip('.')}: {', '.join(listed[:_SHOWN])}{rest}"


def unmanaged(plan: Plan) -> list[str]:
    """Each object that is kept although the files do not declare it, and why where there was consent to remove it."""
    return [
        f"{title(kind, identity)}{f' ({why})' if (why := plan.kept.get((kind, identity))) else ''}"
        for kind, identity in plan.unmanaged
    ]


def _unmanaged_lines(plan: Plan) -> Iterator[str]:
    """One line for each object that is kept; of many that nobody wanted to remove, one line for each kind."""
    by_kind: dict[str, list[str]] = {}
    for one, line in zip(plan.unmanaged, unmanaged(plan), strict=True):
        by_kind.setdefault(one[0] if one not in plan.kept else f"{one[0]} kept", []).append(line)
    for kind, listed in by_kind.items():
        if len(listed) <= _MANY or kind not in KINDS:
            yield from listed
        else:
            rest = f"{len(listed) - _SHOWN} more; --json lists all"
            yield f"{len(listed)} {KINDS[kind].section.replace('_', ' ')}: {', '.join(listed[:_SHOWN])} and {rest}"


def not_compared(plan: Plan) -> Iterator[tuple[str, str, Place]]:
    """Each value that could not be compared, the reason, and the place of its declaration."""
    for one in plan.uncompared:
        option = LeafChange(one.path, None, None).option
        yield f"{title(one.kind, one.identity)}{f' {option}' if option else ''}", one.why, one.place


def as_json(plan: Plan) -> dict[str, Any]:
    """A plan for programs."""
    return {
        "pbx": {"url": plan.url, "identity": plan.identity, "release": plan.release},
        "selection": selection(plan),
        "digest": plan.digest,
        "waiver": plan.waiver,
        "differs": differs(plan),
        "undeclared": bool(undeclared(plan)),
        "operations": [_operation(one) for one in plan.operations],
        "impossible": [
            {"kind": kind, "identity": list(identity), "why": why} for kind, identity, why in plan.impossible
        ],
        "unmanaged": [
            {"kind": kind, "identity": list(identity), "kept": plan.kept.get((kind, identity))}
            for kind, identity in plan.unmanaged
        ],
        "hints": plan.hints,
        "uncompared": [
            {
                "kind": one.kind,
                "identity": list(one.identity),
                "path": list(one.path),
                "why": one.why,
                "place": one.place._asdict(),
            }
            for one in plan.uncompared
        ],
        "equal": len(plan.equal),
    }


def _operation(one: Operation) -> dict[str, Any]:
    return {
        "number": one.number,
        "operation": one.doing.value,
        "kind": one.kind,
        "identity": list(one.identity),
        "twin": one.twin,
        "after": list(one.after),
        "loses": list(one.loses),
        "replaced_by": list(one.replaced_by) if one.replaced_by is not None else None,
        "place": one.place._asdict() if one.place else None,
        "changes": [
            {
                "path": list(change.path),
                "old": change.old,
                "new": change.new,
                "credential": change.secret is not None,
                "place": change.place._asdict() if change.place else None,
                "within": [{"path": where, "place": place._asdict()} for where, place in change.within],
            }
            for change in one.changes
        ],
    }


def markdown(plan: Plan, over: Sequence[str] = ()) -> str:
    """A plan for a pull request.

    Parameters:
        plan: to show
        over: limits that it exceeds, see limits.exceeded; it is not carried out without a waiver
    """
    lines = [f"### {_escaped(plan.called)}", "", summary(plan)]
    lines += ["", *map(_escaped, limited(plan))] if limited(plan) else []
    if plan.operations:
        lines += ["", "| | object | option | old | new | declared at |", "|---|---|---|---|---|---|"]
    for one in plan.operations:
        first = f"{one.doing.value} | {_escaped(title(one.kind, one.identity))}"
        rows = [(change.called, *old_and_new(change), ", ".join(map(str, change.places))) for change in one.changes]
        if _is_new(one):
            rows = [(called, "", said, str(place or "")) for called, said, place in _set(one)]
            rows += [(defaults, "", "", "") for defaults in _defaults(one)]
        lines += [f"| {first} | {' | '.join(map(_escaped, cells))} |" for cells in rows]
        if not one.changes:
            lost = _escaped("; ".join(one.loses))
            lines.append(f"| {first} | {lost and f'lost: {lost}'} | | | {_escaped(str(one.place or ''))} |")
    for heading, listed in (
        ("Impossible", [f"{title(kind, identity)}: {why}" for kind, identity, why in plan.impossible]),
        (f"Refused without the waiver {plan.waiver}", over),
        ("Unmanaged and kept", list(_unmanaged_lines(plan))),
        ("To know", [*_incomplete(plan), *plan.hints]),
        ("Not compared", list(_uncompared_lines(plan))),
    ):
        if listed:
            lines += ["", f"#### {heading}", "", *(f"- {_escaped(one)}" for one in listed)]
    return "\n".join(lines) + "\n"


def junit(plan: Plan) -> str:
    """Drift as JUnit XML: one test case for each object that is declared, or should be.

    An object of which only credentials were not compared is skipped; one with other such values is an error.
    """
    suite = Xml.Element("testsuite", name=xml_text(f"drift of {plan.called}"))
    for line in limited(plan):
        known = Xml.SubElement(Xml.SubElement(suite, "properties"), "property", name="selection")
        known.set("value", xml_text(line))
    failed: dict[tuple[Any, ...], list[str]] = {}
    for one in plan.operations:
        said = [f"{leaf(change)}{_at(change.place)}" for change in one.changes] or [one.doing.value]
        if one.doing is Doing.CREATE:
            said = [f"missing on the PBX{_at(one.place)}"]
        elif one.doing is Doing.REMOVE:
            said = ["on the PBX, and to be removed"]
        elif not one.alters:  # a step on the way to a change that is shown with its object
            continue
        failed.setdefault((one.kind, one.identity, one.twin), []).extend(said)
    for kind, identity, why in plan.impossible:
        failed.setdefault((kind, identity, 0), []).append(why)
    different = {known[:2] for known in failed}
    for number, (kind, identity) in enumerate(undeclared(plan)):
        failed[kind, identity, f"undeclared {number}"] = ["on the PBX, and not declared, although its kind is complete"]
    for (kind, identity, _), reasons in failed.items():
        case = _case(suite, kind, identity)
        Xml.SubElement(case, "failure", message=xml_text(reasons[0])).text = xml_text("\n".join(reasons))
    skipped: dict[tuple[Any, ...], list[str]] = {}
    unsettled = {(one.kind, one.identity) for one in plan.uncompared if one.why != NOT_SHOWN} - different
    for part, (what, why_not, _) in zip(plan.uncompared, not_compared(plan), strict=True):
        if (part.kind, part.identity) not in different:
            skipped.setdefault((part.kind, part.identity), []).append(f"{what}: {why_not}")
    for (kind, identity), reasons in skipped.items():
        outcome = "error" if (kind, identity) in unsettled else "skipped"
        Xml.SubElement(_case(suite, kind, identity), outcome, message=xml_text("; ".join(reasons)))
    for kind, identity in plan.equal:
        _case(suite, kind, identity)
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(failed)))
    suite.set("errors", str(len(unsettled)))
    suite.set("skipped", str(len(skipped) - len(unsettled)))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suite, encoding="unicode") + "\n"


def _case(suite: Xml.Element, kind: str, identity: tuple[Any, ...]) -> Xml.Element:
    return Xml.SubElement(suite, "testcase", classname=kind, name=xml_text(title(kind, identity)))


def xml_text(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _at(place: Place | None) -> str:
    return f"  ({place})" if place else ""


def _printable(line: str) -> str:
    """A line without control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in line)


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", " ".join(text.split()))
