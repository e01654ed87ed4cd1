"""Runs the collection's clean-up playbook against a simulated PBX, and says what each step shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from pbx_simulator import SimulatedPbx

ROOT = Path(__file__).resolve().parents[2]
UNNEEDED = {
    "firmwares": ["yealink-t46s-66.86.0.15"],
    "phone_logos": ["old-logo.png"],
    "fxs_gateways": ["00:11:22:33:44:55"],
    "faxes": ["861"],
    "call_flow_apps": ["851"],
}
KEPT_FAX = "860"


class Demo:
    """One run of the demo."""

    def __init__(self, pbx: SimulatedPbx, home: Path) -> None:
        self.pbx = pbx
        self.home = home
        self.console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
        self.steps = 0

    def say(self, what: str) -> None:
        """Announce a step in one line."""
        self.steps += 1
        self.console.print(f"\n[bold]{self.steps}. {what}[/bold]")

    def play(self, playbook: str, *arguments: str, variables: object) -> str:
        """Run a playbook as a person would, show what it prints, and return it.

        Raises:
            SystemExit: where it fails.
        """
        command = ["ansible-playbook", playbook, *arguments, "-e", json.dumps(variables)]
        done = subprocess.run(
            command,
            env=self.environment(),
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.console.print(escape(_indented(done.stdout)), style="dim")
        if done.returncode:
            raise SystemExit(f"the demo failed: {playbook} ended with status {done.returncode}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Nothing of the user's own Ansible configuration, and the PBX by its environment variables."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "THREECX_HOST": self.pbx.url,
            "THREECX_CLIENT_ID": self.pbx.client_id,
            "THREECX_CLIENT_SECRET": self.pbx.client_secret,
        }

    def check(self, words: str, *facts: bool) -> None:
        """Say what was shown, having made sure that it was.

        Raises:
            SystemExit: where a fact does not hold.
        """
        if not all(facts):
            raise SystemExit(f"the demo failed: not so: {words}")
        self.console.print(f"[green]   => {words}[/green]")

    def removals(self) -> int:
        """How many DELETE requests reached the PBX since the last step."""
        writes = self.pbx.writes
        self.pbx.clear_log()
        assert all(write.method == "DELETE" for write in writes)
        return len(writes)

    def run(self) -> None:
        """Go through the steps."""
        clean_up = str(ROOT / "ansible_collection" / "playbooks" / "clean_up.yml")
        self.say(f"A simulated PBX runs at {self.pbx.url}: no real telephone is near.")

        self.say("Check mode with a diff: what would be removed. Nothing is sent that changes anything.")
        out = self.play(clean_up, "--check", "--diff", variables=UNNEEDED)
        self.check("changed=5 foretold, and not one write reached the PBX", _changed(out) == 5, self.removals() == 0)

        self.say("For real: outdated firmware, old logo, FXS gateway, processed fax and unused call flow app go.")
        out = self.play(clean_up, variables=UNNEEDED)
        self.check("changed=5, and exactly 5 deletions reached the PBX", _changed(out) == 5, self.removals() == 5)

        self.say("Again: everything is as it should be, so nothing happens.")
        out = self.play(clean_up, variables=UNNEEDED)
        self.check("changed=0, and not one write reached the PBX", _changed(out) == 0, self.removals() == 0)

        self.pbx.traits = self.pbx.traits - {"no-etags"}
        self.say(
            "A stale ETag, on a PBX that gives ETags: somebody changed the fax since it was read, so it is not removed."
        )
        out = self.play(str(Path(__file__).with_name("stale_etag.yml")), variables={"fax": KEPT_FAX})
        kept = [fax["Number"] for fax in self.pbx.entities("Fax")]
        self.check(f"refused with 412, and fax {KEPT_FAX} is still there", "412" in out, KEPT_FAX in kept)

        self.say(f"All of that took {self.pbx.sign_ins} sign-in, shared by every task and process.")
        self.check("one sign-in in all", self.pbx.sign_ins == 1)


def _changed(output: str) -> int:
    found = re.findall(r"changed=(\d+)", output)
    return int(found[-1])


def _indented(text: str) -> str:
    lines: Sequence[str] = re.sub(r"\n{2,}", "\n", text.strip("\n")).splitlines()
    return "\n".join(f"   | {line}" for line in lines)


def main() -> None:
    """Run the demo."""
    with SimulatedPbx() as pbx, tempfile.TemporaryDirectory(prefix="threecx-demo-") as home:
        Demo(pbx, Path(home)).run()


if __name__ == "__main__":
    main()
