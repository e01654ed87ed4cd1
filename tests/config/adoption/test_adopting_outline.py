"""Adoption parses the objects that it edits and no others, and does the same as with the whole text."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from pbx_as_code.config import reader
from pbx_as_code.config.adopting import adopt, edit, layout
from pbx_as_code.config.adopting.outcome import Adoption
from pbx_as_code.config.adopting.outline import Outline, outline
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.reader import events_of
from tests.config.adopting import adopted, content
from tests.config.adoption.test_adopting_formats import random_drift

_USERS = "".join(f"# user {n}\n- number: '{n}'\n  mobile: '+1{n}'\n  first_name: First\n" for n in range(100, 200))


def _both_ways(actual: str, *texts: Any, **choices: str) -> tuple[Adoption, list[Outline]]:
    """Adopt with short forms and with whole texts, which has to be the same; returns the short forms too."""
    made: list[Outline] = []

    def noted(*given: Any) -> Outline:
        made.append(outline(*given))
        return made[-1]

    def result(how: Any) -> Adoption | str:
        with mock.patch.object(adopt, "outline", how):
            try:
                return adopted(actual, *texts, **choices)  # type: ignore[arg-type]
            except ConfigError as error:
                return str(error)

    short, whole = result(noted), result(lambda *_: Outline())
    assert short == whole
    assert isinstance(short, Adoption)
    return short, made


def test_random_files_are_adopted_as_if_they_were_parsed_as_a_whole() -> None:
    stubs = 0
    for seed in range(1000, 1080):
        drift = random_drift(seed)
        stubs += sum(len(one.stubs) for one in _both_ways(drift.actual, drift.files)[1])
    assert stubs > 50


def test_objects_that_stay_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def noted(text: str) -> Any:
        parsed.append(text)
        return events_of(text)

    text = "---\nusers:\n" + _USERS
    with monkeypatch.context() as patch:
        patch.setattr(layout, "events_of", noted)
        patch.setattr(reader, "events_of", noted)
        made = adopted("users: [{number: '150', mobile: '+2'}]", {"x.yml": text.encode()})
    assert [value.option for value in made.adopted] == ["mobile"]
    assert content(made) == text.replace("'+1150'", '"+2"')
    before, _, first, again = map(len, parsed)
    assert before == len(text)
    assert first < len(text) / 4
    assert again < len(text) / 4
    assert any("'150'" in one and "'151'" not in one for one in parsed)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_last_object_and_a_new_section(newline: str) -> None:
    text = f"users:\n{_USERS}queues:\n- number: '800'\n  name: A\n- number: '801'".replace("\n", newline)
    actual = "users: [{number: '199', mobile: '+2'}]\nqueues: [{number: '800', name: B}]\nfaxes: [{number: '700'}]"
    made, short = _both_ways(actual, {"x.yml": text.encode()})
    assert len(short[0].stubs) == 100
    assert made.added == ["fax 700"]
    assert content(made).startswith(text.replace("'+1199'", '"+2"').replace("name: A", "name: B"))


def test_lines_like_dashes_in_a_text_are_not_taken_for_objects() -> None:
    trap = '- number: "300"\n  first_name: "a\n\n- number: b"\n  mobile: "+1300"\n'
    made, short = _both_ways(
        "users: [{number: '300', mobile: '+2'}]", f"users:\n{_USERS}{trap}", "pbx: {}", shared="change"
    )
    assert short == [Outline()]
    assert '- number: b"\n  mobile: "+2"' in content(made).replace("'", '"')


def test_dashes_of_an_inner_list_are_not_taken_for_objects() -> None:
    """The column of a list with a tag is that of the tag, where the dashes of another list may be."""
    upper = "users: !replace\n" + "".join(
        f"- number: '{n}'\n  mobile: '+1'\n  groups:\n       - group: A\n" for n in (1, 2, 3)
    )
    made, short = _both_ways("users: [{number: '2', mobile: '+2'}]", "users: []", upper)
    assert short == [Outline()]
    assert content(made, "b/x.yml") == upper.replace("'2'\n  mobile: '+1'", "'2'\n  mobile: \"+2\"")


@pytest.mark.parametrize("also", ["- {number: '90', mobile: &a '+1'}\n", "- {number: '90', mobile: '+1'}\n...\n"])
def test_references_and_the_end_of_the_document_need_the_whole_text(also: str) -> None:
    _, short = _both_ways("users: [{number: '150', mobile: '+2'}]", {"x.yml": f"users:\n{_USERS}{also}".encode()})
    assert short == [Outline()]


@pytest.mark.parametrize("line_break", ["\r", "\x85", "\u2028", "\u2029"])
def test_breaks_that_only_the_parser_counts_need_the_whole_text(line_break: str) -> None:
    text = f"# a{line_break}# b\nusers:\n{_USERS}"
    made, short = _both_ways("users: [{number: '150', mobile: '+2'}]", {"x.yml": text.encode()})
    assert short == [Outline()]
    assert content(made) == text.replace("'+1150'", '"+2"')


def test_objects_that_come_and_go_need_the_whole_text() -> None:
    actual = "users: [{number: '150', mobile: '+2'}, {number: '300', mobile: '+3'}]"
    made, short = _both_ways(actual, {"x.yml": f"users:\n{_USERS}".encode()}, missing="remove")
    assert short == []
    assert len(made.removed) == 99


def test_an_edit_that_breaks_the_file_is_shown_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("'", "[1]"):
        monkeypatch.setattr(edit, "scalar_text", lambda _, wrong=wrong: wrong)
        with pytest.raises(ConfigError) as error:
            adopted("users: [{number: '150', mobile: '+2'}]", {"x.yml": f"users:\n{_USERS}".encode()})
        assert min(problem.place.line for problem in error.value.problems) > 200
