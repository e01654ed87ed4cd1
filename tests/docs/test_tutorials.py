"""Every command of every tutorial does what its page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx_simulator import AS_SEEN, SimulatedPbx
from tests.docs.pages import DOCS, Command, steps
from tests.docs.reader import EXAMPLE, Reader, _first_missing

#: Pages with sessions: the tutorials, and guides of commands.
PAGES = sorted(
    path.relative_to(DOCS).as_posix() for folder in ("tutorials", "command") for path in (DOCS / folder).glob("*.md")
)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_can_be_followed(page: str, tmp_path: Path) -> None:
    with Reader(tmp_path) as reader:
        todo = steps(page)
        if not any(isinstance(step, Command) and step.text.startswith("threecx-simulator") for step in todo):
            reader.start(EXAMPLE, SimulatedPbx(traits=AS_SEEN))
        for step in todo:
            reader.follow(step)


def test_an_output_that_differs_is_noticed() -> None:
    assert _first_missing("a\nc", "a\nb\nc") is None
    assert _first_missing("c\na", "a\nb\nc") == "a"
    assert _first_missing("1 of ... done", "1 of 7 done") is None
    assert _first_missing("1 of ... done", "1 of 7") == "1 of ... done"
