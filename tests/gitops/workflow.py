"""Run the jobs of a workflow as GitHub would: the shell steps as they are written, the few actions it uses by hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / "examples" / "github" / "pbx.yml"
_EXPRESSION = re.compile(r"\$\{\{ ([\w.]+) \}\}")
#: In the place of GitHub's command line: keeps the last comment, and finds artifacts by the commit of their run.
_GH = """\
#!/usr/bin/env bash
set -eu
test -n "$GH_TOKEN"
case "$1 $2" in
  "pr comment") cp "${@: -1}" "$STORE/comment-$3.md" ;;
  "run list") while [ "$1" != --commit ]; do shift; done; if [ -d "$STORE/$2" ]; then echo "$2"; fi ;;
  "run download") cp -r "$STORE/$3/$5" "$7" ;;
  *) exit 64 ;;
esac
"""


def load() -> dict[str, Any]:
    """The workflow; its key `on` is true for YAML 1.1."""
    found: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())
    return found


@dataclass
class GitHub:
    """A repository with its runs.

    Attributes:
        folder: for everything
        context: values of expressions, such as secrets.PBX_CLIENT_ID
        said: output of the last job
    """

    folder: Path
    context: dict[str, str]
    said: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tools = self.folder / "tools"
        tools.mkdir()
        (self.folder / "store").mkdir()
        (tools / "gh").write_text(_GH)
        (tools / "gh").chmod(0o755)
        path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
        person = {
            f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        self.environment = {
            "PATH": path, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), "LC_ALL": "C.UTF-8",
            "STORE": str(self.folder / "store"), "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"), **person,
        }  # fmt: skip
        self.git("init", "--quiet", "--bare", "--initial-branch=main", "origin.git", within=self.folder)

    def git(self, *arguments: str, within: Path) -> str:
        """Run git.

        Parameters:
            arguments: of the command
            within: its directory
        """
        done = subprocess.run(
            ["git", *arguments], cwd=within, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def run(self, job: str, commit: str, head: str = "") -> int:
        """Run a job; returns the exit status of the first step that fails, or 0.

        Parameters:
            job: of the workflow
            commit: that is checked out
            head: commit of the pull request, by which its artifacts are found
        """
        workflow = load()
        place = self.folder / f"{job}-{commit}"
        shutil.rmtree(place, ignore_errors=True)
        context = {**self.context, "github.workflow": workflow["name"], "github.event.pull_request.head.sha": head}
        status, self.said = 0, ""
        for step in workflow["jobs"][job]["steps"]:
            uses = step.get("uses", "").partition("@")[0]
            if status and step.get("if") != "always()":
                continue
            if uses == "actions/checkout":
                self.git("clone", "--quiet", "origin.git", str(place), within=self.folder)
                self.git("checkout", "--quiet", commit, within=place)
            elif uses == "actions/upload-artifact":
                self._upload(step["with"], place, head or commit)
            elif "run" in step and "pip install" not in step["run"]:
                given = {**workflow.get("env", {}), **step.get("env", {})}
                status = status or self.shell(step["run"], place, {k: _filled(v, context) for k, v in given.items()})
        return status

    def _upload(self, options: dict[str, str], place: Path, run: str) -> None:
        there = self.folder / "store" / run / options["name"]
        there.mkdir(parents=True, exist_ok=True)
        for name in options["path"].split():
            shutil.copy(place / name, there / name)

    def shell(self, text: str, place: Path, given: dict[str, str]) -> int:
        """Run a shell step; returns its exit status.

        Parameters:
            text: of the step
            place: the directory in which it runs
            given: its variables
        """
        done = subprocess.run(
            ["bash", "-e", "-c", text], cwd=place, env={**self.environment, **given}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        self.said += done.stdout
        return done.returncode


def _filled(text: str, context: dict[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: context[found[1]], str(text))
