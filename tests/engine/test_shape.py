"""The shape of the engine: small files, few in a folder, one Task instead of parameters that travel, a short way
through.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import FrameType

from pbx_as_code import engine
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import tasks_on

ENGINE = Path(str(engine.__file__)).parent
LONGEST, MOST = 450, 25
#: Files of the engine that a task passes through.
WALKED = 15
#: How often it goes from one file of the library to another.
SWITCHED = 500


def functions() -> Iterator[tuple[str, set[str]]]:
    """Each function of the engine with its parameters."""
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                arguments = node.args
                yield f"{path.name}:{node.name}", {one.arg for one in (*arguments.args, *arguments.kwonlyargs)}


def test_files_are_small_and_few_in_a_folder() -> None:
    files = list(ENGINE.rglob("*.py"))
    assert not [path.name for path in files if len(path.read_text().splitlines()) > LONGEST]
    folders = [sum(path.parent == folder for path in files) for folder in {path.parent for path in files}]
    assert max(folders) <= MOST


def test_a_task_travels_and_not_its_parts() -> None:
    found = list(functions())
    assert not [name for name, taken in found if {"entities", "description"} <= taken]
    # Only at the entry points for Ansible and programs, and in the two readers of options.
    assert len([name for name, taken in found if {"given", "validated"} <= taken]) <= 8
    assert len([name for name, taken in found if "check_mode" in taken]) <= 7


def test_a_change_of_a_user_takes_a_short_way() -> None:
    course: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        there: FrameType | None = frame if event == "call" else frame.f_back if event == "return" else None
        if there is not None and there.f_code.co_filename.startswith(str(ENGINE.parent)):
            course.append(there.f_code.co_filename)

    with SimulatedPbx() as pbx:
        task = tasks_on(pbx)
        assert task("user", number="100", mobile="+15550132")["changed"]  # everything is imported then
        sys.setprofile(note)
        try:
            changed = task("user", number="100", mobile="+15550133")
        finally:
            sys.setprofile(None)
        assert changed["changed"]
    walked = {path for path in course if path.startswith(str(ENGINE))}
    assert len(walked) <= WALKED, sorted(walked)
    assert sum(one != other for one, other in pairwise(course)) <= SWITCHED
