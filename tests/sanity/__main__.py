"""python -m tests.sanity [TEST ...]: all of ansible-test's sanity tests, on a scratch copy of the collection.

ansible-test wants the collection at .../ansible_collections/threecx/xapi and keeps its virtual environments below HOME.
Both are in build/sanity, so nothing of the person who runs it is touched. On a machine without internet, pip for those
environments comes from Python itself (ensurepip), and what they install from the package index pip is configured for.

Two tests run at a time, each on its own copy, so any number of runs can work in one tree. They share only the
environments, which the first run creates (a few minutes) while the others wait. CI gives --sample: the
tests of BY_MODULE then read those modules that together have every kind of property, and all other files; and the tests
of ELSEWHERE are left out, because other stages of CI find the same.
"""

from __future__ import annotations

import argparse
import configparser
import fcntl
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from openapi.codegen.document import ROOT
from openapi.codegen.errors import CodegenError, one_clear_line
from tests.descriptions import described
from tests.shapes import of_each_kind_of_property

#: Tests of ansible-test that apply to no file here. All others are run and must pass.
INAPPLICABLE = {"pslint": "there is no PowerShell", "shellcheck": "there is no shell script"}
#: The slowest tests, which start first. The others share one run of ansible-test: they take less time than its start.
LONGEST = ("import", "pylint", "ansible-doc", "validate-modules", "yamllint", "pep8")
#: Tests that take a while for each module.
BY_MODULE = ("import", "validate-modules")
#: Tests that --sample leaves out, and what looks at the same in CI.
ELSEWHERE = {"ansible-doc": "galaxy-importer", "pylint": "ruff", "yamllint": "ansible-lint"}
AT_A_TIME = 2

COLLECTION = ROOT / "ansible_collection"
SCRATCH = ROOT / "build" / "sanity"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.tar.gz", ".mypy_cache", ".ruff_cache", "output")

# ansible-test runs this with the environment's own Python where it would otherwise fetch get-pip from the internet. It
# is given the version of pip that get-pip would install; the one that comes with Python does as well.
_BOOTSTRAP = '''\
"""Puts pip into an empty virtual environment without the internet: Python brings one along."""
import ensurepip

if __name__ == "__main__":
    ensurepip.bootstrap(default_pip=True)
'''


def prepare(home: Path) -> dict[str, str]:
    """Lay out HOME for ansible-test; return the environment to run it in.

    Raises:
        CodegenError: ansible-test is not installed for this Python, or git is missing.
    """
    program = Path(sys.executable).parent / "ansible-test"
    if not program.exists():
        raise CodegenError("ansible-test is not installed for this Python; run make setup")
    if not shutil.which("git"):
        raise CodegenError("ansible-test finds the files to test by git, which is missing; install it")
    _bootstrap(home / ".ansible" / "test" / "cache")
    _pip_configuration(home / ".config" / "pip" / "pip.conf")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "THREECX_"))},
        "HOME": str(home),
        "PATH": os.pathsep.join((str(program.parent), os.environ.get("PATH", os.defpath))),
        "ANSIBLE_NOCOLOR": "1",
    }


def copy_collection(scratch: Path) -> Path:
    """Copy the collection to where ansible-test wants it, below `scratch`; return the copy."""
    copy = scratch / "ansible_collections" / "threecx" / "xapi"
    shutil.copytree(COLLECTION, copy, ignore=_IGNORED)
    # The copy needs its own repository: ours ignores build/, so no file would be tested.
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    return copy


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one who holds the lock at `path`, of all processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def listed(copy: Path, environment: dict[str, str]) -> list[str]:
    """The names of all tests that this ansible-test has for a collection."""
    done = subprocess.run(
        ["ansible-test", "sanity", "--list-tests"],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    names = [line for line in done.stdout.splitlines() if line and " " not in line]
    if done.returncode or "validate-modules" not in names:
        raise CodegenError(f"ansible-test does not list its tests: {(done.stdout + done.stderr).strip()}")
    return names


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
    for section in ("global", "install"):
        if not merged.has_section(section):
            merged.add_section(section)
    merged.set("install", "no-compile", "true")  # Python compiles what is imported, which is the smaller part
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            merged.set("global", name.removeprefix("PIP_").lower().replace("_", "-"), value)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        merged.write(file)


def _command(*more: str) -> list[str]:
    major, minor = sys.version_info[:2]
    return ["ansible-test", "sanity", "--local", "--color", "no", "--python", f"{major}.{minor}", *more]


def prime(tests: list[str], copy: Path, environment: dict[str, str]) -> None:
    """Make the environments that the tests need and that are not there yet.

    Raises:
        CodegenError: with all that was said, where one cannot be made.
    """
    chosen = [word for test in tests for word in ("--test", test)]
    done = subprocess.run(
        _command("--prime-venvs", *chosen), cwd=copy, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CodegenError(f"the environments of ansible-test cannot be made: {done.stdout}{done.stderr}")


def sampled(copy: Path) -> list[str]:
    """The files of the collection, without modules whose kinds of properties others have too."""
    modules = {path: path.stem.removeprefix("threecx_") for path in (copy / "plugins" / "modules").glob("*.py")}
    alike = [name for name in sorted(modules.values()) if described(f"threecx_{name}") is not None]
    left_out = set(alike) - set(of_each_kind_of_property(alike))
    files = (path for path in copy.rglob("*") if path.is_file() and ".git" not in path.parts)
    return sorted(str(path.relative_to(copy)) for path in files if modules.get(path) not in left_out)


def run(tests: Sequence[str], copy: Path, environment: dict[str, str], files: Sequence[str] = ()) -> tuple[bool, str]:
    """Run sanity tests; return whether all passed and everything they said.

    Parameters:
        tests: their names
        copy: of the collection
        environment: of ansible-test
        files: those they read; by default all they are for
    """
    chosen = [word for test in tests for word in ("--test", test)]
    done = subprocess.run(
        _command(*chosen, *files),
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
    """Return the findings of a failed test, or its whole output if it failed for another reason."""
    lines = said.splitlines()
    return [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")] or lines


def _refuse_ignores() -> None:
    ignores = sorted((COLLECTION / "tests" / "sanity").glob("ignore-*.txt"))
    if any(path.read_text().strip() for path in ignores):
        raise CodegenError(f"{ignores[0].name}: ignore entries are not allowed; fix the findings instead")


def _runs(tests: list[str]) -> list[list[str]]:
    """The tests of each run of ansible-test, the longest run first."""
    quick = [test for test in tests if test not in LONGEST]
    return [*([test] for test in LONGEST if test in tests), *([quick] if quick else [])]


def _failed(tests: list[str], said: str) -> set[str]:
    """The tests of a failed run that found something, or all if none says so."""
    return set(tests) & set(re.findall(r"Found \d+ ([\w-]+) issue", said)) or set(tests)


@one_clear_line
def main() -> None:
    """Run the program; exit status 1 where a test fails, with what it said."""
    parser = argparse.ArgumentParser(prog="python -m tests.sanity", description=__doc__)
    parser.add_argument("tests", nargs="*", metavar="TEST", help="default: all that ansible-test lists")
    parser.add_argument(
        "--sample", action="store_true", help="read some modules that stand for all, where each takes a while"
    )
    given = parser.parse_args()
    chosen = given.tests
    _refuse_ignores()
    home = SCRATCH / "home"
    with tempfile.TemporaryDirectory(prefix="run-", dir=_folder(SCRATCH), ignore_cleanup_errors=True) as scratch:
        with alone(SCRATCH / "home.lock"):
            environment = prepare(home)
            copies = [copy_collection(Path(scratch, str(number))) for number in range(AT_A_TIME)]
            left_out = {*INAPPLICABLE, *(ELSEWHERE if given.sample else ())}
            tests = chosen or [test for test in listed(copies[0], environment) if test not in left_out]
            prime(tests, copies[0], environment)
        files = sampled(copies[0]) if given.sample else []
        free: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for copy in copies:
            free.put(copy)

        def timed(run_of: list[str]) -> tuple[list[str], bool, str, float]:
            copy, begun = free.get(), time.monotonic()
            try:
                read = files if run_of[0] in BY_MODULE else ()
                return run_of, *run(run_of, copy, environment, read), time.monotonic() - begun
            finally:
                free.put(copy)

        failed = set[str]()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            for done in as_completed([pool.submit(timed, run_of) for run_of in _runs(tests)]):
                run_of, passed, said, seconds = done.result()
                names = ", ".join(run_of)
                sys.stdout.write(f"{'ok    ' if passed else 'FAILED'} {seconds:5.1f} s  {names}\n")
                if not passed:
                    failed |= _failed(run_of, said)
                    sys.stdout.write("".join(f"       {line}\n" for line in _findings(said)))
                sys.stdout.flush()
    if failed:
        raise CodegenError(f"{len(failed)} of {len(tests)} sanity tests failed: {', '.join(sorted(failed))}")
    beside = ", ".join(f"{test} ({program})" for test, program in ELSEWHERE.items() if test not in tests)
    sys.stdout.write(f"{len(tests)} sanity tests passed, without ignores\n")
    if given.sample and beside:
        sys.stdout.write(f"left out: {beside}\n")


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    main()
