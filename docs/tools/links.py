"""Checks the links of the finished site."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_HREF = re.compile(r'<(?:a|link|img|script)\b[^>]*?\b(?:href|src)="([^"]+)"')
_ID = re.compile(r'\b(?:id|name)="([^"]+)"')
#: Hosts that a page may name: of examples, and of people to read on. Nothing is loaded from them.
_LOADED = re.compile(r'<(?:link\b[^>]*?\bhref|(?:img|script|iframe)\b[^>]*?\bsrc)="(https?:)?//[^"]+"')


def broken(html: Path) -> list[str]:
    """Return a sentence for each link of the site that leads to no page or no place on a page, and for each file that a
    page would load from elsewhere.

    Parameters:
        html: folder of the finished site
    """
    pages = {path: path.read_text() for path in html.rglob("*.html") if "_static" not in path.parts}
    places = {path: set(_ID.findall(text)) for path, text in pages.items()}
    found = []
    for path, text in pages.items():
        name = path.relative_to(html)
        for target in sorted(set(_HREF.findall(text))):
            parts = urlsplit(target.replace("&amp;", "&"))
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not file.is_file():
                found.append(f"{name}: {target}: there is no such file")
            elif parts.fragment and file in places and unquote(parts.fragment) not in places[file]:
                found.append(f"{name}: {target}: the page has no such place")
        found += [f"{name}: loads {loaded[0]}" for loaded in _LOADED.finditer(text)]
    return found
