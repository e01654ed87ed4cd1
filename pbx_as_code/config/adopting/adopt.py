"""Adopt the state of a PBX into the files that declare it: edits of their text, verified by reading them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pbx_as_code.config.adopting.edit import Edit
from pbx_as_code.config.adopting.gather import Gathering
from pbx_as_code.config.adopting.intents import Intents
from pbx_as_code.config.adopting.layout import Layout
from pbx_as_code.config.adopting.lists import with_new_order
from pbx_as_code.config.adopting.objects import Objects, overlay_values
from pbx_as_code.config.adopting.outcome import Adoption, Choices, Conflict, Reason, Value
from pbx_as_code.config.adopting.outline import Outline, ShortForm, outline
from pbx_as_code.config.adopting.reread import fresh
from pbx_as_code.config.adopting.undeclared import Rows, may_change, names_after, rows_of
from pbx_as_code.config.adopting.verify import verify
from pbx_as_code.config.configuration import Configuration, identity_of, title_of
from pbx_as_code.config.export import required_names
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.exporting.defaults import without_defaults
from pbx_as_code.config.exporting.emitter import emit
from pbx_as_code.config.exporting.filing import department_of
from pbx_as_code.config.exporting.markers import mark_secrets
from pbx_as_code.config.exporting.sharing import add_texts
from pbx_as_code.config.kinds import DIALLED, KINDS, ConfigKind
from pbx_as_code.config.loader import Layer, loaded
from pbx_as_code.config.nodes import REMOVE, Entries
from pbx_as_code.config.planning.matches import Matches
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.planning.scope import Scope
from pbx_as_code.config.reader import without_collection
from pbx_as_code.config.reporting.report import unsettled_lines
from pbx_as_code.config.secrets import names_in
from pbx_as_code.config.selection import Selection
from pbx_as_code.errors import BadOption
from pbx_as_code.pbx import Pbx

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Wanted:
    """Scope of an adoption, and decisions."""

    choices: Choices = field(default_factory=Choices)
    selection: Selection = field(default_factory=Selection)
    everything: bool = False
    """Also objects and settings that the files do not declare yet."""
    other_pbx: bool = False
    """Even if the files are of another PBX."""
    parallel: int = 4
    own_number: str | None = None
    """Number of the service principal that signs in, which is not part of the configuration."""


def adopt(layers: list[Layer], pbx: Pbx, wanted: Wanted) -> Adoption:
    """Change the text of files such that they declare what a PBX has. Nothing is written, see `store`.

    Parameters:
        layers: as they were read, from the lowest
        pbx: to read; nothing is written to it
        wanted: what to adopt, and decisions about values that are not simply written where they stand

    Raises:
        ConfigError: the files cannot be used, or the changed files would not say what they should
        BadOption: the files are of another PBX, or a pattern of the selection names nothing
        PbxError: the PBX cannot be read
    """
    if wanted.everything and layers[-1].file is not None:
        raise BadOption(
            f"{layers[-1].file} is one file, and objects that it does not declare need a directory. Name a directory, "
            "or leave those objects out.",
            target="src",
        )
    configuration = loaded(layers, strict=False)
    kinds = {kind.name for kind in KINDS.values() if wanted.everything and wanted.selection.reads(kind)}
    named = Scope(configuration, Selection(wanted.selection.named))
    matches = Matches(kinds | named.undeclared_kinds())
    made = plan(configuration, pbx, parallel=wanted.parallel, own_number=wanted.own_number, matches=matches)
    _check_whose(configuration, made, wanted)
    named.check_matched(matches.left, (), made.url)
    unequal = [one.key for one in (*matches.missing, *(one for one, *_ in matches.differing))]
    _select(matches, wanted.selection, everything=wanted.everything)
    required = _required(configuration, matches, pbx, wanted)
    release = made.release if wanted.everything and wanted.selection.everything else None
    adoption = adopt_matches(layers, configuration, matches, wanted.choices, required, release)
    made.uncompared = [one for one in made.uncompared if wanted.selection.reads(KINDS[one.kind])]
    adoption.not_compared = list(unsettled_lines(made))
    rows = {**dict.fromkeys(unequal), **rows_of(matches)}
    if may_change(configuration, rows, adoption):
        with without_collection():
            _list_undeclared(layers, rows, adoption)
    return adoption


def adopt_matches(
    layers: list[Layer],
    configuration: Configuration,
    matches: Matches,
    choices: Choices,
    required: dict[str, list[str]] | None = None,
    release: str | None = None,
) -> Adoption:
    """Adopt what a plan has compared; see adopt.

    Parameters:
        layers: loaded
        configuration: of the layers
        matches: of a plan of the configuration; objects that are left are added to the last layer
        choices: decisions about values that are not simply written where they stand
        required: names to add to the section `required`
        release: of the PBX, for pbx.release where the files say it; None to leave it
    """
    with without_collection():
        return _adopted(layers, configuration, matches, choices, required or {}, release)


def _adopted(
    layers: list[Layer],
    configuration: Configuration,
    matches: Matches,
    choices: Choices,
    required: dict[str, list[str]],
    release: str | None,
) -> Adoption:
    adoption = Adoption()
    names = {name for one in configuration.definitions for name in names_in(one.values)}
    gathering = Gathering(layers[-1].name, choices, names, adoption, configuration.defaults)
    matches.differing = [(one, row, with_new_order(one, compared)) for one, row, compared in matches.differing]
    for definition, _, comparison in matches.differing:
        gathering.take(definition, comparison)
    objects = Objects(layers, gathering)
    gathering.settle_variables(layers, objects.appended)
    gone = [one for one in matches.missing if objects.remove(one)]
    adoption.removed = [one.title for one in gone]
    for (layer, *_), overlay in gathering.overlays.items():
        kind = overlay.definition.kind
        objects.add(layer, kind, overlay_values(kind, overlay.definition, overlay.tree), overlay.values[0])
    titles = {one.title for one in configuration.definitions} if matches.left else set()
    for kind, row in sorted(matches.left, key=lambda one: list(KINDS).index(one[0].name)):
        _add(objects, configuration, kind, declared(kind, row), names, titles, adoption)
    objects.require(required)
    if release and configuration.pbx.get("release") not in (None, release):
        objects.set_release(release)
    short = _edit(layers, gathering, objects, adoption)
    if adoption.files:
        verify(layers, configuration, matches, adoption, short)
    return adoption


def _list_undeclared(layers: list[Layer], rows: Rows, adoption: Adoption) -> None:
    """List names that dangle on the PBX itself in pbx.undeclared."""
    changed = [fresh(layer, adoption) for layer in layers]
    after = loaded(changed, strict=False)
    before = list(after.pbx.get("undeclared", ()))
    names = names_after(before, after, rows)
    if names != before:
        made = Adoption()
        gathering = Gathering(layers[-1].name, Choices(), set(), made, {})
        objects = Objects(changed, gathering)
        objects.set_undeclared(before, names)
        _edit(changed, gathering, objects, made)
        adoption.adopted += made.adopted
        adoption.conflicts += made.conflicts
        for path, (old, new) in made.files.items():
            adoption.files[path] = (adoption.files.get(path, (old,))[0], new)


def _check_whose(configuration: Configuration, made: Plan, wanted: Wanted) -> None:
    made_for = configuration.pbx.get("identity")
    if made_for and made_for != made.identity and not wanted.other_pbx:
        raise BadOption(
            f"These files are of the PBX {made_for}, and {made.url} is {made.identity}. Nothing was written. To adopt "
            "its state all the same, give --other-pbx, or change pbx.identity in the files.",
            target="pbx",
        )


def _select(matches: Matches, selection: Selection, *, everything: bool) -> None:
    """Forget what was not chosen."""

    def chosen(kind: ConfigKind, values: Mapping[str, Any]) -> bool:
        return selection.chooses(kind, identity_of(kind, values), department_of(kind, values))

    matches.differing = [one for one in matches.differing if chosen(one[0].kind, one[1])]
    matches.missing = [one for one in matches.missing if chosen(one.kind, one.values)]
    matches.left = [one for one in matches.left if everything and chosen(*one)]


def _required(configuration: Configuration, matches: Matches, pbx: Pbx, wanted: Wanted) -> dict[str, list[str]]:
    """Names in adopted values of objects that files cannot create, and that the files do not require yet."""
    values = [*(dict(one.actual) for _, _, one in matches.differing), *(row for _, row in matches.left)]
    if not values or not (configuration.required or configuration.complete or wanted.everything):
        return {}
    own = {str(one.values["number"]) for kind in DIALLED for one in configuration.of(kind) if one.values.get("number")}
    own |= {str(row["number"]) for kind, row in matches.left if kind.name in DIALLED and row.get("number")}
    known = {name for names in configuration.required.values() for name in names}
    used: set[str] = set()
    add_texts(values, used)
    return required_names(pbx, wanted.parallel, {}, used - own - known)


def _add(
    objects: Objects,
    configuration: Configuration,
    kind: ConfigKind,
    values: dict[str, Any],
    names: set[str],
    titles: set[str],
    adoption: Adoption,
) -> None:
    """Add an object that the files do not declare, without the values that its defaults add."""
    title = title_of(kind, identity_of(kind, values))
    if not kind.twins and title in titles:
        adoption.conflicts.append(Conflict(Value(kind.name, title, "", None, "on the PBX", None), Reason.SECOND))
        return
    titles.add(title)
    mark_secrets(kind, values, names)
    block = configuration.defaults.get(kind.name)
    defaults, of_items = ({}, {}) if block is None else (block.values, block.items)
    adoption.added.append(title)
    own = {option: values.get(option) for option in kind.identity} | without_defaults(values, defaults | of_items)
    own |= {option: {REMOVE: True} for option in defaults if option not in values}
    objects.add(objects.last, kind, own, Value(kind.name, title, "", None, "on the PBX", None))


def _edit(layers: list[Layer], gathering: Gathering, objects: Objects, adoption: Adoption) -> dict[Path, ShortForm]:
    """Edit the files; returns the short forms of those that need not be parsed as a whole."""
    short = {}
    for layer in layers:
        contents = dict(layer.sources)
        for key in dict.fromkeys([*gathering.intents, *objects.appended]):
            if key[0] == layer.name:
                path, before = layer.base / key[1], contents.get(key[1])
                file = _File(layer.roots.get(key[1]), gathering.intents.get(key, Intents()), objects.appended.get(key))
                after, form = file.edited(before, adoption)
                if after != before:
                    adoption.files[path] = (before, after)
                    if form is not None:
                        short[path] = form
    return short


@dataclass
class _File:
    """Edits of one file."""

    root: Entries | None
    intents: Intents
    appended: dict[str, Any] | None

    def edited(self, before: bytes | None, adoption: Adoption) -> tuple[bytes, ShortForm | None]:
        """The content after the edits, and its short form if there is one."""
        if before is None:
            return emit(self.appended or {}).encode(), None
        text = before.decode("utf-8-sig")
        wanted = set(self.intents.wanted())
        left = Outline()
        if self.root is not None and not self.intents.changes_objects(self.root):
            left = outline(text, self.root, (line for line, _ in wanted))
        layout = Layout(text, wanted, left.stubs)
        edit = Edit(layout)

        def failed(value: Value, why: str) -> None:
            adoption.adopted = [one for one in adoption.adopted if one != value]
            adoption.added = [one for one in adoption.added if value.option or one != value.title]
            adoption.removed = [one for one in adoption.removed if value.option or one != value.title]
            adoption.conflicts.append(Conflict(value, Reason.TEXT, why))

        self.intents.perform(edit, layout, failed)
        if self.appended:
            edit.append_section(emit(self.appended))
        after = (_BOM if before.startswith(_BOM) else b"") + edit.splices.applied(text).encode()
        return after, left.after(text, edit.splices)
