"""Changes of a clone, and work that it leaves to people, as text and JSON. None of it holds a credential."""

from __future__ import annotations

from typing import Any

from pbx_as_code.cloning.clone import Clone


def as_text(made: Clone) -> str:
    """For a terminal: ! the target must have it, ? unresolved, - left out, * an old number or name in a text.

    Parameters:
        made: the clone
    """
    counts = ", ".join(f"{count} {role}" for role, count in sorted(made.changed.items()))
    lines = [f"Changed values: {counts or 'none'}."]
    for section, names in made.required.items():
        lines.append(f"! The target must have {section}: {', '.join(names)}")
    if made.secrets:
        lines.append(f"! Credentials to provide: {', '.join(sorted(made.secrets.values()))}")
    lines += [f"? {text}" for text in made.unresolved]
    lines += [f"- {title}{f': {option}' if option else ''} is left out: {why}." for title, option, why in made.left_out]
    lines += [f"* {hint}" for hint in made.hints]
    return "\n".join(lines)


def as_json(made: Clone) -> dict[str, Any]:
    """For programs.

    Parameters:
        made: the clone
    """
    return {
        "objects": len(made.configuration.definitions),
        "files": list(made.files),
        "changed": made.changed,
        "required": made.required,
        "secrets": made.secrets,
        "unresolved": made.unresolved,
        "left_out": [{"object": title, "option": option, "why": why} for title, option, why in made.left_out],
        "hints": [
            {
                "place": str(hint.place),
                "object": hint.title,
                "option": hint.option,
                "old": hint.old,
                "new": hint.new,
            }
            for hint in made.hints
        ],
    }
