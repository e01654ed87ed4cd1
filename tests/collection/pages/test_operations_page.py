"""docs/operations.md: every operation of the document has its row, and the modules it names exist."""

from __future__ import annotations

import re

from openapi.codegen.document import load
from openapi.codegen.modules import catalogue
from openapi.codegen.normalise import METHODS
from tests.collection.tree import COLLECTION, CONFIG, NAMES, OPERATION

ROW = re.compile(r"\| `(\w+)` \| `([A-Z]+) (\S+)` \| (`\w+`(?:, `\w+`)*) \|")
PAGE = (COLLECTION / "docs" / "operations.md").read_text()


def rows() -> dict[str, tuple[str, str, list[str]]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| `")]
    found = [match for line in lines if (match := ROW.fullmatch(line))]
    assert len(found) == len(lines), "a row that cannot be read"
    return {match[1]: (match[2], match[3], re.findall(r"\w+", match[4])) for match in found}


def test_every_operation_has_a_row() -> None:
    document = {
        item[method]["operationId"]: (method.upper(), path)
        for path, item in load()["paths"].items()
        for method in METHODS
        if method in item
    }
    assert {name: (method, path) for name, (method, path, _) in rows().items()} == document
    assert len(document) == 601
    assert f"{len(document)} operations" in PAGE


def test_every_module_is_there_and_reaches_something() -> None:
    named = {module for _, _, modules in rows().values() for module in modules}
    assert named <= set(NAMES)
    assert set(NAMES) - named == {CONFIG}, (
        "only the module for whole PBXs is in no row: it calls whatever its files need"
    )


def test_dedicated_modules_come_first() -> None:
    found = {name: modules for name, (_, _, modules) in rows().items()}
    assert found["DeleteFax"] == ["threecx_fax"]
    assert found["ListFax"] == ["threecx_fax_info", "threecx_fax"]
    assert found["GetFaxByNumber"] == ["threecx_fax_info"]
    assert found["InitFax"] == ["threecx_fax"]
    assert found["BulkFaxDelete"] == [OPERATION]
    assert f"For {sum(modules != [OPERATION] for modules in found.values())} operations" in PAGE


def test_everything_that_can_be_written_at_its_own_url_has_a_module_or_a_reason() -> None:
    """Created, changed or removed: not the actions, which test_settings holds where they set something."""
    reasons = catalogue.load().left_out
    writing = {
        name: (path, modules)
        for name, (method, path, modules) in rows().items()
        if method in ("PATCH", "PUT", "DELETE") or (method == "POST" and re.fullmatch(r"/\w+s(\(\{\w+\}\))?", path))
    }
    assert {"CreateUser", "UpdateUser", "DeleteUser", "UpdateEmailTemplate", "UpdateMyUser"} <= set(writing)
    without = {name: path[1:] for name, (path, modules) in writing.items() if modules == [OPERATION]}
    imports = {"InstallUpdates", "PurgeCalls", "PurgeChats", "PurgeAllLogs"}  # actions of the service itself
    assert set(without.values()) - imports <= set(reasons)
    assert without.items() >= {"UpdateMyUser": "MyUser", "UpdateMyGroup": "MyGroup"}.items()
