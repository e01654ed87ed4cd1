"""A part of a configuration: kinds, departments and names."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from unicodedata import normalize

from pbx_as_code.config.configuration import name_of
from pbx_as_code.config.kinds import SECTIONS, ConfigKind
from pbx_as_code.config.spelling import unknown
from pbx_as_code.errors import BadOption


@dataclass(frozen=True)
class Selection:
    """Selection by patterns: KIND, KIND:NAME or department:NAME; * and ? stand for characters of a name."""

    include: tuple[str, ...] = ()
    """Something is chosen if one of them fits, or if there is none."""
    exclude: tuple[str, ...] = ()
    """Nothing is chosen that one of these fits."""

    def __post_init__(self) -> None:
        for pattern in (*self.include, *self.exclude):
            what = pattern.partition(":")[0]
            if what != "department" and what not in SECTIONS:
                raise BadOption(unknown("kind", what, [*SECTIONS, "department"]), target=what)

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.include and not self.exclude

    @property
    def named(self) -> tuple[str, ...]:
        """Patterns of `include` that name objects, and not just a kind, of which there may be none."""
        return tuple(pattern for pattern in self.include if ":" in pattern)

    def __str__(self) -> str:
        return " ".join([*(f"--include {one}" for one in self.include), *(f"--exclude {one}" for one in self.exclude)])

    def reads(self, kind: ConfigKind) -> bool:
        """Whether any object of a kind may be chosen."""
        if any(pattern == kind.section for pattern in self.exclude):
            return False
        parts = [pattern.partition(":")[0] for pattern in self.include]
        filed = bool(kind.department) or kind.name == "group"
        return not parts or kind.section in parts or ("department" in parts and filed)

    def chooses(self, kind: ConfigKind, identity: tuple[object, ...], department: str | None) -> bool:
        """Whether one object is chosen."""
        fits = [_fits(pattern, kind, identity, department) for pattern in self.include]
        if fits and not any(fits):
            return False
        return not any(_fits(pattern, kind, identity, department) for pattern in self.exclude)


def _fits(pattern: str, kind: ConfigKind, identity: tuple[object, ...], department: str | None) -> bool:
    what, colon, name = pattern.partition(":")
    if what == "department":
        return department is not None and like(department, name)
    if what != kind.section:
        return False
    if not colon:
        return True
    return like(name_of(kind, identity), name)


def like(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern, in which * and ? stand for characters and nothing else does.

    Different encodings of one text are equal: files from macOS may have umlauts as two characters.

    Parameters:
        name: of an object; names may contain brackets
        pattern: such as Sales*
    """
    return fnmatchcase(normalize("NFC", name), normalize("NFC", pattern).replace("[", "[[]"))
