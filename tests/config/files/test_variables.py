"""Variables: they may refer to each other, and no expression works long or reaches anything."""

from __future__ import annotations

from typing import Any

import pytest

from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import ConfigError


def rendered(variables: str, value: str) -> str:
    """The first name of a user whose file says `value`."""
    users = f"users:\n- {{number: '100', first_name: {value}}}\n"
    (user,) = load_sources([("a.yml", users.encode()), ("vars.yml", variables.encode())]).definitions
    return str(user.values["first_name"])


def problems(variables: str, value: str = "x") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        rendered(variables, value)
    return [str(problem) for problem in caught.value.problems]


def test_variables_refer_to_each_other_in_any_order() -> None:
    variables = "c: '{{ b }}-{{ d.e[0] }}'\nb: '{{ a }}'\na: Acme\nd: {e: ['{{ a|lower }}']}\n"
    assert rendered(variables, "'{{ c }}'") == "Acme-acme"


def test_a_circle_is_one_problem() -> None:
    found = problems("a: '{{ b }}'\nb: {x: ['{{ c }}']}\nc: '{{ a }}'\nd: '{{ a }}'\n")
    assert len(found) == 1
    assert "refer to each other in a circle" in found[0]
    assert found[0].startswith("vars.yml:")
    assert "in a circle: a -> a." in problems("a: '{{ a }}'\n")[0]


def test_a_long_chain_is_no_deep_recursion() -> None:
    chain = "".join(f"v{number}: '{{{{ v{number + 1} }}}}'\n" for number in range(5000)) + "v5000: end\n"
    assert rendered(chain, "'{{ v0 }}'") == "end"


def test_what_is_not_there_is_said_with_the_nearest() -> None:
    assert "There is no variable sit in vars.yml. Did you mean site?" in problems("site: x\n", "'{{ sit }}'")[0]
    assert "'sit' is undefined" in problems("site: x\n", "'{{ sit }} y'")[0]


def test_growth_is_bounded() -> None:
    doubled = "a: xxxxxxxxxx\n" + "".join(
        f"v{n}: '{{{{ {'a' if n == 0 else f'v{n - 1}'} }}}}{{{{ {'a' if n == 0 else f'v{n - 1}'} }}}}'\n"
        for n in range(60)
    )
    assert any("has at most 100000 characters" in one for one in problems(doubled))
    wide = "a: '" + "x" * 90_000 + "'\n"
    assert "at most 100000 characters" in problems(wide, "'" + "{{ a }}" * 200 + "'")[0]


@pytest.mark.parametrize(
    "expression",
    [
        "{{ 'a' * 10**9 }}", "{{ 10**10**10 }}", "{{ '%0999999999d' % 1 }}", "{{ range(10**9) }}", "{{ range }}",
        "{{ a.upper }}", "{{ a.upper() }}", "{{ a.__class__ }}", "{{ a['__class__'] }}", "{{ ''.__class__.mro() }}",
        "{{ a|format(1) }}", "{{ a|center(999999999) }}", "{{ a|attr('__class__') }}", "{{ a|map('upper') }}",
        "{{ [1, 2] }}", "{{ {'a': 1} }}", "{{ a[0:1] }}", "{{ l }}", "{{ none }}", "{{ cycler }}", "{{ lipsum }}",
        "{% for x in l %}{% endfor %}", "{% set x = 1 %}", "{% include 'x' %}", "{% macro m() %}{% endmacro %}",
        "{{ self }}", "{{ loop }}", "{{ a is callable }}", "{{ 1 // 0 }}", "{{ 1 / 0 }}", "{{ a + 1 }}", "{{ -a }}",
        "{{", "{{ a", "{{ }}", "{% %}", "{{ a b }}", "{{ ('9' ~ a)|int + l }}",
        "{{ " + "(" * 900 + "a" + ")" * 900 + " }}", "{{ " + "not " * 480 + "a }}", "{{ " + "-" * 1900 + "1 }}",
        "{{ " + "a~" * 990 + "a }}" + "x" * 100,
    ],
)  # fmt: skip
def test_no_expression_reaches_or_costs_anything(expression: str) -> None:
    found = problems("a: x\nl: [y]\n", '"' + expression.replace('"', "'") + '"')
    assert len(found) == 1, found
    assert found[0].startswith("a.yml:2:")
    assert len(found[0]) < 400
    assert "0x" not in found[0]
    assert not found[0].endswith("..")


def test_only_expressions_are_rendered() -> None:
    assert rendered("a: '!!'\n", "!!str '{{ a }}'") == "{{ a }}"
    assert rendered("a: !!str '{{ b }}'\n", "'{{ a }}'") == "{{ b }}"
    assert rendered("a: 0123\n", "'{{ a }}'") == "0123"


def mobile(variables: str, value: str) -> Any:
    """The mobile number of a user whose file says `value`."""
    users = f"users:\n- {{number: '100', mobile: {value}}}\n"
    (user,) = load_sources([("a.yml", users.encode()), ("vars.yml", variables.encode())]).definitions
    return user.values["mobile"]


@pytest.mark.parametrize("null", ["", "~", "null", "NULL", "'{{ other }}'"])
@pytest.mark.parametrize("value", ["'{{ m }}'", '"{{ s.m }}"', "'{{ m if m is defined else m }}'", "'{{ l[0] }}'"])
def test_a_variable_may_be_null(null: str, value: str) -> None:
    variables = f"m: {null}\ns: {{m: {null}}}\nl: [{null or '~'}]\nother:\n"
    assert mobile(variables, value) is None
    assert mobile(variables.replace("m:", "m: '+49'  #", 1), "'{{ m }}'") == "+49"


def test_a_text_with_a_variable_that_is_null_is_refused() -> None:
    assert "a.yml:2:31: An expression is null." in problems("m:\n", "'x{{ m }}'")[0]
    assert rendered("m:\n", "'{{ m|default(\"x\", true) }}'") == "x"
    assert rendered("m: ''\n", "'x{{ m }}'") == "x"
    assert mobile("m: 'null'\n", "'{{ m }}'") == "null"


@pytest.mark.parametrize("name", ["items", "keys", "get", "copy"])
def test_a_value_may_be_called_like_a_method(name: str) -> None:
    assert rendered(f"d: {{{name}: x}}\n", f"'{{{{ d.{name} }}}}'") == "x"
    assert problems("d: {}\n", f"'{{{{ d.{name} }}}}'")


def test_an_expression_without_quotes_is_told_from_other_keys() -> None:
    assert problems("m: x\n", "{{ m }}") == [
        "a.yml:2:32: A key is a name, not a structure or a list. Put an expression in quotes."
    ]


def test_an_expression_without_a_value_is_one_problem() -> None:
    with pytest.raises(ConfigError) as caught:
        load_sources([("a.yml", b"users: [{number: '{{ n }}'}]\n")])
    assert [str(one) for one in caught.value.problems] == ["a.yml:1:18: There is no variable n in vars.yml."]


def test_a_file_of_variables_is_a_structure_of_them() -> None:
    assert problems("- a\n", "x") == ["vars.yml:1:1: A file is a structure whose keys are the names of variables."]
