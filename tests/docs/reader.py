"""Follow a tutorial: an empty home folder, simulated PBXs, and every command of the page in its order."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from pbx_as_code.cli.main import main
from pbx_simulator import AS_SEEN, SimulatedPbx
from tests import warm_ansible
from tests.docs.pages import Change, Command, NewFile, Step

ROOT = Path(__file__).resolve().parents[2]
#: The first PBX of a tutorial, if the page starts none itself.
EXAMPLE = "https://pbx.example.com"
_SHELL = re.compile(r"[|&;<>*?$`]")
_FAILS = re.compile(r"^(Error|error|fatal|ERROR)\b|: error:|FAILED!", re.MULTILINE)


class Reader:
    """Follows the steps of one page; `with Reader(folder) as reader` ends the simulated PBXs."""

    def __init__(self, home: Path) -> None:
        """Parameters:
        home: an empty folder, home and working folder of all commands
        """
        self.home = self.folder = home
        self.pbxs: dict[str, SimulatedPbx] = {}
        self._open = ExitStack()
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(home),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
            "GIT_AUTHOR_NAME": "Reader",
            "GIT_AUTHOR_EMAIL": "reader@example.com",
            "GIT_COMMITTER_NAME": "Reader",
            "GIT_COMMITTER_EMAIL": "reader@example.com",
        }

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def start(self, url: str, pbx: SimulatedPbx) -> SimulatedPbx:
        """Let a simulated PBX answer at the address that the page names.

        Parameters:
            url: of the page
            pbx: not yet started
        """
        self.pbxs[url] = self._open.enter_context(pbx)
        return pbx

    def follow(self, step: Step) -> None:
        """Do what a step says, and compare.

        Raises:
            AssertionError: the command ended otherwise, or its output is not the one of the page
        """
        if isinstance(step, NewFile):
            path = self.folder / step.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._real(step.text))
        elif isinstance(step, Change):
            path = self.folder / step.name
            text = path.read_text()
            assert text.count(step.before) == 1, f"line {step.line}: {step.name} has these lines once:\n{step.before}"
            path.write_text(text.replace(step.before, step.after))
        else:
            self._run(step)

    def _run(self, command: Command) -> None:
        status, said = self._status_and_output(command.text)
        said = self._shown(said)
        shown = "\n".join(command.shown)
        where = f"line {command.line}: $ {command.text}\nended with {status} and printed:\n{said}"
        if _FAILS.search(shown):
            assert status != 0, f"{where}\nThe page says that it fails."
        else:
            assert status in ((0, 2) if "threecx " in command.text else (0,)), where
        assert (missing := _first_missing(shown, said)) is None, f"{where}\nThe page shows: {missing}"

    def _status_and_output(self, text: str) -> tuple[int, str]:
        words = shlex.split(text, comments=True)
        if not words:
            return 0, ""
        if words[0] == "threecx-simulator":
            self._simulate(words[1:])
            return 0, ""
        if words[0] == "export":
            self.environment |= dict(self._real(word).split("=", 1) for word in words[1:])
            return 0, ""
        if words[0] == "cd":
            self.folder = (self.folder / words[1]).resolve()
            return 0, ""
        real = self._real(text)
        if words[0] == "threecx" and not _SHELL.search(re.sub(r"'[^']*'", "", text)):
            return self._in_process(shlex.split(real, comments=True)[1:])
        at_home = real.replace("$PWD", str(self.folder))
        if words[0] in warm_ansible.PROGRAMS and not _SHELL.search(re.sub(r"'[^']*'", "", at_home)):
            ran = warm_ansible.run(shlex.split(at_home, comments=True), env=self.environment, cwd=self.folder)
            return ran.returncode, ran.stdout + ran.stderr
        done = subprocess.run(
            ["bash", "-c", real], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    def _in_process(self, arguments: list[str]) -> tuple[int, str]:
        before, said, status = Path.cwd(), io.StringIO(), 0
        with mock.patch.dict(os.environ, self.environment, clear=True), redirect_stdout(said), redirect_stderr(said):
            os.chdir(self.folder)
            try:
                with mock.patch("sys.stdin", io.StringIO()):
                    main(arguments)
            except SystemExit as ended:
                status = int(ended.code or 0)
            finally:
                os.chdir(before)
        return status, said.getvalue()

    def _simulate(self, arguments: list[str]) -> None:
        """Start in this process what the page starts with `threecx-simulator ... &`."""
        given = dict(zip(arguments[::2], arguments[1::2], strict=False))
        port, count = int(given.pop("--port", "8443")), int(given.pop("--count", "1"))
        seed, release = given.pop("--seed", None), given.pop("--release", "20.0.10")
        unknown = [name for name in given if name != "&"]
        assert not unknown, f"tests/docs/reader.py does not know {unknown}"
        for number in range(port, port + count):
            path = seed if seed in (None, "empty") else str(self.folder / seed)
            self.start(f"http://127.0.0.1:{number}", SimulatedPbx(path, traits=AS_SEEN, release=release))

    def _real(self, text: str) -> str:
        for url, pbx in self.pbxs.items():
            text = text.replace(url, pbx.url)
        return text

    def _shown(self, text: str) -> str:
        for url, pbx in self.pbxs.items():
            text = text.replace(pbx.url, url)
        return text.replace(str(self.home), "~")


def _first_missing(shown: str, said: str) -> str | None:
    """The first line of the page that the output lacks, in the order of the page; None if all are there.

    Three dots stand for any text within a line, and a line of three dots for any lines.
    """
    lines = iter([line.rstrip() for line in said.splitlines()])
    for wanted in shown.splitlines():
        if wanted.strip() in ("", "..."):
            continue
        pattern = re.compile(r".*".join(re.escape(part) for part in wanted.rstrip().split("...")))
        if not any(pattern.fullmatch(line) for line in lines):
            return wanted
    return None
