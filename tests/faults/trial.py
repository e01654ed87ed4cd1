"""One state, one fault, one request that meets it; and what must hold whatever comes of it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi._token_store import notes
from threecx_xapi._token_store import store as token_store
from threecx_xapi.client import XapiClient

from pbx_as_code.engine import connection as _client
from pbx_simulator import Gate, LoggedRequest, SimulatedPbx, When
from tests import figures
from tests.collection import memory
from tests.collection.clocks import Night, fall
from tests.collection.property_values import CANARY
from tests.collection.tasks import Result, Task, tasks_on
from tests.faults.kinds import KINDS, Kind
from tests.faults.soak import SOAK
from tests.faults.states import MODULES, Reference, State, reference, states
from tests.faults.worlds import settle, touched, world

SIGN_IN = 0
"""In the place of which request meets a fault: none of the task's own, but the one that signs in."""
_SERVICE, _TOKEN = "^/xapi/v1/", "^/connect/token$"
_LONGEST = 2000
"""Characters of a message that somebody can still read."""
_PATIENT = 1200.0
"""Seconds a task may spend waiting."""
_NEVER = {
    "a traceback": r"Traceback|File \"",
    "a mistake of ours": "mistake of the collection",
    "a token": r"eyJ[\w-]{8,}\.|Bearer ",
    "a credential": CANARY,
    "somebody's trace": r"\bat Pbx\.",
    "the name of a class": r"<\w+ object|0x[0-9a-f]{6,}|httpx|httpcore|\w+Error\b",
    "markup": r"</?(html|body|title)>",
    "more than one line": r"[\r\n]",
}
#: Modules that call actions whose effect cannot be read back, or is not waited for. They trust the response of the PBX.
_TRUSTING = ("operation", "service", "backup")

#: Modules whose GET answers null (204) if nothing is selected, which looks the same as a faulty empty response.
_NULL = {"active_prompt_set": "Pbx.GetActive()"}


@dataclass
class Trials:
    """Trials on one simulated PBX. task: carries a task out; seeded: what is stored at first; etags: whether it gives
    ETags.
    """

    pbx: SimulatedPbx
    task: Task
    seeded: Any
    night: Night
    etags: bool = True
    known: dict[str, list[tuple[State, Reference]]] = field(default_factory=dict)

    def of(self, module: str) -> list[tuple[State, Reference]]:
        """The states of a module, each with the result of its task when nothing fails.

        A task that only reads uses no ETag: on a PBX without them, its faults are those of the other PBX again, and
        only make soak tries them.
        """
        if module not in self.known:
            self._calm()
            found = list(states(self.pbx, self.task, self.seeded, module)) if self._differs(module) else []
            known = [(state, reference(self.pbx, self.task, state)) for state in found]
            self.known[module] = [each for each in known if self.etags or SOAK or each[1].writes]
        return self.known[module]

    def _differs(self, module: str) -> bool:
        """Whether a module can write; its states need not be found out otherwise."""
        return self.etags or SOAK or not module.endswith("_info")

    def places(self, told: Reference, *, sign_in: bool) -> list[int]:
        """Which requests of a task are to meet a fault.

        Where there are no ETags, these are its writes, the look right before them and all that follows: what comes
        before is the same on both PBXs.

        Parameters:
            sign_in: whether its sign-in is one of them
        """
        found = places(told, sign_in=sign_in and (self.etags or SOAK))
        return found if self.etags or SOAK else [n for n in found if n >= told.first_write - 1]

    def attempt(self, state: State, told: Reference, kind: Kind, n: int, *, check_mode: bool = False) -> list[str]:
        """Carry a state out while the n-th request meets a fault, and again while none does.

        Returns:
            what did not hold
        """
        self._begin(state, n)
        options = {**state.options, **kind.options}
        gate: Gate | None = None
        if kind.held:
            gate = self.pbx.hold(_TOKEN if n == SIGN_IN else _SERVICE, when=When(n=(n or 1,)))
        self.pbx.go_by(kind.plan(_TOKEN if n == SIGN_IN else _SERVICE, n or 1)) if not kind.held else None
        if kind.before:
            self.pbx.go_away()
        self.night.meanwhile = None if kind.lasting else self.pbx.come_back
        first = self.task(state.module, check_mode=check_mode, **options)
        seen = self._calm(gate)
        function = _NULL.get(state.module)
        if function and any(one.status == 204 and one.path.endswith(function) for one in self.pbx.requests):
            return []
        what = f"{state}: {kind.name} at request {n}{' in check mode' if check_mode else ''}"
        wrong = list(_Checks(self.pbx, state, told, first, seen, self.night, kind.lies).all(check_mode))
        if not check_mode and state.repeatable:
            wrong += self._again(state, told)
        figures.record("faults x states tried")
        return [f"{what}: {problem}\n    {json.dumps(first.data, default=str)[:600]}" for problem in wrong]

    def begin_with(self, snapshot: Any) -> None:
        """The PBX is as it was when the snapshot was taken, and nobody has looked at it since."""
        self.pbx.restore(snapshot)
        memory.forget()

    def _begin(self, state: State, n: int) -> None:
        self.begin_with(state.baseline)
        later()
        if n == SIGN_IN:
            _client.forget()
            self.pbx.revoke_tokens()
        self.pbx.clear_log()
        self.night.slept.clear()

    def _calm(self, gate: Gate | None = None) -> list[LoggedRequest]:
        """Nothing goes wrong any more; what was still on its way arrives. Returns the writes there were."""
        if gate is not None:
            gate.open()
        self.pbx.come_back()
        # In the server's thread, after everything that was let through.
        self.pbx.go_by(None)
        self.night.meanwhile = None
        settle(self.pbx)
        return self.pbx.writes

    def _again(self, state: State, told: Reference) -> Iterator[str]:
        """Whether a second run repairs everything: it ends where one run would, and says whether it did anything."""
        later()
        before = world(self.pbx)
        left = bool(touched(before, told.goal))
        second = self.task(state.module, **state.options)
        if second.data.get("failed"):
            yield f"the second run fails: {second.data['msg']}"
            return
        settle(self.pbx)
        if further := touched(world(self.pbx), told.goal):
            yield f"the second run does not repair {sorted(map(str, further))}"
        if bool(second["changed"]) != left and not (told.again and second["changed"]):
            amount = "something" if left else "nothing"
            yield f"the second run says changed: {second['changed']}, and there was {amount} left to do"


@dataclass(frozen=True)
class _Checks:
    pbx: SimulatedPbx
    state: State
    told: Reference
    result: Result
    writes: list[LoggedRequest]
    night: Night
    lied: bool

    def all(self, check_mode: bool) -> Iterator[str]:
        """Everything that does not hold after the first run."""
        yield from self._changed(check_mode)
        yield from self._writes(check_mode)
        yield from self._message()
        if sum(self.night.slept) > _PATIENT:
            yield f"it waited {sum(self.night.slept):g} seconds"

    def _changed(self, check_mode: bool) -> Iterator[str]:
        data, told = self.result.data, self.told
        now = world(self.pbx)
        different = touched(told.before, now)
        if different - told.touched:
            yield f"it touched {sorted(map(str, different - told.touched))}"
        if self.lied and self.state.module in _TRUSTING:
            return
        # A restart leaves everything as it was.
        done = (
            bool(different)
            if told.touched or not told.writes
            else any(write.processed and write.status != 401 for write in self.writes)
        )
        if not data.get("failed"):
            expected = told.would if check_mode else done
            if data["changed"] != expected:
                yield f"it reports changed={data['changed']}, which is wrong"
            if not check_mode and touched(now, told.goal):
                yield f"it reports success, but {sorted(map(str, touched(now, told.goal)))} differs from the goal"
            return
        in_doubt = "is not known" in data["msg"]
        if data["changed"] and not done:
            yield "it reports a change, but nothing was changed"
        if done and not data["changed"] and not in_doubt:
            yield "it changed something and does not say so"
        if in_doubt and (check_mode or not self.told.writes):
            yield "it is in doubt, and has nothing to write"
        if data["changed"] and "Nothing was changed" in data["msg"]:
            yield "it says two things"

    def _writes(self, check_mode: bool) -> Iterator[str]:
        if check_mode and self.writes:
            yield f"it wrote in check mode: {self.writes[0].method} {self.writes[0].path}"
        sent: dict[tuple[str, str, bytes], LoggedRequest] = {}
        for write in self.writes:
            before = sent.get((write.method, write.path, write.body))
            # To change or remove the same thing twice does no harm; to create it twice does, unless the first request
            # was not let in. A 403 may mean a stale token, so it is sent again with a new one.
            if before is not None and not (
                before.status in (401, 403)
                or (before.status in (429, 503) and (write.method != "POST" or not before.processed))
            ):
                yield f"it sent {write.method} {write.path} twice, the first time answered {before.status or 'nothing'}"
            sent[write.method, write.path, write.body] = write
        if len(sent) > self.told.writes:
            yield f"it sent {len(sent)} different writes instead of {self.told.writes}"

    def _message(self) -> Iterator[str]:
        shown = json.dumps([self.result.data, self.result.warnings], default=str)
        for what in ("a token", "a credential"):
            if found := re.search(_NEVER[what], shown):
                yield f"it shows {what}: {found[0]!r}"
        if self.pbx.client_secret in shown:
            yield "it shows the client secret"
        if not self.result.data.get("failed"):
            return
        message = self.result.data["msg"]
        if set(self.result.data) != {"failed", "changed", "msg", "status", "code", "target", "pbx", "kind"}:
            yield f"it returns {sorted(self.result.data)}"
        for what, pattern in _NEVER.items():
            if found := re.search(pattern, message):
                yield f"its message has {what}: {found[0]!r}"
        if not (self.pbx.url in message and message.endswith((".", "?", "!")) and 40 < len(message) < _LONGEST):
            yield "its message is none that helps"


def prepared(monkeypatch: pytest.MonkeyPatch, pbx: SimulatedPbx, *, etags: bool = True) -> Trials:
    """Trials in which nobody really waits.

    Parameters:
        etags: whether the PBX gives ETags
    """
    night = fall(monkeypatch)
    monkeypatch.setattr(XapiClient, "_sleep", staticmethod(lambda seconds: night.sleep(seconds) if seconds else None))
    return Trials(pbx, tasks_on(pbx), pbx.snapshot(), night, etags)


def later() -> None:
    """Forget remembered sign-in failures, as after their expiry, without waiting."""
    notes._memory.clear()
    token_store._refused.clear()
    for left in Path(os.environ["XDG_RUNTIME_DIR"], "threecx-xapi").glob("*"):
        if left.suffix == ".notes" or (left.suffix == ".json" and b'"refusal": null' not in left.read_bytes()):
            left.unlink()


def places(told: Reference, *, sign_in: bool = True) -> list[int]:
    """Which requests of a task can meet a fault.

    Parameters:
        sign_in: whether its sign-in is one of them
    """
    return list(range(SIGN_IN if sign_in else SIGN_IN + 1, told.requests + 1))


def places_in_check_mode(told: Reference) -> list[int]:
    """Requests of a task in check mode that can meet a fault: those before its first write.

    A task that writes nothing sends the same requests in check mode: of them, the last one is enough.
    """
    found = [n for n in places(told) if n < told.first_write]
    return found if told.writes else found[-1:]


def rotated(of: int, how_many: int) -> list[Kind]:
    """Some faults, others for each number; together they are all."""
    kinds = list(KINDS.values())
    return [kinds[(of * how_many + step) % len(kinds)] for step in range(how_many)]


__all__ = ["KINDS", "MODULES", "SIGN_IN", "Kind", "Trials", "places", "places_in_check_mode", "prepared", "rotated"]
