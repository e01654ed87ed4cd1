"""Calls to outside numbers: rule, trunk, what is dialled, caller id, failover (section 6 of the rules)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from pbx_as_code.callflow.hours.state import State
from pbx_as_code.callflow.model.lines import OutboundRoute, OutboundRule, Trunk
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.services import E164, PbxSettings
from pbx_as_code.callflow.model.users import User
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.conditions import Condition, On
from pbx_as_code.callflow.trace.matching import bare
from pbx_as_code.callflow.trace.profiles import user_standings
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, Ending, Step
from pbx_as_code.callflow.trace.walker import Reading, Walker


def dial(walker: Walker, source: User, number: str, elapsed: Elapsed) -> Step:
    """A user dials a number: dial codes and internal numbers first (O1), then permissions, then the rules."""
    code = next((name for name, code in walker.graph.settings.dial_codes or () if _is_code(number, code)), None)
    if code is not None:
        reason = Reason("O1", f"{number} begins with the dial code {code}", assumed=True)
        return walker.ends(source.ref, Ending.SERVICE, f"the dial code {code}", elapsed, (reason,))
    inside = walker.graph.by_number(number)
    if inside is not None and inside.key == number:
        reason = Reason("O1", f"{number} is the number of {inside}", assumed=True)
        after = walker.visit(inside, elapsed)
        text = f"calls {number} inside the PBX"
        return walker.step(source, text, elapsed, (reason,), branches=(Branch("", "", after),))
    barred = _barred(walker, source, elapsed)
    if barred is not None:
        return walker.ends(source.ref, Ending.REFUSED, f"refused: {barred.text}", elapsed, (barred,))
    after = outside(walker, source, number, elapsed)
    reasons = [Reason("O1", f"{number} is no dial code and no number of this PBX")]
    if source.pin_protected:
        reasons.append(Reason("O2", f"{source.key} has to enter a PIN first"))
    return walker.step(source, f"dials {number}", elapsed, reasons, branches=(Branch("", "", after),))


def _is_code(number: str, code: str) -> bool:
    return code.startswith("*") and number.startswith(code)


def _barred(walker: Walker, source: User, elapsed: Elapsed) -> Reason | None:
    if source.internal:
        return Reason("O2", f"{source.key} may not call outside numbers")
    options = source.hours_options or ()
    company = walker.graph.settings.no_outbound_when_closed
    if "BlockOutboundCalls" not in options and not company:
        return None
    states = user_standings(walker, source, elapsed)
    if states and all(one.state in (State.CLOSED, State.HOLIDAY) for one in states):
        return Reason("O2", f"{source.key} may not call outside numbers outside office hours", assumed=True)
    return None


def forwarded(walker: Walker, source: Node, number: str, elapsed: Elapsed) -> Step:
    """A call that an object forwards to an outside number (U9)."""
    if walker.graph.settings.forward_outside is False:
        blocked = Reason("U9", "forwarding to outside numbers is switched off", assumed=True)
        allowed = Reason("U9", "the call is forwarded although that is switched off", assumed=True)
        target = Ref(Kind.EXTERNAL, number)
        readings = [
            Reading(
                (blocked,),
                lambda: walker.ends(target, Ending.REFUSED, "not forwarded", elapsed, (blocked,)),
                "U9",
                "no",
            ),
            Reading((allowed,), lambda: outside(walker, source, number, elapsed), "U9", "yes"),
        ]
        return walker.decide(source.ref, elapsed, readings)
    return outside(walker, source, number, elapsed)


def outside(walker: Walker, source: Node, number: str, elapsed: Elapsed) -> Step:
    """The outbound rule for a number, unless its country is barred (O3)."""
    settings = walker.graph.settings
    if _allowed(settings, number):
        return _by_rules(walker, source, number, elapsed)
    barred = Reason("O3", f"the country of {number} is not among country_codes, so it is refused", assumed=True)
    ignored = Reason("O3", f"the country of {number} is not among country_codes, which bars nothing", assumed=True)
    target = Ref(Kind.EXTERNAL, number)
    refused = partial(walker.ends, target, Ending.REFUSED, "refused: its country is barred", elapsed, (barred,))
    goes = partial(_by_rules, walker, source, number, elapsed, (ignored,))
    readings = [Reading((barred,), refused, "O3", "barred"), Reading((ignored,), goes, "O3", "ignored")]
    return walker.decide(source.ref, elapsed, readings)


def _allowed(settings: PbxSettings, number: str) -> bool:
    """Whether the country of a number may be called, as far as the number and the settings tell."""
    e164 = settings.e164
    abroad = e164.international_code if e164 else None
    if number.startswith("+"):
        digits = bare(number)
    elif abroad and number.startswith(abroad):
        digits = number.removeprefix(abroad)
    else:
        return True
    own = (e164.country_code,) if e164 and e164.country_code else ()
    return not settings.countries or digits.startswith((*map(bare, settings.countries), *own))


def _by_rules(
    walker: Walker, source: Node, number: str, elapsed: Elapsed, before: tuple[Reason, ...] = ()
) -> Step:  # fmt: skip
    """Emergency rules and ordinary ones, in both orders if that differs (O9)."""
    dialled, rewritten = rewritten_number(walker.graph.settings.e164, number)
    rules = sorted(walker.graph.of(OutboundRule), key=_priority)
    emergency = [rule for rule in rules if rule.emergency]
    ordinary = [rule for rule in rules if not rule.emergency]

    def first(order: Sequence[OutboundRule], more: tuple[Reason, ...] = ()) -> Step:
        return _first(walker, source, order, dialled, elapsed, (*before, *rewritten, *more))

    if not any(_matches(walker, rule, source, dialled) for rule in emergency):
        return first(ordinary)
    earlier = Reason("O9", f"{number} is an emergency number: emergency rules come first", assumed=True)
    later = Reason("O9", f"{number} is an emergency number: ordinary rules come first", assumed=True)
    readings = [
        Reading((earlier,), lambda: first([*emergency, *ordinary], (earlier,)), "O9", "first"),
        Reading((later,), lambda: first([*ordinary, *emergency], (later,)), "O9", "last"),
    ]
    return walker.decide(source.ref, elapsed, readings)


def _priority(rule: OutboundRule) -> tuple[bool, int]:
    return (rule.priority is None, rule.priority or 0)


def rewritten_number(settings: E164 | None, number: str) -> tuple[str, tuple[Reason, ...]]:
    """A number with + as the rules see it (O3), and why.

    Parameters:
        settings: of the PBX; None if they are not known
        number: as dialled
    """
    if not number.startswith("+"):
        return number, ()
    if settings is None or settings.enabled is None:
        return number, (Reason("O3", "whether numbers with + are rewritten is unknown: as dialled", assumed=True),)
    if not settings.enabled:
        return number, ()
    digits = bare(number)
    own = settings.country_code or ""
    home = bool(own) and digits.startswith(own)
    if home and settings.remove_country_code:
        digits = digits.removeprefix(own)
        if settings.area_code and settings.remove_area_code and digits.startswith(settings.area_code):
            digits = digits.removeprefix(settings.area_code)
        else:
            digits = (settings.national_code or "") + digits
    else:
        digits = (settings.international_code or "") + digits
    found = (settings.prefix or "") + digits
    return found, (Reason("O3", f"{number} becomes {found} before rules are matched"),)


def _first(
    walker: Walker, source: Node, rules: Sequence[OutboundRule], number: str, elapsed: Elapsed,
    before: tuple[Reason, ...],
) -> Step:  # fmt: skip
    for position, rule in enumerate(rules):
        if not _matches(walker, rule, source, number):
            continue
        if isinstance(source, User) or not (rule.ranges or rule.departments):
            return _taking(walker, rule, source, number, elapsed, before)
        whom = f"{rule.title} is for some extensions only"
        admits = Reason("U9", f"{whom}, and admits calls that {source.title} forwards", assumed=True)
        refuses = Reason("U9", f"{whom}, and does not admit calls that {source.title} forwards", assumed=True)
        later = rules[position + 1 :]
        takes = partial(_taking, walker, rule, source, number, elapsed, (*before, admits))
        passes = partial(_first, walker, source, later, number, elapsed, (*before, refuses))
        readings = [Reading((admits,), takes, rule.ref, "admits"), Reading((refuses,), passes, rule.ref, "refuses")]
        return walker.decide(source.ref, elapsed, readings)
    reason = Reason("O10", f"no outbound rule admits {number} from {source.title}")
    target = Ref(Kind.EXTERNAL, number)
    return walker.ends(target, Ending.REFUSED, "refused: no outbound rule fits", elapsed, (*before, reason))


def _taking(
    walker: Walker, rule: OutboundRule, source: Node, number: str, elapsed: Elapsed, before: tuple[Reason, ...]
) -> Step:  # fmt: skip
    """A rule takes the call."""
    reasons = (*before, Reason("O5", _why(rule, source)), Reason("O4", "no later rule is tried"))
    after, skipped = _routes(walker, rule, list(_usable(walker, rule)), source, number, elapsed)
    branch = (Branch("", "", after),)
    return walker.step(rule, "the first rule that fits", elapsed, (*reasons, *skipped), branches=branch)


def _why(rule: OutboundRule, source: Node) -> str:
    prefix = f"prefix {', '.join(rule.prefixes)}" if rule.prefixes else "any prefix"
    length = f"length {rule.lengths}" if rule.lengths else "any length"
    whom = f"{source.title} is admitted" if rule.ranges or rule.departments else "any source"
    return f"it fits: {prefix}, {length}, {whom}"


def _matches(walker: Walker, rule: OutboundRule, source: Node, number: str) -> bool:
    return rule_matches(rule, number, source, _departments(walker, source))


def _departments(walker: Walker, source: Node) -> tuple[Ref, ...]:
    if isinstance(source, User):
        own = {*source.departments, *((source.primary_department,) if source.primary_department else ())}
        return tuple(own) or walker.graph.departments_of(source.ref).departments
    return tuple(getattr(source, "departments", ()))


def rule_matches(rule: OutboundRule, number: str, source: Node, departments: Sequence[Ref]) -> bool:
    """Whether an outbound rule fits a number and its source: prefix and length and source (O5).

    Parameters:
        rule: as declared
        number: as the rules see it
        source: object that calls or forwards; rules for some extensions admit any object that is no user
        departments: of the source
    """
    if rule.prefixes and not any(number.startswith(prefix) for prefix in rule.prefixes):
        return False
    if rule.lengths and not _length_fits(rule.lengths, len(number)):
        return False
    if not (rule.ranges or rule.departments) or not isinstance(source, User):
        return True
    return any(_in_range(source.key, span.first, span.last) for span in rule.ranges) or bool(
        set(rule.departments) & set(departments)
    )


def _length_fits(lengths: str, length: int) -> bool:
    for part in lengths.replace(";", ",").split(","):
        low, _, high = part.strip().partition("-")
        if low.strip().isdigit() and int(low) <= length <= int(high if high.strip().isdigit() else low):
            return True
    return False


def _in_range(number: str, first: str, last: str) -> bool:
    """Numbers are compared as numbers only if their lengths are equal."""
    if not (number.isdigit() and first.isdigit() and last.isdigit()):
        return number == first
    return len(first) == len(number) == len(last) and int(first) <= int(number) <= int(last)


def _usable(walker: Walker, rule: OutboundRule) -> Iterator[tuple[int, OutboundRoute, Trunk | None, str | None]]:
    """The routes of a rule with their trunk, and why one is skipped."""
    for position, route in enumerate(rule.routes):
        if route.trunk is None:
            yield position, route, None, "the slot is empty"
            continue
        trunk = walker.graph.nodes.get(route.trunk)
        if not isinstance(trunk, Trunk):
            yield position, route, None, f"{route.trunk} does not exist"
        elif trunk.outbound_enabled is False:
            yield position, route, trunk, f"outbound calls of {trunk.ref} are switched off"
        elif trunk.direction == "Inbound":
            yield position, route, trunk, f"the direction of {trunk.ref} is Inbound"
        elif trunk.online is False and not walker.call.ignore_state:
            yield position, route, trunk, f"{trunk.ref} is not registered, as exported"
        else:
            yield position, route, trunk, None


def _routes(
    walker: Walker, rule: OutboundRule, routes: Sequence[tuple[int, OutboundRoute, Trunk | None, str | None]],
    source: Node, number: str, elapsed: Elapsed,
) -> tuple[Step, list[Reason]]:  # fmt: skip
    skipped = [Reason("O6", f"route {position + 1} is skipped: {why}") for position, _, _, why in routes if why]
    usable = [(route, trunk) for _, route, trunk, why in routes if why is None and trunk is not None]
    if not usable:
        reason = Reason("O6", "the rule has no route that can be used")
        return walker.ends(rule.ref, Ending.REFUSED, "refused: no route can be used", elapsed, (reason,)), skipped
    after: Step | None = None
    for route, trunk in reversed(usable):
        after = _route(walker, route, trunk, source, number, elapsed, after)
    assert after is not None  # noqa: S101 there is a route
    return after, skipped


def _route(
    walker: Walker, route: OutboundRoute, trunk: Trunk, source: Node, number: str,
    elapsed: Elapsed, following: Step | None,
) -> Step:  # fmt: skip
    dialled = (route.prepend or "") + number[route.strip_digits or 0 :] + (route.append or "")
    changed = f"{number} becomes {dialled}" if dialled != number else f"dialled as {dialled}"
    shown, which = _caller_id(route, trunk, source)
    reasons = [
        Reason("O6", f"{changed}: strip {route.strip_digits or 0}, prepend {route.prepend or 'nothing'}"),
        Reason("O8", f"caller id {shown}: {which}", assumed=not isinstance(source, User)),
    ]
    if trunk.rewrites_caller_out:
        reasons.append(Reason("O8", "the trunk rewrites the caller id", assumed=True))
    target = Ref(Kind.EXTERNAL, dialled)
    text = f"{dialled} through {trunk.ref.key}, caller id {shown}"
    done = walker.ends(target, Ending.OUTSIDE, text, elapsed)
    stop = walker.ends(
        trunk.ref, Ending.ENDED, "the call ends: no other route is tried", elapsed, (Reason("O7", "a final answer"),)
    )
    branches = [Branch("the provider takes the call", "", done, on=(Condition(On.TAKEN),))]
    refused, busy = Condition(On.REFUSED), Condition(On.BUSY)
    if following is not None:
        label = "the provider refuses (most 4xx, 5xx, 603, 604, 606)"
        branches.append(Branch(label, "", following, on=(refused,)))
        branches.append(Branch("busy (486, 600), no response, or cancelled", "", stop, on=(busy,)))
        reasons.append(Reason("O7", "the answer of the provider decides about the next route"))
    else:
        branches.append(Branch("the provider refuses, or busy", "", stop, on=(refused, busy)))
    return walker.step(trunk, f"dials {dialled}, caller id {shown}", elapsed, reasons, branches=tuple(branches))


def _caller_id(route: OutboundRoute, trunk: Trunk, source: Node) -> tuple[str, str]:
    own = getattr(source, "outbound_caller_id", None)
    for number, which in (
        (route.caller_id, "of the route"),
        (own, f"of {source.ref}"),
        (trunk.outbound_caller_id, f"of {trunk.ref}"),
        (trunk.external_number, f"main number of {trunk.ref}"),
    ):
        if number:
            return number, which
    return "unknown", "none is declared"
