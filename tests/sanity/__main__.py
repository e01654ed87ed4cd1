"""python -m tests.sanity [TEST ...]: ansible-test's sanity tests on a scratch copy of the collection.

ansible-test wants the collection at .../ansible_collections/threecx/xapi and keeps its virtual environments below HOME.
Both are in build/sanity, so nothing of the person who runs it is touched. On a machine without internet, pip for those
environments comes from Python itself (ensurepip), and what they install from the package index pip is configured for.

The first run makes the environments (about a minute and a half), later ones take less than half a minute.
"""

from __future__ import annotations

import argparse
import configparser
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from openapi.codegen.document import ROOT
from openapi.codegen.errors import CodegenError, one_clear_line

#: What `make sanity` runs; every one passes without an entry in an ignore file.
TESTS = (
    "validate-modules", "import", "pep8", "yamllint", "runtime-metadata", "ansible-doc", "changelog", "compile", "empty-init",
    "line-endings", "no-assert", "no-get-exception", "no-illegal-filenames", "no-smart-quotes", "replace-urlopen", "shebang",
    "symlinks", "use-argspec-type-path", "use-compat-six",
)  # fmt: skip

COLLECTION = ROOT / "ansible_collection"
SCRATCH = ROOT / "build" / "sanity"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.tar.gz", ".mypy_cache", ".ruff_cache", "output")

# ansible-test runs this with the environment's own Python where it would otherwise fetch get-pip from the internet. It is
# given the version of pip that get-pip would install; the one that comes with Python does as well.
_BOOTSTRAP = '''\
"""Puts pip into an empty virtual environment without the internet: Python brings one along."""
import ensurepip

if __name__ == "__main__":
    ensurepip.bootstrap(default_pip=True)
'''


def prepare(scratch: Path = SCRATCH) -> tuple[Path, dict[str, str]]:
    """Copy the collection and lay out HOME; return the copy and the environment to run ansible-test in.

    Raises:
        CodegenError: where ansible-test is not installed beside the running Python, or git is missing.
    """
    program = Path(sys.executable).parent / "ansible-test"
    if not program.exists():
        raise CodegenError("ansible-test is missing beside this Python; run make setup")
    if not shutil.which("git"):
        raise CodegenError("ansible-test finds the files to test by git, which is missing; install it")
    copy = scratch / "ansible_collections" / "threecx" / "xapi"
    if copy.exists():
        shutil.rmtree(copy)
    shutil.copytree(COLLECTION, copy, ignore=_IGNORED)
    # Without a repository of its own the copy would belong to ours, which ignores build/: no file would be tested.
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    home = scratch / "home"
    _bootstrap(home / ".ansible" / "test" / "cache")
    _pip_configuration(home / ".config" / "pip" / "pip.conf")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "THREECX_"))},
        "HOME": str(home),
        "PATH": os.pathsep.join((str(program.parent), os.environ.get("PATH", os.defpath))),
        "ANSIBLE_NOCOLOR": "1",
    }
    return copy, environment


def _bootstrap(cache: Path) -> None:
    """Place the bootstrap file under the name of the pip version this ansible-test asks for."""
    cache.mkdir(parents=True, exist_ok=True)
    asked = subprocess.run(
        [sys.executable, "-c", "from ansible_test._internal.python_requirements import get_venv_packages as wanted; "
         "from types import SimpleNamespace; import platform; "
         "print(wanted(SimpleNamespace(version='.'.join(platform.python_version_tuple()[:2])))['pip'])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    version = asked.stdout.strip().replace(".", "_")
    (cache / f"get_pip_{version}.py").write_text(_BOOTSTRAP)


def _pip_configuration(path: Path) -> None:
    """Take the person's pip configuration along: ansible-test passes neither their HOME nor PIP_* on.

    The file is readable by its owner alone, as an index may have a password in its address.
    """
    merged = configparser.RawConfigParser()
    own = os.environ.get("PIP_CONFIG_FILE")
    merged.read([own] if own else [Path.home() / ".pip" / "pip.conf", Path.home() / ".config" / "pip" / "pip.conf"])
    if not merged.has_section("global"):
        merged.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            merged.set("global", name.removeprefix("PIP_").lower().replace("_", "-"), value)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        merged.write(file)


def run(test: str, copy: Path, environment: dict[str, str]) -> tuple[bool, str]:
    """Run one sanity test; return whether it passed and everything it said."""
    major, minor = sys.version_info[:2]
    done = subprocess.run(
        ["ansible-test", "sanity", "--local", "--color", "no", "--python", f"{major}.{minor}", "--test", test],
        cwd=copy,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    skipped = "No tests applicable" in done.stdout or "WARNING: Skipping sanity test" in done.stdout
    return done.returncode == 0 and not skipped, done.stdout


def _findings(said: str) -> list[str]:
    """What a failed test found; everything it said where it failed in another way."""
    lines = said.splitlines()
    return [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")] or lines


@one_clear_line
def main() -> None:
    """Run the program; exit status 1 where a test fails, with what it said."""
    parser = argparse.ArgumentParser(prog="python -m tests.sanity", description=__doc__)
    parser.add_argument("tests", nargs="*", default=list(TESTS), metavar="TEST", help=f"default: {' '.join(TESTS)}")
    tests = parser.parse_args().tests
    ignores = sorted((COLLECTION / "tests" / "sanity").glob("ignore-*.txt"))
    if any(path.read_text().strip() for path in ignores):
        raise CodegenError(f"{ignores[0].name}: there are no ignore entries here; mend what they would hide")
    copy, environment = prepare()
    failed = []
    for test in tests:
        begun = time.monotonic()
        passed, said = run(test, copy, environment)
        sys.stdout.write(f"{'ok    ' if passed else 'FAILED'} {test:20} {time.monotonic() - begun:5.1f} s\n")
        sys.stdout.flush()
        if not passed:
            failed.append(test)
            sys.stdout.write("".join(f"       {line}\n" for line in _findings(said)))
    if failed:
        raise CodegenError(f"{len(failed)} of {len(tests)} sanity tests failed: {', '.join(failed)}")
    sys.stdout.write(f"{len(tests)} sanity tests passed, without ignores\n")


if __name__ == "__main__":
    main()
