"""Find sentences that a reader has to read twice, by the patterns of the project's style guide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.style.texts import texts

#: Patterns and the remedy to report. Questions are exempt: a form may ask "What did you run?".
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"^(What|Whatever|Who|Whoever|Whom|Whose|(By|With|Of|From|In|For) what|By whom)\b"),
        "begin with a noun phrase or an imperative",
    ),
    (re.compile(r"^Where\b[^,]*$"), "begin with the noun: the place, folder or destination"),
    (re.compile(r"^(It|They|That|This|These) (is|are) what\b"), "name the noun instead of the pronoun"),
    (re.compile(r"\banew\b"), "write 'again'"),
    (re.compile(r"\bbeside (it|them|that)\b"), "say where: next to, in addition to, in the same folder"),
    (re.compile(r"\bof (its|their) own\b"), "write 'its own', 'separate' or 'another'"),
    (re.compile(r"\ball is well\b"), "say what happens"),
    (re.compile(r"\blets? go of\b"), "write 'release' or 'delete'"),
    (re.compile(r"\bmany-th\b"), "write 'n-th'"),
    (re.compile(r"\bin disguise\b"), "say what it is"),
)


@dataclass(frozen=True)
class Riddle:
    """A sentence to rewrite."""

    path: str
    line: int
    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.remedy}: {self.sentence}"


def riddles(path: Path, content: str) -> Iterator[Riddle]:
    """Yield the riddles in a file's prose, each once.

    Args:
        path: Name of the file, which tells its kind.
        content: Text of the file.
    """
    seen: set[str] = set()
    for text in texts(path, content):
        for sentence in text.sentences():
            if sentence in seen or sentence.endswith("?"):
                continue
            for pattern, remedy in PATTERNS:
                if pattern.search(sentence):
                    seen.add(sentence)
                    yield Riddle(str(path), text.line, sentence, remedy)
                    break
