"""$metadata is valid CSDL: by rules of our own that always run, and by an independent reader from npm where there is
node.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from pbx_simulator import SimulatedPbx
from pbx_simulator.model.routes import Routes
from pbx_simulator.odata import metadata

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
HERE = Path(__file__).resolve().parents[1] / "csdl"
BUILT = Path(__file__).resolve().parents[3] / "build" / "npm" / "csdl"
RELEASES = ("20.0.5", "20.0.7", "20.0.8", "20.0.10")
TYPES = ("EntityType", "ComplexType", "EnumType", "TypeDefinition")
Element = ElementTree.Element


def routes(release: str) -> Routes:
    return SimulatedPbx("empty", release=release)._store.routes


class Csdl:
    """A metadata document, looked at from all sides."""

    def __init__(self, text: bytes) -> None:
        self.root = ElementTree.fromstring(text)
        self.schemas = {node.get("Namespace", ""): node for node in self.root.iter(f"{EDM}Schema")}
        self.types = {
            f"{namespace}.{node.get('Name')}": node
            for namespace, schema in self.schemas.items()
            for tag in TYPES
            for node in schema.findall(f"{EDM}{tag}")
        }
        self.container = next(self.root.iter(f"{EDM}EntityContainer"))

    def all(self, tag: str) -> list[Element]:
        return list(self.root.iter(f"{EDM}{tag}"))

    def key(self, name: str | None) -> list[str]:
        """The key properties of an entity type, its own or inherited."""
        while name:
            node = self.types[name]
            found = [ref.get("Name", "") for ref in node.findall(f"{EDM}Key/{EDM}PropertyRef")]
            if found:
                return found
            name = node.get("BaseType")
        return []

    def properties(self, name: str | None) -> dict[str, Element]:
        found: dict[str, Element] = {}
        while name:
            for node in self.types[name]:
                if node.tag in (f"{EDM}Property", f"{EDM}NavigationProperty"):
                    found.setdefault(node.get("Name", ""), node)
            name = self.types[name].get("BaseType")
        return found


def plain(name: str | None) -> str:
    return (name or "").removeprefix("Collection(").removesuffix(")")


def faults(text: bytes) -> list[str]:
    """Return the faults of a metadata document."""
    csdl = Csdl(text)
    entities = {name for name, node in csdl.types.items() if node.tag == f"{EDM}EntityType"}
    wrong: list[str] = []
    for namespace, schema in csdl.schemas.items():
        operations = {node.get("Name") for node in schema if node.tag in (f"{EDM}Function", f"{EDM}Action")}
        others = [node.get("Name") for node in schema if node.tag not in (f"{EDM}Function", f"{EDM}Action")]
        wrong += [f"{namespace}.{name} twice" for name, count in Counter(others).items() if count > 1]
        wrong += [f"{namespace}.{name} is a type and an operation" for name in operations & set(others)]
    for node in csdl.root.iter():
        name = node.get("Name")
        if name is not None and not re.fullmatch(r"[A-Za-z_]\w{0,127}", name):
            wrong.append(f"{name} is no identifier")
        for attribute in ("Type", "BaseType", "EntityType", "UnderlyingType"):
            value = plain(node.get(attribute))
            if value and not value.startswith("Edm.") and value not in csdl.types:
                wrong.append(f"{value} is nowhere declared")
    for name, node in csdl.types.items():
        names = [one.get("Name") for one in node if one.tag in (f"{EDM}Property", f"{EDM}NavigationProperty")]
        inherited = csdl.properties(node.get("BaseType")) if node.get("BaseType") else {}
        wrong += [f"{name}.{one} twice" for one, count in Counter([*names, *inherited]).items() if count > 1]
        base = node.get("BaseType")
        if base is not None and csdl.types[base].tag != node.tag:
            wrong.append(f"{name} is of another kind than its base")
        for key in csdl.key(name) if name in entities else ():
            prop = csdl.properties(name).get(key)
            if prop is None or prop.get("Nullable") != "false":
                wrong.append(f"{name} has no key {key} that is never null")
    for node in csdl.all("Property"):
        if plain(node.get("Type")) in entities:
            wrong.append(f"{node.get('Name')} is a plain property of an entity type")
    for node in csdl.all("NavigationProperty"):
        target = plain(node.get("Type"))
        if target not in entities:
            wrong.append(f"{node.get('Name')} leads to something without identity")
        elif node.get("Type", "").startswith("Collection(") and not csdl.key(target):
            wrong.append(f"{node.get('Name')} leads to {target}, which has no key")
    for node in csdl.container.findall(f"{EDM}EntitySet"):
        if node.get("EntityType") not in entities or not csdl.key(node.get("EntityType")):
            wrong.append(f"the set {node.get('Name')} has no entity type with a key")
    return wrong + _operation_faults(csdl)


def _operation_faults(csdl: Csdl) -> list[str]:
    wrong: list[str] = []
    imported = {
        (node.tag.removesuffix("Import"), node.get("Function") or node.get("Action"))
        for node in csdl.container
        if "Import" in node.tag
    }
    bindings = {plain(one.get("EntityType") or one.get("Type")) for one in csdl.container if "Import" not in one.tag}
    signatures: Counter[tuple[Any, ...]] = Counter()
    for namespace, schema in csdl.schemas.items():
        for node in (one for one in schema if one.tag in (f"{EDM}Function", f"{EDM}Action")):
            parameters = [(one.get("Name"), one.get("Type")) for one in node.findall(f"{EDM}Parameter")]
            name = f"{namespace}.{node.get('Name')}"
            if node.get("IsBound") == "true":
                if plain(parameters[0][1]) not in bindings:
                    wrong.append(f"{name} is bound to what no set or singleton holds")
            elif (node.tag, name) not in imported:
                wrong.append(f"{name} is neither bound nor imported")
            told = parameters[:1] if node.tag == f"{EDM}Action" and node.get("IsBound") else parameters
            signatures[node.tag, name, tuple(told)] += 1
            if len({one for one, _ in parameters}) < len(parameters):
                wrong.append(f"{name} has a parameter twice")
            if node.tag == f"{EDM}Function" and node.find(f"{EDM}ReturnType") is None:
                wrong.append(f"{name} is a function that returns nothing")
    return wrong + [f"{name} is declared twice" for (_, name, _), count in signatures.items() if count > 1]


@pytest.mark.parametrize("release", RELEASES)
def test_it_is_valid_for_each_release(release: str) -> None:
    assert faults(metadata.render(routes(release))) == []


def test_every_operation_of_the_document_is_declared() -> None:
    whole = routes("20.0.10")
    csdl = Csdl(metadata.render(whole))
    declared = {node.get("Name") for tag in ("Function", "Action") for node in csdl.all(tag)}
    assert {one.name for one in whole.operations if one.kind in ("function", "action")} == declared
    singletons = {node.get("Name"): node.get("Type") for node in csdl.all("Singleton")}
    assert singletons["ReportAuditLog"] == "PbxModel.ReportAuditLog"


def test_what_is_wrong_is_found() -> None:
    """The rules are no empty words: each breach of the old metadata is named."""
    text = metadata.render(routes("20.0.10")).decode()
    for old, new, fault in [
        ('<ComplexType Name="Destination">', '<ComplexType Name="Backup">', "Pbx.Backup is a type and an operation"),
        ('<ComplexType Name="Destination">', '<ComplexType Name="Period">', "Pbx.Period twice"),
        ('<PropertyRef Name="MacAddress" />', '<PropertyRef Name="Nope" />', "Pbx.Fxs has no key Nope"),
        ('Type="PbxModel.EmergencyGeoLocation"', 'Type="Pbx.EmergencyGeoLocation"', "plain property of an entity type"),
        ('<Key><PropertyRef Name="RoleName" /></Key>', "", "leads to Pbx.Rights, which has no key"),
        ('Function="Pbx.GetUpdates"', 'Function="Pbx.Other"', "Pbx.GetUpdates is neither bound nor imported"),
        ('Type="Pbx.Destination"', 'Type="Pbx.Nowhere"', "Pbx.Nowhere is nowhere declared"),
    ]:
        assert old in text, old
        found = faults(text.replace(old, new).encode())
        assert any(fault in one for one in found), (fault, found[:3])


def consumer() -> Path:
    """Install the reader, pinned by the lock file in the same folder, and return its folder.

    Skips the test if node is missing or the reader cannot be installed.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no node and npm: $metadata is not read by an independent consumer")
    lock = (HERE / "package-lock.json").read_bytes()
    done = BUILT / "installed"
    if not done.is_file() or done.read_bytes() != lock:
        scratch = BUILT.with_name(f"csdl-{os.getpid()}")
        scratch.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, scratch)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True, timeout=240)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            shutil.rmtree(scratch, ignore_errors=True)
            reason = " ".join((getattr(error, "stderr", None) or str(error)).split())[-200:]
            pytest.skip(f"the independent consumer cannot be installed from npm: {reason}")
        (scratch / "installed").write_bytes(lock)
        shutil.rmtree(BUILT, ignore_errors=True)
        scratch.rename(BUILT)
    return BUILT


@pytest.mark.timeout(300)
def test_an_independent_consumer_reads_it() -> None:
    command = ["node", str(HERE / "read.js"), str(consumer())]
    for release in ("20.0.5", "20.0.10"):
        text = metadata.render(routes(release))
        read = subprocess.run(command, input=text, check=False, capture_output=True, timeout=60)
        assert read.returncode == 0, read.stderr.decode()[-1000:]
        result = json.loads(read.stdout)
        assert result["messages"] == []
        assert result["model"]["Pbx"]["User"]["$BaseType"] == "Pbx.ClickToCall"
        assert result["model"]["Pbx"]["Container"]["ReportAuditLog"] == {"$Type": "PbxModel.ReportAuditLog"}
    broken = text.replace(b'<ComplexType Name="Destination">', b'<ComplexType Name="Backup">')
    assert subprocess.run(command, input=broken, check=False, capture_output=True, timeout=60).returncode != 0
