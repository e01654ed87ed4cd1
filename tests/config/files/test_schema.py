"""The JSON Schema: valid itself, and fitting every file that an export writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest
import yaml
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.export import export
from pbx_as_code.config.kinds import KINDS, SECTIONS, ConfigKind
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.schema import schema
from pbx_simulator import SimulatedPbx
from tests.config.seeds import plant

jsonschema = pytest.importorskip("jsonschema")


class _Reader(yaml.SafeLoader):
    """Reads a marker as an editor does with the setting yaml.customTags: as a text."""


def _marker(loader: _Reader, node: yaml.ScalarNode) -> Any:
    return loader.construct_scalar(node)


_Reader.add_constructor("!secret", _marker)


def validator() -> Any:
    return jsonschema.Draft202012Validator(schema())


def test_the_schema_is_one_of_draft_2020_12() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_exported_file_fits(tmp_path: Path) -> None:
    with SimulatedPbx() as simulated:
        plant(simulated)
        with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
            files = export(Pbx(client)).files
    fits = validator()
    for path, content in files.items():
        document = yaml.load(content, Loader=_Reader)
        assert [error.message for error in fits.iter_errors(document)] == [], path


def test_every_option_of_every_kind_is_known_and_no_other() -> None:
    fits = validator()
    for section, kind in SECTIONS.items():
        known = {option: None for option in kind.options if option not in kind.left_out or KINDS[kind.name].settings}
        document: Any = {section: known if kind.settings else [known]}
        assert fits.is_valid(document), section
        assert not fits.is_valid({section: {"no_such": 1} if kind.settings else [{"no_such": 1}]}), section


_VALUES: Final[tuple[Any, ...]] = (
    None, 0, 7, -1, 1.5, True, False, "x", "7", "007", "true", "off", "1.5", "10:30", [], ["x"], {}, {"no_such": 1},
    {"secret": "x"}, {"secret": None},
)  # fmt: skip
_ANYWHERE: Final[tuple[Any, ...]] = ("", "{{ x }}", {"remove": True})
"""Values that an editor cannot judge: the text of a tag that it does not know, an expression, a mark of a layer."""
_SHAPES: Final = re.compile(
    r" is (true or false|a whole number|a number|a list|a structure)\b|no option of|no choice for"
)
"""Problems that an editor shows, too."""


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for(schema())


def _documents(section: str, kind: ConfigKind, values: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """Files with one object of a kind, each with another value of one option."""
    named = {option: next(iter(kind.options[option].choices), "7") for option in kind.identity}
    for option, prop in kind.options.items():
        inner = [{field.option: value} for field in prop.fields if not field.read_only for value in values]
        for value in (*values, *([one] if prop.many else one for one in inner)):
            one = {**named, option: value}
            yield {section: one if kind.settings else [one]}


@pytest.mark.parametrize("section", SECTIONS)
def test_the_schema_takes_what_validate_takes(section: str) -> None:
    fits = _validator().is_valid
    for document in _documents(section, SECTIONS[section], _VALUES + _ANYWHERE):
        try:
            load_sources([("a.yml", json.dumps(document).encode()), ("vars.yml", b"x: '1'\n")])
        except ConfigError:
            continue
        assert fits(document), document


@pytest.mark.parametrize("section", SECTIONS)
def test_the_schema_refuses_the_shapes_that_validate_refuses(section: str) -> None:
    fits = _validator().is_valid
    for document in _documents(section, SECTIONS[section], _VALUES):
        try:
            load_sources([("a.yml", json.dumps(document).encode())])
        except ConfigError as error:
            shown = [str(one) for one in error.problems if _SHAPES.search(one.message)]
            assert not (shown and fits(document)), (document, shown)


@pytest.mark.parametrize(
    "text",
    [
        "defaults:", "defaults: {users: ~}", "pbx:", "pbx: {identity: ~, limits: ~, complete: ~}",
        "required:", "required: {prompt_sets: ~}", "users:", "mail_settings:",
    ],
)  # fmt: skip
def test_a_section_whose_lines_are_comments_is_empty(text: str) -> None:
    found = load_sources([("a.yml", f"{text}\n  # language: EN\n".encode())])
    assert (found.definitions, found.pbx, found.defaults, found.required) == ([], {}, {}, {})
    assert _validator().is_valid(yaml.safe_load(text))
