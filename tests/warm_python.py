"""An interpreter for shipped modules, forked from a process that has imported already what they import.

A module is still shipped as Ansible ships it, and runs in a process with its own arguments, environment, directory and
files: only importing ansible.module_utils and the library, which takes most of a second, is done once. The files of the
collection, those of its module_utils too, are imported from the archive that was shipped.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import marshal
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
from functools import cache
from pathlib import Path
from typing import Any

#: Modules that shipped modules import, those of a package included.
PACKAGES = ("ansible.module_utils._internal._json", "pbx_as_code", "threecx_xapi._transport")
OTHERS = (
    "ansible.module_utils._internal._ansiballz._loader", "ansible.module_utils.basic", "base64", "datetime", "httpx",
    "pbx_as_code.config.collection.module", "pbx_as_code.engine.operation.operation", "resource", "runpy", "shutil",
    "ssl", "tempfile", "threecx_xapi", "uuid", "zipfile", "zipimport",
)  # fmt: skip
#: The largest request: arguments, environment and directory.
LARGEST = 200_000
#: The program that stands for Python. It starts in a few milliseconds, since it imports nothing. It leaves to Python
#: itself what a forked process might do in another way: options, another user, and settings that Python reads when it
#: starts.
PROGRAM = """#!{python} -IS
import marshal, posix, sys
import _socket

text = ("utf-8", "surrogateescape")
argv = sys.argv[1:]
env = {{name.decode(*text): value.decode(*text) for name, value in posix.environ.items()}}
settings = {{name: value for name, value in env.items() if name.startswith(("PYTHON", "LC_", "LANG"))}}
if (not argv or not argv[0].startswith("-")) and posix.geteuid() == {user} and settings == {settings}:
    mask = posix.umask(0)
    posix.umask(mask)
    files = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
    with_python = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    with_python.connect({address})
    request = marshal.dumps((argv, env, posix.getcwd(), mask))
    with_python.sendmsg([request], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
    status = int.from_bytes(with_python.recv(4), "little", signed=True)
    if status < 0:
        posix.kill(posix.getpid(), -status)
    posix._exit(status)
posix.execv({python!r}, [{python!r}, *argv])
"""


def settings(env: dict[str, str]) -> dict[str, str]:
    """The variables that Python reads only when it starts."""
    return {name: value for name, value in env.items() if name.startswith(("PYTHON", "LC_", "LANG"))}


@cache
def interpreter(**env: str) -> str:
    """Path of the program, for modules that are run with these variables; Python itself where a system lacks the means.

    Parameters:
        env: the variables of the environment that Python reads only when it starts
    """
    if not hasattr(os, "pidfd_open"):
        return sys.executable
    folder = tempfile.TemporaryDirectory(prefix="warm-python-")
    atexit.register(folder.cleanup)
    Path(folder.name).chmod(0o755)
    address, program = Path(folder.name, "socket"), Path(folder.name, "python3")
    written = PROGRAM.format(python=sys.executable, user=os.geteuid(), settings=env, address=repr(str(address)))
    program.write_text(written)
    program.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(str(address))
        listening.listen(64)
        kept = {name: value for name, value in os.environ.items() if not settings({name: value})}
        process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(listening.fileno())],
            env={**kept, **env},
            stdin=subprocess.PIPE,
            pass_fds=[listening.fileno()],
            start_new_session=True,
        )

    def close() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    atexit.register(close)
    return str(program)


def _preload() -> None:
    """Import what shipped modules import."""
    names = list(OTHERS)
    for package in PACKAGES:
        with contextlib.suppress(ImportError):
            path = importlib.import_module(package).__path__
            names += [module.name for module in pkgutil.walk_packages(path, f"{package}.")]
    for name in names:
        if not name.startswith(("pbx_as_code.cli", "pbx_as_code.callflow")):
            with contextlib.suppress(ImportError):  # another ansible-core has other modules
                importlib.import_module(name)
    # Processes that are forked neither look at what is imported already, nor get copies of it by looking.
    gc.collect()
    gc.freeze()


Request = tuple[list[str], dict[str, str], str, int]


class _Server:
    """Forks a process for every request and passes its exit status on; ends with the process that started it."""

    def __init__(self, listening: socket.socket) -> None:
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(listening, selectors.EVENT_READ, self._accept)
        self._waiting.register(0, selectors.EVENT_READ, lambda _: sys.exit())
        self._listening = listening

    def serve(self) -> Request:
        """Return, in a forked process, what it has to do."""
        while True:
            for key, _ in self._waiting.select():
                todo: Request | None = key.data(key.fileobj)
                if todo is not None:
                    return todo

    def _accept(self, _: object) -> Request | None:
        client, _address = self._listening.accept()
        message, files, _flags, _address = socket.recv_fds(client, LARGEST, 3)
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            for number, file in enumerate(files):
                os.dup2(file, number)
                os.close(file)
            client.close()
            for key in list(self._waiting.get_map().values()):
                if isinstance(key.fileobj, socket.socket):
                    # Not its descriptor: a socket that does not know of it closes that number once more when it is
                    # collected, and by then the number belongs to a file of the module, such as a lock.
                    key.fileobj.close()
                elif key.fd:
                    os.close(key.fd)
            request: Request = marshal.loads(message)
            return request
        for file in files:
            os.close(file)
        ended = os.pidfd_open(child)

        def hung_up(_: object) -> None:  # the program that waited for the module was killed, so the module is, too
            self._waiting.unregister(client)
            os.killpg(child, signal.SIGKILL)

        def has_ended(_: object) -> None:
            self._waiting.unregister(ended)
            os.close(ended)
            if client in self._waiting.get_map():
                self._waiting.unregister(client)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            with contextlib.suppress(OSError):
                client.send(status.to_bytes(4, "little", signed=True))
            client.close()

        self._waiting.register(client, selectors.EVENT_READ, hung_up)
        self._waiting.register(ended, selectors.EVENT_READ, has_ended)
        return None


def _become(request: Request) -> tuple[bytes, str | None]:
    """Give this process the environment, directory and arguments of a request.

    Returns:
        the source to run, and its path, or None if it comes from the standard input
    """
    arguments, env, folder, mask = request
    os.environ.clear()
    os.environ.update(env)
    os.umask(mask)
    time.tzset()
    os.chdir(folder)
    sys.argv = arguments or [""]
    sys.path[:1] = [str(Path(arguments[0]).parent) if arguments else "", *sys.path[:1]]
    if not arguments:
        return sys.stdin.buffer.read(), None
    return Path(arguments[0]).read_bytes(), arguments[0]


def _main() -> None:
    listening = socket.socket(fileno=int(sys.argv[1]))
    _preload()
    source, path = _become(_Server(listening).serve())
    main: Any = types.ModuleType("__main__")
    main.__builtins__ = __builtins__
    if path is not None:
        main.__file__ = path
    sys.modules["__main__"] = main
    exec(compile(source, path or "<stdin>", "exec"), main.__dict__)


if __name__ == "__main__":
    _main()
