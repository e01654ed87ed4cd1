"""Installation from built files in an empty environment with an empty home, by the commands of README.md."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

# One worker runs all tests of packages, so that each package is built once.
pytestmark = pytest.mark.xdist_group("packages")

ROOT = Path(__file__).resolve().parents[2]
#: Settings of pip and of the network, which an empty home does not have.
KEPT = re.compile(r"(?i)PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE$|(https?|all|no)_proxy$|LANG$|LC_ALL$")


def blocks() -> list[list[str]]:
    """Commands of the README that this file runs, without their comments."""
    text = (ROOT / "README.md").read_text()
    found = re.findall(
        rf"<!-- run by {re.escape('tests/packaging/test_install.py')} -->\n```console\n(.*?)```", text, re.DOTALL
    )
    return [[re.sub(r"\s{2,}#.*", "", line.removeprefix("$ ")) for line in block.splitlines()] for block in found]


@dataclass(frozen=True)
class User:
    """A new user with an empty environment, an empty home, and the folder where they work."""

    place: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the checkout and of this machine's settings except for the package index."""
        kept = {name: value for name, value in os.environ.items() if KEPT.match(name)}
        path = os.pathsep.join((str(self.place / "venv" / "bin"), os.defpath))
        return {"LC_ALL": "C.UTF-8", **kept, "PATH": path, "HOME": str(self.place / "home"), "PIP_NO_COMPILE": "1"}

    def run(self, command: str, *, fails: bool = False) -> str:
        """Run a command of a shell and return everything it printed."""
        done = subprocess.run(
            ["sh", "-c", command], env=self.environment, cwd=self.place / "work", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert fails or done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout if done.returncode == 0 else ""


@pytest.fixture(scope="session")
def user(built: Path, tmp_path_factory: pytest.TempPathFactory) -> User:
    """A user who has installed the built files as the README says."""
    place = tmp_path_factory.mktemp("user")
    user = User(place)
    for folder in ("home", "work/build"):
        (place / folder).mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True)
    if not user.run("pip --version && pip download --quiet --no-deps --dest ../attrs attrs", fails=True):
        pytest.skip("pip reaches no package index")
    shutil.copytree(built, place / "work" / "build" / "dist")
    building, *installing = blocks()[0]
    assert building == "make build", "which has built these files"
    assert len(installing) == 2
    for command in installing:
        user.run(command)
    return user


def test_everything_is_installed_outside_of_the_checkout(user: User) -> None:
    for package in ("pbx_as_code", "pbx_simulator", "threecx_xapi"):
        home = user.run(f"python -c 'import {package}; print({package}.__file__)'")
        assert home.startswith(str(user.place / "venv"))
    versions = {user.run(command).split()[1] for command in ("threecx --version", "threecx-simulator --version")}
    listed = user.run("ansible-galaxy collection list threecx.xapi")
    assert str(user.place / "home" / ".ansible") in listed
    assert versions == {re.findall(r"^threecx\.xapi +(\S+)", listed, re.MULTILINE)[0]}
    assert "Successfully verified" in user.run("ansible-galaxy collection verify --offline threecx.xapi -v")


def test_an_export_and_a_playbook_work_as_the_readme_says(user: User) -> None:
    simulator, settings, *commands = blocks()[1]
    assert simulator == "threecx-simulator --port 8443 &"
    assert [command.split()[0] for command in commands] == ["threecx", "ansible-playbook"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    running = subprocess.Popen(
        simulator.removesuffix(" &").replace("8443", port).split(), env=user.environment, cwd=user.place / "work",
        executable=user.place / "venv" / "bin" / "threecx-simulator", stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert running.stdout is not None
        announced = running.stdout.readline()
        for name, value in re.findall(r"(\w+)=(\S+)", settings.replace("8443", port)):
            assert value in announced, f"the README sets {name} to something else than the simulator prints"
        printed = [user.run(f"{settings.replace('8443', port)}\n{command}") for command in commands]
    finally:
        running.terminate()
        running.wait()
    assert (user.place / "work" / "simulated" / "departments").is_dir()
    assert "failed=0" in printed[1]
    assert "<html" in (user.place / "work" / "audit.html").read_text()
