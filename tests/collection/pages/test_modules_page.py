"""docs/modules.md: every module is there once, with what it really does."""

from __future__ import annotations

import re
from dataclasses import replace

from openapi.codegen.modules.modules_page import numbers, page
from pbx_as_code.description import EntityDescription
from tests.collection.tree import COLLECTION, NAMES
from tests.descriptions import described

TEXT = (COLLECTION / "docs" / "modules.md").read_text()
ROW = re.compile(r"\| (?:`(\w+)`)? \| ([^|]+) \| ([^|]*) \| (?:`(\w+)`)? \|")
LINES = [line for line in TEXT.splitlines() if line.startswith("|") and not line.startswith(("| module", "|---"))]


def test_every_module_has_its_place() -> None:
    found = [match for line in LINES if (match := ROW.fullmatch(line))]
    assert len(found) == len(LINES), "a row that cannot be read"
    assert sorted(name for match in found for name in (match[1], match[4]) if name) == NAMES
    for match in found:
        assert match[1] is None or match[4] in (None, f"{match[1]}_info")


def test_what_a_row_says_is_what_the_module_does() -> None:
    seen = 0
    for line in LINES:
        match = ROW.fullmatch(line)
        assert match
        entity = described(match[1] or match[4])
        if not isinstance(entity, EntityDescription):
            assert match[3] == ""
            continue
        seen += 1
        verbs = {"create": entity.can_create, "change": entity.can_update, "remove": entity.can_delete}
        verbs |= dict.fromkeys(("start", "stop", "restart"), entity.steering is not None)
        assert match[2] == (", ".join(verb for verb, can in verbs.items() if can) if match[1] else "look")
        assert re.findall(r"\w+", match[3])[-1] == entity.key.option
        assert {key.option for key in entity.natural_keys} <= set(re.findall(r"\w+", match[3]))
    assert seen >= 5


def test_the_numbers_are_counted() -> None:
    said = re.search(
        r"^(\d+) modules: (\d+) for objects, (\d+) for settings, .* and (\d+) read-only", TEXT, re.MULTILINE
    )
    assert said
    assert int(said[1]) == len(NAMES)
    of_settings = [line for line in LINES if "| change |  |" in line]
    assert int(said[3]) == len(of_settings)
    assert int(said[2]) == len([line for line in LINES if re.search(r"\| (create|change|remove)\b[^|]*\| `", line)])


def test_a_name_that_ends_like_a_module_that_reads_is_none_by_that() -> None:
    fax = described("threecx_fax")
    assert isinstance(fax, EntityDescription)
    about = [
        replace(fax, name="device_info"),
        replace(fax, name="did", can_create=False, can_update=False, can_delete=False),
    ]
    areas = {"Everything": ".*"}
    assert "| `threecx_device_info` | create, change, remove | `number`, `id` | `threecx_device_info_info` |" in page(
        about, areas
    )
    assert "|  | look | `number`, `id` | `threecx_did_info` |" in page(about, areas)
    assert (
        numbers(about) == "5 modules: 1 for objects, 0 for settings, 2 other modules and 2 read-only `_info` modules."
    )
