"""The JSON Schema: valid itself, and fitting every file that an export writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.export import export
from pbx_as_code.config.kinds import KINDS, SECTIONS
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
