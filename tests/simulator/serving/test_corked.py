"""Head and body of an answer go out together, and nothing that was written is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from pbx_simulator.http.corked import Corked


class Recorder(asyncio.Transport):
    """Notes what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[object] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.done.append("close")

    def abort(self) -> None:
        self.done.append("abort")


def after(*acts: Callable[[Corked], object]) -> list[object]:
    """Return the calls a transport has received after one turn of the event loop."""

    async def run() -> list[object]:
        recorder = Recorder()
        corked = Corked(recorder)
        for act in acts:
            act(corked)
            if act is soon:
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        return recorder.done

    return asyncio.run(run())


def soon(_: Corked) -> None:
    """Let the loop come round."""


@pytest.mark.parametrize(
    ("acts", "done"),
    [
        ([lambda c: c.write(b"head"), lambda c: c.write(b"body"), lambda c: c.write(b"")], [b"headbody"]),
        ([lambda c: c.write(b"one"), soon, lambda c: c.write(b"two")], [b"one", b"two"]),
        ([lambda c: c.write(b"last"), lambda c: c.close()], [b"last", "close"]),
        ([lambda c: c.write(b"part"), lambda c: c.abort()], [b"part", "abort"]),
        ([lambda c: c.write(b"")], []),
    ],
)
def test_what_is_written_in_one_go_is_one_write(acts: list[Callable[[Corked], object]], done: list[object]) -> None:
    assert after(*acts) == done
