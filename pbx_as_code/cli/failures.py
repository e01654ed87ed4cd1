"""Failures of commands: one line for people, one JSON object for programs (--json)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from pbx_as_code.config.nodes import Problem


class FilesRefused(click.ClickException):
    """Files that cannot be used, with every problem."""

    def __init__(self, heading: str, problems: Iterable[Problem]) -> None:
        """A failure with problems.

        Parameters:
            heading: one sentence about all of them
            problems: each with its place
        """
        self.heading = heading
        self.problems = list(problems)
        super().__init__("\n".join([heading, *map(str, self.problems)]))


class Interrupted(click.ClickException):
    """The user has ended a command that had changed something; its message says what was done."""

    exit_code = 130

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message: the user knows that this is no error."""
        click.echo(self.format_message(), file=file, err=file is None)


_IN_COMMANDS: Final = {
    "api_client_id and api_client_secret": "--client-id and THREECX_CLIENT_SECRET",
    "host and host_port are those": "--url is that",
    "host and host_port lead": "--url leads",
    "host and host_port": "--url",
    "Set host to": "Set --url to",
    "api_client_id": "--client-id",
    "api_client_secret": "THREECX_CLIENT_SECRET",
    "set validate_certs to false": "set THREECX_VALIDATE_CERTS=false",
    "as ca_path": "in THREECX_CA_PATH",
    "Set ca_path": "Set THREECX_CA_PATH",
    "(ca_path)": "(THREECX_CA_PATH)",
    ", or give the task a longer task_deadline": "",
    ", or set a longer task_deadline": "",
    ", or give a longer request_timeout": "",
    "with fewer forks": "with a smaller --parallel",
    "out of the task, or": "out of the files, or",
}
"""Options of the Ansible modules in messages of the engine, and what a user of the command has in their place."""
_IN_FLEETS: Final = {
    "api_client_id and api_client_secret": "client_id and the client secret that the fleet file names",
    "host and host_port are those": "url in the fleet file is that",
    "host and host_port lead": "url in the fleet file leads",
    "host and host_port": "url in the fleet file",
    "Set host to": "Set url in the fleet file to",
    "api_client_id": "client_id",
    "api_client_secret": "the client secret",
    "set validate_certs to false": "set validate_certs to false in the fleet file",
    "as ca_path": "as ca_path in the fleet file",
    "Set ca_path": "Set ca_path in the fleet file",
    "(ca_path)": "(ca_path in the fleet file)",
}
"""The same where a fleet file names the PBX: the options of the command are refused there."""
_PATTERNS: Final = (
    (re.compile(r"\b([Tt]he) module threecx_(\w+?)(?:_info)?\b"), r"\1 kind \2"),
    (re.compile(r"\bthreecx_(\w+?)_info\b"), r"`threecx get \1`"),
    (re.compile(r"\b(the|this|another|an earlier|each) task\b"), r"\1 command"),
)
"""The same for names of modules, and for tasks: a word that only a value contains stays."""


def for_commands(message: str, *, fleet: bool = False) -> str:
    """A message of the engine with the options of the command.

    Parameters:
        message: as the engine words it, for tasks of Ansible
        fleet: whether it is about a PBX of a fleet file
    """
    for task, command in _IN_COMMANDS.items():
        command = _IN_FLEETS.get(task, command) if fleet else command
        message = message.replace(task, command)
    for pattern, command in _PATTERNS:
        message = pattern.sub(command, message)
    return message


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON; also one that cannot be understood otherwise."""
    if "--json" in arguments:
        return True
    spelled = " ".join(arguments)
    return arguments[:1] == ["get"] and bool(re.search(r" (-o ?|--output[ =])json( |$)", spelled))


def as_json(error: BaseException) -> dict[str, Any]:
    """A failure for programs: kind, message, HTTP status, and the places of problems in files.

    Parameters:
        error: whatever ended the command
    """
    from pbx_as_code.config.nodes import ConfigError
    from pbx_as_code.errors import PbxError

    problems: list[Problem] = []
    found: dict[str, Any] = {"kind": "internal", "message": str(error) or type(error).__name__, "status": None}
    if isinstance(error, FilesRefused):
        found.update(kind="files", message=error.heading)
        problems = error.problems
    elif isinstance(error, ConfigError):
        found.update(kind="files", message="The files cannot be used. Nothing was sent.")
        problems = error.problems
    elif isinstance(error, PbxError):
        found["message"] = for_commands(found["message"])
        found.update(kind=_kind(error), status=error.status, code=error.code, target=error.target)
        found.update(changed=error.changed, in_doubt=error.in_doubt)
    elif isinstance(error, Interrupted):
        found.update(kind="interrupted", message=error.format_message())
    elif isinstance(error, click.ClickException):
        found.update(kind="usage", message=error.format_message())
    elif isinstance(error, click.Abort | KeyboardInterrupt):
        found.update(kind="interrupted", message="Interrupted.")
    elif isinstance(error, OSError):
        found.update(kind="file", message=os_message(error))
    if problems:
        found["problems"] = [{**problem.place._asdict(), "message": problem.message} for problem in problems]
    return {"error": found}


def os_message(error: OSError) -> str:
    """A failure of the operating system in one line."""
    why = error.strerror or type(error).__name__
    return f"{error.filename}: {why}" if error.filename else why


def _kind(error: BaseException) -> str:
    """The class of a failure in the spelling of JSON: NotFound is not_found."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()
