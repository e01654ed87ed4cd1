"""Fixtures of all test folders: simulated PBXs on real sockets, and figures printed at the end of a run."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx, TraitError
from pbx_simulator.traits import registry
from tests import figures

with contextlib.suppress(ImportError):  # the playbook tests run where hypothesis is not installed
    from tests import profiles  # noqa: F401


# Until the tests are collected, everything that is allocated stays; see pytest_collection_finish.
gc.disable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --traits, the traits of the simulated PBXs of a run."""
    parser.addoption(
        "--traits",
        default="",
        metavar="NAMES|FILE",
        help="traits of simulated PBXs whose test sets none: as-seen, strict-odata, names separated by commas, or a "
        "YAML file; by default none",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the traits of --traits the default of simulated PBXs."""
    config.addinivalue_line(
        "markers",
        "traits(*names): default traits of the simulated PBXs of this test, instead of those of --traits",
    )
    try:
        registry.DEFAULT = registry.read(config.getoption("--traits"))
    except TraitError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let one worker run all tests of a group: xdist 3.8 marks them in a way that pytest 9.2 does not read any more."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        groups = sorted(str(mark.args[0]) for mark in item.iter_markers("xdist_group"))
        suffix = f"@{'_'.join(groups)}"
        if groups and not item.nodeid.endswith(suffix) and hasattr(item, "_id"):
            item._id = type(item._id).parse(item.nodeid + suffix)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the garbage collector pass over the modules, tests and tables that live as long as this process.

    Looking at all of them again and again takes a quarter of the processor time of tests that read large documents.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Apply the marker `traits` to the simulated PBXs of a test, including those of wider fixtures."""
    marker = item.get_closest_marker("traits")
    usual = registry.DEFAULT
    if marker is not None:
        registry.DEFAULT = registry.resolve(marker.args)
    try:
        return (yield)
    finally:
        registry.DEFAULT = usual


@pytest.fixture(scope="module", autouse=True)
def own_tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give each file a separate folder of tokens: a sign-in may look through all of them, and a run makes thousands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("tokens")))
        yield


@pytest.fixture
def pbx() -> Iterator[SimulatedPbx]:
    """A new simulated PBX with the built-in company."""
    with SimulatedPbx() as running:
        yield running


@pytest.fixture
def pbx_factory() -> Iterator[Callable[..., SimulatedPbx]]:
    """Factory of running simulated PBXs with the arguments of SimulatedPbx. They are closed after the test."""
    running: list[SimulatedPbx] = []

    def make(*args: Any, **kwargs: Any) -> SimulatedPbx:
        one = SimulatedPbx(*args, **kwargs).start()
        running.append(one)
        return one

    yield make
    for one in running:
        one.close()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the figures of a pytest-xdist worker to the controller."""
    handed_over: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if handed_over is not None:
        handed_over[figures.SHARED] = figures.counted()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the figures of a worker that has ended. A crashed worker has sent none."""
    figures.add((getattr(node, "workeroutput", None) or {}).get(figures.SHARED, {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the recorded figures, if there are any."""
    if counted := figures.lines():
        terminalreporter.section("figures")
        for line in counted:
            terminalreporter.write_line(line)
