"""References of a clone that nothing in its files resolves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from pbx_as_code.config.checks import doubts_of
from pbx_as_code.config.configuration import Configuration, Doubt, options_in, spelled
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.config.planning.naming import DECLARED_AS, all_names, references

_REQUIRED: Final = {"Peers": "system_extensions", "PromptSets": "prompt_sets", "FxsTemplates": "fxs_templates"}
"""By the entity set of a reference: where files list objects that they cannot create."""


def unresolved(made: Configuration) -> Iterator[str]:
    """References to objects that the target has to have, although the files do not say so.

    Parameters:
        made: the clone
    """
    known = {target: _known(made, target) for target in DECLARED_AS.keys() | _REQUIRED.keys()}
    for one in made.definitions:
        for path, reference, value in references(by_option(one.kind.name), one.values, ()):
            names = known.get(reference.entity_set)
            if names is not None and value not in names:
                place = one.place_of(*path)
                yield f"{place}: {one.title}: {spelled(path)} is {reference.label} {value}, which no file declares."


def _known(made: Configuration, target: str) -> set[str]:
    kinds = DECLARED_AS.get(target, ())
    found = {name for kind in kinds for name in all_names(target, kind, (one.values for one in made.of(kind)))}
    found |= set(made.required.get(_REQUIRED.get(target, ""), ()))
    default = made.pbx.get("default_department")
    return found | ({str(default)} if target == "Groups" and default else set())


def inherited(doubts: Iterable[Doubt], source: Configuration) -> set[str]:
    """Values of a clone that no task could set, at options where its source lists as many.

    Parameters:
        doubts: about the clone
        source: files of the other PBX
    """
    listed = source.pbx.get("undeclared", ())
    there = Counter(_option(one) for one in doubts_of(source) if one.value in listed)
    here: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in doubts:
        here[_option(one)].append(one.value)
    return {value for option, values in here.items() if len(values) <= there[option] for value in values}


def _option(one: Doubt) -> tuple[str, ...]:
    return (one.key[0], *options_in(one.path))
