"""Every mistake in the catalogue is one clear message that names the place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openapi.codegen import document
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.describe import Kind, describe
from openapi.codegen.modules.schema import SchemaReader

Raw = dict[str, Any]
Change = Callable[[Raw], object]


@pytest.fixture(scope="module")
def reader() -> SchemaReader:
    return SchemaReader(document.load())


@pytest.fixture(scope="module")
def committed() -> Raw:
    return catalogue.read()


def described(raw: Raw, reader: SchemaReader) -> list[Kind]:
    return describe(catalogue.parse(raw), reader)


def test_the_committed_one_is_right(committed: Raw, reader: SchemaReader) -> None:
    names = [kind.name for kind in described(committed, reader)]
    assert {"firmware", "phone_logo", "fxs", "fax", "call_flow_app"} <= set(names)


MISTAKES: list[tuple[Change, str]] = [
    (lambda c: c.pop("version_added"), "the files: version_added is missing"),
    (lambda c: c.update(entites={}), "the files: entites is not a key of the catalogue; did you mean entities?"),
    (lambda c: c.update(entities=["fax"]), "entities: expected a mapping of names"),
    (lambda c: c["entities"]["fax"].update(entity_set="Faxes"),
        "entities.fax.entity_set: the document has no entity set Faxes; did you mean "),
    (lambda c: c["entities"]["fax"].update(entity_set="CrmTemplates"),
        "the document has no list of CrmTemplates to find one in"),
    (lambda c: c["entities"]["fax"].update(entity_set=""), "entities.fax: entity_set is missing"),
    (lambda c: c["entities"]["fax"].update(key="Id"), "entities.fax: key is not a key of the catalogue"),
    (lambda c: c["entities"]["fax"].pop("examples"), "entities.fax: examples is missing"),
    (lambda c: c["entities"]["fax"].update(natural_keys=["Numbr"]), "Fax has no property Numbr; did you mean Number?"),
    (lambda c: c["entities"]["fax"].update(natural_keys="Number"),
        "entities.fax.natural_keys: expected a list of names"),
    (lambda c: c["entities"]["fax"].update(title="Nam"), "entities.fax.title: Fax has no property Nam"),
    (lambda c: c["entities"]["fax"].update(init="InitFaxes"), "entities.fax.init: Fax has no function InitFaxes"),
    (lambda c: c["entities"]["fax"].update(plural="firmwares"), "firmwares is taken"),
    (lambda c: c["entities"]["fax"].update(required_for_create=["X"]),
        "entities.fax.required_for_create: Fax has no property X"),
    (lambda c: c["entities"]["fax"].update(properties={"AuthPass": {"secret": True}}),
        "Fax has no property AuthPass; did you mean AuthPassword?"),
    (lambda c: c["entities"]["fax"].update(properties={"Number": {"omit": "no"}}),
        "keys and titles cannot be omitted"),
    (lambda c: c["structures"].update(Faxx={}), "structures.Faxx: the document has no such schema"),
    (lambda c: c["structures"]["Fax"].update(Secret={"description": "No.", "secret": True}),
        "structures.Fax.Secret: the schema has no such property"),
    (lambda c: c["structures"]["Fax"].pop("FaxServer"), "the catalogue does not describe Fax.FaxServer"),
    (lambda c: c["structures"]["Fax"]["FaxServer"].pop("description"),
        "structures.Fax.FaxServer: description is missing"),
    (lambda c: c["structures"]["Fax"]["FaxServer"].update(type="bool"), "type is not a key of the catalogue"),
    (lambda c: c["structures"]["Fax"]["FaxServer"].update(kind="mac"), "only a plain string can be called"),
    (lambda c: c["structures"]["Fax"]["FaxServer"].update(read_only="yes"), "true or false, not 'yes'"),
    (lambda c: c["structures"]["Fax"]["FaxServer"].update(standing=True), "standing needs item_key"),
    (lambda c: c["structures"]["Fax"]["FaxServer"].update(ordered=True), "only a collection has an order"),
    (lambda c: c["entities"]["fax"].update(together=True),
        "entities.fax.together: together needs at least two natural_keys"),
    (lambda c: c["entities"]["fax"].update(together="yes"), "entities.fax.together: true or false, not 'yes'"),
    (lambda c: c["structures"]["Fax"]["FaxServer"].update(item_key=["Id"]),
        "only a collection of structures has items with keys"),
    (lambda c: c["structures"]["RingGroup"]["Members"].update(ordered_when={"RingStrateg": ["Hunt"]}),
        "no sibling property RingStrateg; did you mean RingStrategy?"),
    (lambda c: c["structures"]["RingGroup"]["Members"].update(ordered_when={"RingStrategy": ["Hunter"]}),
        "RingStrategy is never Hunter; did you mean Hunt?"),
    (lambda c: c["structures"]["RingGroup"]["Members"].update(ordered_when={"RingStrategy": ["Hunt"], "Name": ["A"]}),
        "ordered_when: expected the name of one property"),
    (lambda c: c["structures"]["RingGroup"]["Members"].update(ordered=True), "with item_key and without ordered"),
    (lambda c: c["structures"]["Schedule"]["Periods"].update(ordered_when={"Type": ["Never"]}),
        "only a list of the entity itself"),
    (lambda c: c["structures"]["Fax"]["AuthPassword"].pop("secret"), "looks like a credential: say secret"),
    (lambda c: c["structures"]["Fax"]["AuthID"].pop("sample"), "structures.Fax.AuthID: sample is missing"),
    (lambda c: c["structures"]["Fax"]["AuthID"].update(option="number"),
        "Number and AuthID would both be the option number"),
    (lambda c: c["structures"]["Fax"]["AuthID"].update(write_only=True), "write_only needs secret: true"),
    (lambda c: c["structures"]["Fax"]["AuthID"].update(omit="why"), "a property with omit has no other keys"),
    (lambda c: c["structures"]["DN"]["Id"].update(immutable=True), "neither immutable nor write_only"),
    (lambda c: c["structures"]["Fxs"]["FxsLines"].pop("item_key"), "needs item_key"),
    (lambda c: c["structures"]["Fxs"]["FxsLines"].update(item_key=["Port"]),
        "structures.Fxs.FxsLines.item_key: DeviceLine has no property Port"),
    (lambda c: c["structures"].pop("DeviceLine"), "the catalogue does not describe DeviceLine.Key"),
    (lambda c: c["settings"].update(MailSetings={}), "settings.MailSetings: label is missing"),
    (lambda c: c["settings"].update(MailSetings=c["settings"].pop("MailSettings")),
        "the document has no singleton MailSetings that can be changed; did you mean "),
    (lambda c: c["settings"].update(LicenseStatus=c["settings"].pop("MailSettings")),
        "no singleton LicenseStatus that can be changed"),
    (lambda c: c["settings"]["MailSettings"].update(name="mail"),
        "settings.MailSettings: name is not a key of the catalogue"),
    (lambda c: c["settings"]["MailSettings"].update(properties={"MailUsr": {"secret": True}}),
        "MailSettings has no property MailUsr; did you mean "),
    (lambda c: c["structures"]["MailSettings"]["MailPassword"].update(secret=False),
        "the document already says that it is a credential"),
    (lambda c: c["structures"]["MailSettings"].pop("MailUser"),
     "the catalogue does not describe MailSettings.MailUser"),
    (lambda c: c["structures"]["MailSettings"]["MailUser"].update(option="mail_server"),
        "MailServer and MailUser would both be the option mail_server"),
    (lambda c: c["left_out"].update(MailSettings="why"), "left_out.MailSettings: it is among the settings"),
    (lambda c: c["settings"]["BackupSettings"].pop("read"), "settings.BackupSettings: a pair needs both read"),
    (lambda c: c["settings"]["BackupSettings"].update(read="GetBackups"),
        "settings.BackupSettings: the document has no GET GetBackups"),
    (lambda c: c["settings"]["BackupSettings"].update(write="GetBackupSettings"),
        "the document has no POST GetBackupSettings"),
    (lambda c: c["settings"]["BackupSettings"].update(read="GetRestoreSettings"),
        "SetBackupSettings does not take what GetRestoreSettings answers"),
    (lambda c: c["settings"]["BackupSettings"].update(write="CreateDNProperty"), "are not a pair"),
    (lambda c: c["settings"]["BackupSettings"].update(answered_as="Rotation"),
        "SetBackupSettings does not take what GetBackupSettings answers"),
    (lambda c: c["settings"]["ActivePromptSet"].update(write="ResetQueueStatistics"),
        "settings.ActivePromptSet: ResetQueueStatistics chooses one of Queues, and GetActive answers none of these"),
    (lambda c: c["settings"]["ActivePromptSet"].pop("answered_as"),
        "SetActive does not take what GetActive answers (or answered_as: is missing)"),
    (lambda c: c["settings"]["ActivePromptSet"].update(answered_as="Version"),
        "PromptSet has no property Version of the kind that is set"),
    (lambda c: c["settings"]["ChatLogStatus"].pop("answered_as"), "(or answered_as: is missing)"),
    (lambda c: c["settings"]["ChatLogStatus"].update(answered_as="Version"),
        "settings.ChatLogStatus.answered_as: SystemStatus has no property Version of the kind"),
    (lambda c: c["settings"]["ChatLogStatus"].update(answered_as="IsChatLog"),
        "SystemStatus has no property IsChatLog of the kind that is set"),
    (lambda c: c["settings"]["ChatLogStatus"].update(properties={}),
     "the catalogue does not describe ChatLogStatus.enable"),
    (lambda c: c["settings"]["MailSettings"].update(answered_as="MailUser"), "answered_as needs read and write"),
    (lambda c: c["settings"].update(CodecsSettings={**c["settings"]["UpdateSettings"]}),
        "settings.CodecsSettings: a singleton has this name"),
    (lambda c: c["left_out"].update(SetBackupSettings="why"), "left_out.SetBackupSettings: it is among the settings"),
    (lambda c: c["left_out"].update(Fax="why"),
        "left_out.Fax: the document has no Fax, singleton that can be changed or action"),
    (lambda c: c["left_out"].update(MyUser=""), "left_out.MyUser: expected a text"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_a_mistake(change: Change, message: str, committed: Raw, reader: SchemaReader) -> None:
    raw = copy.deepcopy(committed)
    change(raw)
    with pytest.raises(CodegenError) as caught:
        described(raw, reader)
    assert message in str(caught.value)
    assert str(caught.value).startswith("catalogue: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": "version_added: 0.1.0\nentities: {}\nentities: {}\n"}, "a.yaml: line 3: entities is given twice"),
        ({"a": "entities: {fax: {}}", "b": "entities: {fax: {}}"},
            "entities.fax is given twice: in a.yaml and in b.yaml"),
        ({"a": "structures: {DN: {}}", "b": "structures: {DN: {}}"},
         "structures.DN is given twice: in a.yaml and in b"),
        ({"a": "settings: {A: {}}", "b": "settings: {A: {}}"}, "settings.A is given twice: in a.yaml and in b.yaml"),
        ({"a": "left_out: {A: x}", "b": "left_out: {A: y}"}, "left_out.A is given twice: in a.yaml and in b.yaml"),
        ({"a": "version_added: 1.0.0", "b": "version_added: 1.0.0"},
         "version_added is given twice: in a.yaml and in b"),
        ({"a": "version_added: 1.0.0", "b": "a: ["}, "b.yaml is not YAML"),
        ({"a": "version_added: 1.0.0", "b": "- a"}, "b.yaml: expected a mapping of names"),
        ({"a": "version_added: 1.0.0", "b": "entities: [a]"}, "b.yaml: entities: expected a mapping of names"),
        ({"a": "version_added: 1.0.0", "b": ""}, "b.yaml: expected a mapping of names"),
        ({}, "there is no .yaml file in "),
    ],
)  # fmt: skip
def test_what_several_files_cannot_say(files: dict[str, str], message: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    with pytest.raises(CodegenError) as caught:
        catalogue.load(tmp_path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_several_files_are_one(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("structures: {B: {}}\nentities: {}\nleft_out: {X: why}\n")
    (tmp_path / "a.yaml").write_text("version_added: 0.1.0\nstructures: {A: {}}\n")
    (tmp_path / "notes.txt").write_text("no part of it")
    assert catalogue.read(tmp_path) == {
        "version_added": "0.1.0",
        "structures": {"A": {}, "B": {}},
        "entities": {},
        "left_out": {"X": "why"},
    }
    assert catalogue.load(tmp_path).left_out == {"X": "why"}


def test_a_file_that_cannot_be_read_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    with pytest.raises(CodegenError, match="cannot read a.yaml"):
        catalogue.load(tmp_path)


def test_a_structure_within_itself_is_refused(committed: Raw) -> None:
    document_ = {
        "paths": {
            "/Trees": {
                "get": {"responses": {"200": {"content": {"application/json": {"schema": {"properties": {
                    "value": {"items": {"$ref": "#/components/schemas/Pbx.Tree"}}}}}}}}}
            },
            "/Trees({Id})": {"delete": {}},
        },
        "components": {"schemas": {"Pbx.Tree": {"properties": {
            "Id": {"type": "string"}, "Branch": {"$ref": "#/components/schemas/Pbx.Tree"}}}}},
    }  # fmt: skip
    notes = {"description": "It.", "sample": "x"}
    raw = {
        "version_added": "0.1.0",
        "structures": {"Tree": {"Id": notes, "Branch": notes}},
        "entities": {"tree": {**committed["entities"]["firmware"], "entity_set": "Trees"}},
    }
    with pytest.raises(CodegenError, match="Tree is described within itself"):
        described(raw, SchemaReader(document_))
