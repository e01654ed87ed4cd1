"""python -m docs.tools.screenshots: take the pictures of the documentation again, with a simulated PBX and Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.tools.staging import DOCS
from openapi.codegen.errors import CodegenError, one_clear_line
from pbx_simulator import AS_SEEN, SimulatedPbx

FOLDER = DOCS / "_static" / "screenshots"
#: The pictures show the address of the simulated PBX.
_PORT = 8090
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@one_clear_line
def main() -> None:
    """Write all pictures into docs/_static/screenshots."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise CodegenError(f"No browser was found. Install one of {', '.join(_BROWSERS)}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, SimulatedPbx(traits=AS_SEEN, port=_PORT) as pbx:
        place = Path(home)
        _drift(place, pbx)
        _picture(browser, place / "drift.html", "drift", 1000, 370)


def _drift(place: Path, pbx: SimulatedPbx) -> None:
    """Write drift.html: one user was renamed, one has another mobile number, and a queue rings longer."""
    _threecx(place, pbx, "export", "acme", "--include", "users", "--include", "queues", "--include", "groups")
    users = {user["Number"]: user for user in pbx.entities("Users")}
    queues = {queue["Number"]: queue for queue in pbx.entities("Queues")}
    pbx.put("Users", {**users["100"], "FirstName": "Adele"})
    pbx.put("Users", {**users["201"], "Mobile": "+15550199"})
    pbx.put("Queues", {**queues["800"], "RingTimeout": 45})
    _threecx(place, pbx, "drift", "acme", "--html", "drift.html")


def _threecx(place: Path, pbx: SimulatedPbx, *arguments: str) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(place),
        "THREECX_HOST": pbx.url,
        "THREECX_CLIENT_ID": pbx.client_id,
        "THREECX_CLIENT_SECRET": pbx.client_secret,
    }
    done = subprocess.run(
        ["threecx", *arguments], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 2):
        raise CodegenError(f"threecx {arguments[0]} failed: {done.stderr}")


def _picture(browser: str, page: Path, name: str, width: int, height: int) -> None:
    """Take a picture of a page.

    Parameters:
        browser: path of the program
        page: the file to show
        name: of the picture
        width, height: of the window, in pixels
    """
    picture = FOLDER / f"{name}.png"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}"]
    subprocess.run(
        [browser, *options, f"--user-data-dir={page.parent / 'browser'}", f"--screenshot={picture}", page.as_uri()],
        capture_output=True,
        check=False,
        timeout=120,
    )
    if not picture.is_file():
        raise CodegenError(f"{browser} took no picture of {page.name}.")
    sys.stdout.write(f"{picture.relative_to(DOCS.parent)}: {picture.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
