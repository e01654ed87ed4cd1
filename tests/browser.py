"""Pages in a real browser: a script in the page looks at it and reports. Skipped where there is no Chromium."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def reported(page: str, script: str, place: Path, *, width: int, scheme: str) -> Any:
    """The report of a script about a page that has been loaded.

    Parameters:
        page: HTML
        script: body of a function that returns the report; it may wait
        place: directory for the page and the browser's profile
        width: of the window in pixels
        scheme: light or dark
    """
    probe = (
        '<script>addEventListener("load", async () => { const found = await (async () => {'
        + script
        + "})(); document.title = JSON.stringify(found); });</script></body>"
    )
    assert page.count("</body>") == 1
    file = place / "page.html"
    file.write_text(page.replace("</body>", probe), encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom",
            f"--window-size={width},900", f"--user-data-dir={place / 'profile'}",
            "--host-resolver-rules=MAP * 0.0.0.0", f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
            "--virtual-time-budget=5000", file.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None
    return json.loads(unescape(title[1]))
