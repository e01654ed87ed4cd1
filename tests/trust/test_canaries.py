"""Every credential of every module is marked, and everything that comes out is searched for the marks.

No module is named here: what the catalogue gains is tested by being there. The marks are invented.
"""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import index
from threecx_xapi.client import XapiClient

from ansible_collection.plugins.plugin_utils._arguments import arguments_of
from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.description import Property
from pbx_as_code.engine import connection as _client
from pbx_as_code.engine.options.redaction import cleaner, is_credential, masked
from pbx_simulator import SimulatedPbx
from tests.collection import settings_values
from tests.collection.entity_values import ENTITIES, by_key, new, options, plant, told
from tests.collection.operation.test_operation_every import example
from tests.collection.property_values import CANARY, given
from tests.trust.tasks import Result, run, runner_of

MODULES = sorted([*ENTITIES, *settings_values.SETTINGS])
#: Error responses of a PBX; the placeholder is a credential or the whole request body.
SAYINGS: dict[str, tuple[int, str]] = {
    "odata": (400, '{"error": {"code": "", "message": %s, "details": [{"message": %s, "target": %s}]}}'),
    "plain": (500, '{"error": %s}'),
    "text": (503, "failed: %s"),
    "page": (502, "<html><title>%s</title>"),
    "data": (409, "[%s]"),
    "cut": (500, '{"AuthPassword": %s'),
}


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedPbx]:
    """One PBX for all tests. After them, what was there before them is looked at too: each test sees what it made."""
    with SimulatedPbx() as pbx:
        yield pbx
    younger = {id(one) for one in ours()}
    gc.unfreeze()
    live = [repr(one) for one in ours() if id(one) not in younger]
    gc.freeze()
    assert live
    assert not [text for text in live if CANARY in text]


@pytest.fixture
def pbx(running: SimulatedPbx) -> SimulatedPbx:
    running.reset()
    return running


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in ("HOST", "CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD", "ACCESS_TOKEN"):
        monkeypatch.delenv(f"THREECX_{name}", raising=False)
    monkeypatch.setattr(XapiClient, "_sleep", staticmethod(lambda _: None))  # before it asks a busy PBX again
    yield tmp_path
    _client.forget()


class Watch:
    """Runs tasks, and keeps whatever leaves them; nothing of it may have a mark."""

    def __init__(
        self, pbx: SimulatedPbx, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], folder: Path
    ) -> None:
        self.access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
        self.caplog, self.capfd, self.folder = caplog, capfd, folder
        caplog.set_level(logging.DEBUG)

    def __call__(self, name: str, /, **options: Any) -> Result:
        result = run(name, **{**self.access, **options})
        for what, text in self.left(result).items():
            assert CANARY not in text, f"{what} of {name}: {around(text)}"
        return result

    def scrubbed(self, name: str, /, **options: Any) -> Result:
        """The same where Ansible's own validation refuses, which repeats values."""
        given = {**self.access, **options}
        checked = validate(name, arguments_of(runner_of(name)), given)
        if checked.problem is None:  # a list is text as well, to Ansible
            return Result({"failed": True}, [])
        msg = cleaner(checked.secrets, checked.public)(checked.problem)
        shown = json.dumps(masked(arguments_of(runner_of(name))["argument_spec"], checked.params))
        assert CANARY not in shown, f"the options of {name}: {around(shown)}"
        assert CANARY not in msg, f"the refusal by {name}: {around(msg)}"
        return Result({"failed": True, "msg": msg}, [])

    def left(self, result: Result) -> dict[str, str]:
        """All that a task leaves behind, before anything is scrubbed by no_log."""
        printed = self.capfd.readouterr()
        names = " ".join(str(path) for path in self.folder.rglob("*"))
        left = {
            "the result": json.dumps(result.data),
            "the warnings": json.dumps(result.warnings),
            "the log": self.caplog.text,
            "what was printed": printed.out + printed.err,
            "the names of files": names,
        }
        self.caplog.clear()
        return left


@pytest.fixture
def watch(
    pbx: SimulatedPbx, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], runtime: Path
) -> Watch:
    return Watch(pbx, caplog, capfd, runtime)


def around(text: str) -> str:
    at = text.index(CANARY)
    return text[max(at - 60, 0) : at + 60]


def marks(value: Any) -> list[str]:
    """The marked values in options or rows."""
    if isinstance(value, Mapping):
        return [mark for inner in value.values() for mark in marks(inner)]
    if isinstance(value, list):
        return [mark for inner in value for mark in marks(inner)]
    return [value] if isinstance(value, str) and CANARY in value else []


def steps_of(pbx: SimulatedPbx, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return tasks that read, change, create and remove, with and without given credentials."""
    if name in settings_values.SETTINGS:
        settings = settings_values.SETTINGS[name]
        settings_values.plant(pbx, settings)
        wanted = {prop.option: given(prop) for prop in settings_values.options(settings)}
        secret = {"update_secrets": "on_create"} if takes(name, "update_secrets") else {}
        return [(f"{name}_info", {}), (name, wanted), (name, {**wanted, **secret})]
    description = ENTITIES[name]
    key = by_key(description, plant(pbx, description))
    steps: list[tuple[str, dict[str, Any]]] = [(f"{name}_info", key), (f"{name}_info", {})]
    if description.can_update:
        wanted = key | {prop.option: given(prop) for prop in options(description)}
        steps += [(name, wanted), (name, {**wanted, "if_match": 'W/"stale"'})]
        if takes(name, "update_secrets"):
            steps.append((name, {**wanted, "update_secrets": "on_create"}))
    if description.can_create:
        steps.append((name, new(description) | told(description)))
    if description.can_delete:
        steps.append((name, {**key, "state": "absent"}))
    return steps


def read_before(pbx: SimulatedPbx, name: str, wanted: dict[str, Any]) -> list[str]:
    """The credentials that are stored and have been read when it comes to a write."""
    if name in settings_values.SETTINGS:
        settings = settings_values.SETTINGS[name]
        return marks(named(settings.properties, settings_values.held(pbx, settings)))
    description = ENTITIES[name]
    key = wanted.get(description.key.option)
    if key is None or "if_match" in wanted:
        return []
    rows = [row for row in pbx.entities(description.entity_set) if row[description.key.name] == key]
    return marks(named([prop for prop in description.properties if not (prop.large or prop.navigation)], rows))


def named(properties: Iterable[Property], rows: list[dict[str, Any]]) -> list[Any]:
    """Of rows, what a module knows."""
    return [row.get(prop.name) for row in rows for prop in properties]


def takes(name: str, option: str) -> bool:
    return option in arguments_of(runner_of(name))["argument_spec"]


def said(form: str, text: str) -> tuple[int, str]:
    """Status and body of a refusal that repeats a text."""
    status, body = SAYINGS[form]
    written = json.dumps(text) if form not in ("text", "page") else text
    return status, body.replace("%s", written)


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_leaves(name: str, pbx: SimulatedPbx, watch: Watch) -> None:
    """No output of any task contains a credential, even if the PBX repeats the request or stored data in an error."""
    for module, wanted in steps_of(pbx, name):
        for check_mode in (True, False):
            watch(module, check_mode=check_mode, **wanted)
        wrong = {option: [value, {"x": value}] for option, value in wanted.items() if marks(value)}
        if wrong:
            # Ansible's own validation repeats values, and scrubs what is no_log; see below for what is no text.
            assert watch.scrubbed(module, **{**wanted, **wrong}).data["failed"]
    forms = list(SAYINGS)
    for turn, (module, wanted) in enumerate(steps_of(pbx, name)):
        known = sorted(set(marks(wanted)))
        # Each form once, in turn, for reading and for writing; all of them for every module would be the same once
        # more.
        for method, form in (("GET", forms[turn % len(forms)]), *((None, form) for form in forms[turn % 2 :: 2])):
            # A credential that was neither given nor read can be recognised only by its name.
            whole = json.dumps([wanted, {"AuthPassword": f"{CANARY}-stored"}], default=str)
            read = read_before(pbx, name, wanted) if method is None and module == name else []
            text = f"cannot take {', '.join([*known, *read])} from {whole}"
            status, body = said(form, text)
            methods = [method] if method else ["POST", "PATCH", "DELETE"]
            for one in methods:
                pbx.fail("/xapi/v1/(?!Defs)", method=one, status=status, times=99, body=body)
            watch(module, **wanted)
            pbx._faults.clear()
    gc.collect()  # what the last failure hung on to
    live = [repr(one) for one in ours()]
    assert not [text for text in live if CANARY in text]


@cache
def is_ours(home: str) -> bool:
    return home.startswith(("threecx_xapi", "pbx_as_code", "ansible_collection.plugins"))


def ours() -> Iterator[object]:
    """Every object of ours that is alive and that the garbage collector was not told to pass over."""
    return (one for one in gc.get_objects() if is_ours(str(type(one).__module__)))


def test_the_marks_reach_the_pbx(pbx: SimulatedPbx, watch: Watch) -> None:
    """Otherwise nothing would have been looked for."""
    sent = b""
    for name in MODULES:
        pbx.clear_log()
        for module, wanted in steps_of(pbx, name):
            watch(module, **wanted)
        sent += b"".join(write.body for write in pbx.writes)
    assert sent.count(CANARY.encode()) > 40


@pytest.mark.parametrize("name", ["fax", "user", "mail_settings", "trunk"])
def test_no_object_of_ours_shows_one_while_it_works(
    name: str, pbx: SimulatedPbx, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """repr() of everything alive, tasks and their parts included, at the moment of each request."""
    if name not in MODULES:
        pytest.skip(f"there is no module of that name: {name}")
    seen: set[str] = set()
    shown: list[str] = []  # an assertion within the task would become its message
    original = XapiClient.request

    def looking(self: XapiClient, *args: Any, **how: Any) -> Any:
        for one in [*ours(), self, self._session]:
            text = repr(one)
            seen.add(type(one).__name__)
            shown.extend(f"{type(one)}: {text}" for secret in (CANARY, pbx.client_secret) if secret in text)
        return original(self, *args, **how)

    gc.collect()  # what earlier tests hung on to
    monkeypatch.setattr(XapiClient, "request", looking)
    steps = steps_of(pbx, name)
    for module, wanted in steps:
        watch(module, **wanted)
    assert {text.partition(": ")[0] + " " + around(text) if CANARY in text else text[:300] for text in shown} == set()
    task = "SettingsTask" if name == "mail_settings" else "EntityTask"
    assert {task, "Connection", "References"} <= seen


def marked(value: Any, name: str = "", counter: list[int] | None = None) -> Any:
    """An example with a mark in every credential that is text."""
    counter = [0] if counter is None else counter
    if isinstance(value, dict):
        return {key: marked(inner, key if not is_credential(name) else name, counter) for key, inner in value.items()}
    if isinstance(value, list):
        return [marked(item, name, counter) for item in value]
    if isinstance(value, str) and is_credential(name):
        counter[0] += 1
        return f"{CANARY}-operation-{counter[0]}"
    return value


def operations() -> list[str]:
    """Those that are sent a credential."""
    found = []
    for operation in index.operation_ids():
        body = index.describe(operation).body
        if body is not None and CANARY in json.dumps(marked(example(body))):
            found.append(operation)
    return found


@pytest.mark.parametrize("operation", operations())
def test_what_an_operation_leaves(operation: str, pbx: SimulatedPbx, watch: Watch) -> None:
    described = index.describe(operation)
    assert described.body is not None
    call: dict[str, Any] = {
        "operation": operation,
        "parameters": {name: example(schema) for name, schema in described.path_parameters.items()},
        "body": marked(example(described.body)),
    }
    for check_mode in (True, False):
        watch("operation", check_mode=check_mode, **call)
    whole = json.dumps(call["body"])
    for form in SAYINGS:
        status, body = said(form, f"cannot take {', '.join(marks(call['body']))} from {whole}")
        pbx.fail("/xapi/v1/(?!Defs)", status=status, times=9, body=body)
        watch("operation", **call)
        pbx._faults.clear()
    pbx.fail("/xapi/v1/(?!Defs)", status=200, times=9, body=whole)
    watch("operation", **call)
    pbx._faults.clear()


def test_there_are_operations_to_look_at() -> None:
    assert len(operations()) > 30


def test_client_and_collection_call_the_same_a_credential() -> None:
    """One table of names serves both: a name that only one of them knew would leak through the other."""
    from threecx_xapi import redact

    assert is_credential is redact.is_credential
