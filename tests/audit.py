"""`make audit`: whether anything that is pinned is known to be vulnerable, as far as the network lets it be asked.

It fails where a pinned release is known to be vulnerable. Where nobody can be asked, it says so and does not fail: a
machine without the Internet is no defect of the project.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILES = (ROOT / "requirements-dev.txt", ROOT / "requirements-galaxy.txt", ROOT / "requirements-rulebook.txt")
#: Vulnerability services. The second is asked if the first knows none of the packages.
SERVICES = ("pypi", "osv")


@dataclass
class Verdict:
    """Result of the audit of one requirements file."""

    audited: int = 0
    skipped: int = 0
    vulnerable: list[str] = field(default_factory=list)
    """One line per vulnerability: the release, the vulnerability and the release that fixes it."""

    def __str__(self) -> str:
        if self.vulnerable:
            return "\n".join(["VULNERABLE", *(f"  {line}" for line in self.vulnerable)])
        if not self.audited:
            return f"could not be audited: nobody here knows of vulnerabilities in any of its {self.skipped} packages"
        unknown = f"; {self.skipped} more could not be audited" if self.skipped else ""
        return f"ok: no known vulnerability in {self.audited} packages{unknown}"


def judge(report: Mapping[str, Any]) -> Verdict:
    """Evaluate a report of pip-audit."""
    verdict = Verdict()
    for package in report["dependencies"]:
        if "skip_reason" in package:
            verdict.skipped += 1
            continue
        verdict.audited += 1
        for found in package["vulns"]:
            fixed = ", ".join(found.get("fix_versions", [])) or "none yet"
            verdict.vulnerable.append(f"{package['name']} {package['version']}: {found['id']} (fixed in: {fixed})")
    return verdict


def ask(path: Path, service: str) -> Verdict | str:
    """Audit a requirements file with one service. Return the reason, as text, if the service could not be asked."""
    command: list[str | Path] = [sys.executable, "-m", "pip_audit", "--requirement", path, "--require-hashes"]
    # --disable-pip: audit the pins themselves, without installing anything.
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--vulnerability-service", service]
    done = subprocess.run([*command, "--timeout", "15"], capture_output=True, text=True, check=False)
    try:
        return judge(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError):
        said = done.stderr.strip().splitlines() or [f"pip-audit ended with status {done.returncode}"]
        return f"could not be audited: {said[-1][:200]}"


def main() -> None:
    """Audit every file; end with status 1 where something is vulnerable."""
    failed = False
    for path in FILES:
        for service in SERVICES:
            verdict = ask(path, service)
            if isinstance(verdict, Verdict) and verdict.audited:
                break
        failed |= isinstance(verdict, Verdict) and bool(verdict.vulnerable)
        print(f"{path.name}: {verdict}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
