"""The folder that Sphinx reads: pages written by hand, files of the repository, and generated pages."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from openapi.codegen.document import ROOT

DOCS = ROOT / "docs"
BUILD = ROOT / "build" / "docs"
#: Files of the repository that are pages of the site, and the names of those pages.
INCLUDED = {
    "ansible_collection/README.md": "collection/overview.md",
    "ansible_collection/docs/operations.md": "modules/operations.md",
    "ansible_collection/docs/catalogue.md": "project/catalogue.md",
    "pbx_simulator/TRAITS.md": "simulator/traits.md",
    "pbx_simulator/SEEDS.md": "simulator/seeds.md",
    "pbx_simulator/FAULTS.md": "simulator/faults.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "tests/README.md": "project/tests.md",
}
#: Files of the repository whose links lead to a page that is generated in their place.
_GENERATED = {"ansible_collection/docs/modules.md": "modules/index.md", "README.md": "index.md"}
#: Titles of included files that say too little in a table of contents.
_TITLES = {"ansible_collection/README.md": "Behaviour of all modules"}
#: Folders of docs/ that hold the tools of the site, not its pages.
_NO_PAGES = {"tools", "__pycache__"}
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_CAPTION = re.compile(
    r"^<!-- (?P<kind>file|change): (?P<name>\S+) -->\n```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_CAPTIONS = {"file": "{name}", "change": "Changes of {name}"}


class Stage:
    """The folder with the sources of the site. Files that did not change keep their time, so Sphinx skips them."""

    def __init__(self, folder: Path = BUILD / "source") -> None:
        """Parameters:
        folder: where the sources are laid out; files of an earlier build that are not written again are removed
        """
        self.folder = folder
        self._written: set[Path] = set()

    def write(self, name: str, content: str | bytes) -> None:
        """Write one source file.

        Parameters:
            name: path below the folder
            content: of the file
        """
        path = self.folder / name
        data = content.encode() if isinstance(content, str) else content
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self._written.add(path)

    def pages(self) -> None:
        """Lay out the pages of docs/ and the included files of the repository."""
        for folder, folders, names in os.walk(DOCS):
            folders[:] = sorted(name for name in folders if name not in _NO_PAGES)
            for name in sorted(names):
                path = Path(folder, name)
                page = path.relative_to(DOCS).as_posix()
                if path.suffix == ".md":
                    self.write(page, staged(path.read_text(), f"docs/{page}", page))
                else:
                    self.write(page, path.read_bytes())
        for source, page in INCLUDED.items():
            text = (ROOT / source).read_text()
            if title := _TITLES.get(source):
                text = re.sub(r"^# .*$", f"# {title}", text, count=1, flags=re.MULTILINE)
            self.write(page, staged(text, source, page))

    def close(self) -> None:
        """Remove what an earlier build has left."""
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_file() and path not in self._written:
                path.unlink()


def staged(text: str, source: str, page: str) -> str:
    """Return the text of a Markdown file of the repository as a page of the site.

    Links to files that are pages lead to these pages. Links to other files become their path, because the site does not
    hold them. The comments before the files of a tutorial become captions.

    Parameters:
        text: of the file
        source: its path in the repository
        page: its path on the site
    """

    def link(found: re.Match[str]) -> str:
        target = found["target"]
        if "://" in target or target.startswith("mailto:"):
            return found[0]
        path = os.path.normpath(PurePosixPath(source).parent / target)
        if not (ROOT / path).exists():
            # A page that is generated, which links.broken() checks on the finished site.
            return found[0]
        place = place_of(path)
        if place is None:
            label = found["text"].strip("`")
            return f"`{path}`" if label in path else f"{found['text']} (`{path}`)"
        return f"[{found['text']}]({os.path.relpath(place, PurePosixPath(page).parent)}{found['anchor'] or ''})"

    pieces = re.split(r"(^ *```.*?^ *```$)", text, flags=re.DOTALL | re.MULTILINE)
    text = "".join(piece if index % 2 else _LINK.sub(link, piece) for index, piece in enumerate(pieces))
    return _CAPTION.sub(_captioned, text).replace("```mermaid\n", "```text\n")


def _captioned(found: re.Match[str]) -> str:
    caption = _CAPTIONS[found["kind"]].format(name=found["name"])
    return f"```{{code-block}} {found['language']}\n:caption: {caption}\n\n{found['text']}```"


def place_of(path: str) -> str | None:
    """The page of the site that shows a file of the repository; None if there is none.

    Parameters:
        path: of the file, relative to the root of the repository
    """
    if path in INCLUDED or path in _GENERATED:
        return {**INCLUDED, **_GENERATED}[path]
    if path.startswith("docs/") and path.endswith(".md"):
        return path.removeprefix("docs/")
    return None
