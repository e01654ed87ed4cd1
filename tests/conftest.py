"""Fixtures every test folder shares: simulated PBXs on real sockets. And the figures, printed at the end of a run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx, TraitError
from pbx_simulator.traits import registry
from tests import figures

with contextlib.suppress(ImportError):  # the playbook tests run where hypothesis is not installed
    from tests import profiles  # noqa: F401


def pytest_addoption(parser: pytest.Parser) -> None:
    """--traits: in what the simulated PBXs of this run differ from others."""
    parser.addoption(
        "--traits",
        default="",
        metavar="NAMES|FILE",
        help="traits of every simulated PBX that names none: as-seen, strict-odata, names with commas between, or a "
        "YAML file; none without it, so that a test knows what it asserts",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Give every simulated PBX that names no traits those of --traits, or none."""
    config.addinivalue_line(
        "markers",
        "traits(*names): those of the simulated PBXs of this test, where they name none; goes before --traits",
    )
    try:
        registry.DEFAULT = registry.read(config.getoption("--traits"))
    except TraitError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Give the simulated PBXs of a test that is marked with traits those; its fixtures of wider scope included."""
    marker = item.get_closest_marker("traits")
    usual = registry.DEFAULT
    if marker is not None:
        registry.DEFAULT = registry.resolve(marker.args)
    try:
        return (yield)
    finally:
        registry.DEFAULT = usual


@pytest.fixture
def pbx() -> Iterator[SimulatedPbx]:
    """A simulated PBX with the built-in company, fresh for this test."""
    with SimulatedPbx() as running:
        yield running


@pytest.fixture
def pbx_factory() -> Iterator[Callable[..., SimulatedPbx]]:
    """Makes running simulated PBXs with SimulatedPbx's arguments; they are closed when the test ends."""
    running: list[SimulatedPbx] = []

    def make(*args: Any, **kwargs: Any) -> SimulatedPbx:
        one = SimulatedPbx(*args, **kwargs).start()
        running.append(one)
        return one

    yield make
    for one in running:
        one.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands over what it has counted."""
    handed_over: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if handed_over is not None:
        handed_over[figures.SHARED] = figures.counted()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of them has ended; one that crashed has handed over nothing."""
    figures.add((getattr(node, "workeroutput", None) or {}).get(figures.SHARED, {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the recorded figures, if there are any."""
    if counted := figures.lines():
        terminalreporter.section("figures")
        for line in counted:
            terminalreporter.write_line(line)
