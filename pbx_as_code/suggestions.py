"""Names that a misspelt one may mean, and what exists in the place of something that does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_MOST = 3
"""Names that are suggested."""
_SHOWN = 10
"""Names that are listed besides."""
_CLOSE = 0.6
_CONTAINED = 0.75
"""How close a name is that begins with what was given, or contains it."""
_OF_A_WORD = 0.8
"""Weight of one word of a name that is like what was given."""
_TELLING = 3
"""Letters from which on a part of a name suggests it."""


def nearest_names(name: str, known: Iterable[str], most: int = _MOST) -> list[str]:
    """The known names that a misspelt one may mean, the nearest first; empty where none is close.

    Parameters:
        name: as it was given
        known: the names that exist
        most: names to return
    """
    import difflib  # no task that succeeds needs it

    given = name.casefold()
    matcher = difflib.SequenceMatcher(None, "", given)

    def closeness(text: str) -> float:
        matcher.set_seq1(text)
        if matcher.real_quick_ratio() < _CLOSE or matcher.quick_ratio() < _CLOSE:
            return 0.0
        return matcher.ratio()

    found: list[tuple[float, str]] = []
    for one in sorted(set(known)):
        text = one.casefold()
        score = closeness(text)
        if len(given) >= _TELLING:
            words = text.split() if " " in text else ()
            score = max(score, _CONTAINED if given in text else 0.0, *(_OF_A_WORD * closeness(word) for word in words))
        if score >= _CLOSE:
            found.append((-score, one))
    return [one for _, one in sorted(found)[:most]]


def either(names: Iterable[str]) -> str:
    """Names as in: a, b or c."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence: the nearest names as a question, or a full stop.

    Parameters:
        name: as it was given
        known: the names that exist
    """
    near = nearest_names(name, known)
    return f"; did you mean {either(near)}?" if near else "."


def existing(
    name: str, known: Iterable[str] | Mapping[str, str], lister: str | None = None, *, more: bool = False
) -> str:
    """The end of a sentence that says what exists, the nearest names first.

    Parameters:
        name: as it was given
        known: the names that exist, or some of them; a mapping says how each one is shown
        lister: what lists all of them, such as threecx_prompt_set_info
        more: whether there are others than those of `known`
    """
    shown_as = known if isinstance(known, Mapping) else {one: one for one in known}
    close = nearest_names(name, [one for one in shown_as if one], len(shown_as))
    near = list(dict.fromkeys(shown_as[one] for one in close))[:_MOST]
    others = sorted({shown for one, shown in shown_as.items() if one and shown not in near})
    shown = others[:_SHOWN]
    left = len(others) - len(shown)
    rest = f" and {left} more" if left and not more else " and others" if more or left else ""
    where = f" ({lister} lists them)" if lister and rest else ""
    listed = f"{', '.join(shown)}{rest}{where}." if shown else ""
    if near:
        return f"; did you mean {either(near)}?{f' There are also {listed}' if listed else ''}"
    return f"; there are {listed}" if listed else "." if more else "; there are none."


def unsupported_options(spec: Mapping[str, Mapping[str, object]], given: Mapping[str, object]) -> str | None:
    """Return the unknown options as a message that begins with their names; None if all are known.

    Parameters:
        spec: the options, as AnsibleModule takes them
        given: the options as they were written
    """
    found = list(_unknown(spec, given, ""))
    if not found:
        return None
    hints = []
    for path, known in found:
        near = nearest_names(path.rpartition(".")[2], known)
        hints.append((path, near, known))
    names = ", ".join(path for path, _, _ in hints)
    lone = len(hints) == 1
    said = [f"{'' if lone else f'{path}: '}did you mean {either(near)}?" for path, near, _ in hints if near]
    said += [f"{'' if lone else f'{path}: '}there are {', '.join(known)}." for path, near, known in hints if not near]
    return f"{names}. {' '.join(one[:1].upper() + one[1:] if lone else one for one in said)} Nothing was sent."


def _unknown(
    spec: Mapping[str, Mapping[str, object]], given: Mapping[str, object], within: str
) -> Iterable[tuple[str, list[str]]]:
    """The path of each unknown option, with the names that are known in its place."""
    names: dict[str, str] = {}
    for name, option in spec.items():
        aliases = option.get("aliases")
        names |= {name: name, **dict.fromkeys(aliases if isinstance(aliases, list | tuple) else (), name)}
    for name, value in given.items():
        if name not in names:
            yield f"{within}{name}", sorted(spec)
            continue
        fields = spec[names[name]].get("options")
        if not isinstance(fields, Mapping) or not fields:
            continue
        seen: set[str] = set()  # the same mistake in a hundred items is one
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                for path, known in _unknown(fields, item, f"{within}{name}."):
                    if path not in seen:
                        seen.add(path)
                        yield path, known
