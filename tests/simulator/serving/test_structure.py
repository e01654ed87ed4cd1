"""Structure of the simulator: small folders, and behaviour of single entity sets in one place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import pbx_simulator
from pbx_simulator import SimulatedPbx
from pbx_simulator.hooks import registry
from pbx_simulator.hooks.registry import Moment

ROOT = Path(pbx_simulator.__file__).parent
MOMENTS = {name: value for name, value in vars(registry).items() if isinstance(value, Moment)}


def test_no_folder_has_more_than_25_files_and_no_file_more_than_450_lines() -> None:
    folders = [ROOT, *(path for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__")]
    assert len(folders) > 5
    for folder in folders:
        assert len([path for path in folder.iterdir() if path.is_file()]) <= 25, folder.name
        for path in folder.glob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 450, path.name


def test_every_hook_is_for_a_set_that_there_is() -> None:
    registry.deleting.of("Users")
    routes = SimulatedPbx("empty")._store.routes
    known = routes.sets.keys() | routes.singletons.keys()
    assert len(MOMENTS) == 9
    for name, moment in MOMENTS.items():
        assert moment._hooks, name
        assert moment._hooks.keys() <= known, name


def test_a_set_has_one_hook_of_a_kind() -> None:
    moment: Moment[Callable[[], None]] = Moment()
    moment("Users")(test_a_set_has_one_hook_of_a_kind)
    with pytest.raises(ValueError, match="Users has two hooks of one kind"):
        moment("Users")(test_every_hook_is_for_a_set_that_there_is)


def test_checks_ask_no_set_by_its_name() -> None:
    asked = re.compile(r'^\s*(?:el)?if name (?:==|in) \(?"[A-Z]')
    lines = [line for path in (ROOT / "checks").glob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) > 500
    assert [line for line in lines if asked.match(line)] == []
