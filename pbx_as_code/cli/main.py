"""The entry point of `threecx`. Commands are imported when they are used, so that help and completion come at once."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Final

from threecx_xapi import __version__

try:
    import click
    from click.shell_completion import CompletionItem
except ImportError:
    sys.exit("threecx needs the extra cli: pip install 'threecx-xapi[cli]'")

_COMMANDS: Final = {
    "api": "Call any operation of the configuration API.",
    "apply": "Change a PBX to match its files.",
    "clone": "Copy a configuration with other numbers and names.",
    "diff": "Compare two configurations: directories, plan files and PBXs.",
    "doctor": "Report how a PBX answers, for support and for the simulator.",
    "drift": "Report differences between a PBX and its files.",
    "export": "Export a PBX to files.",
    "get": "List objects of a kind, or show settings.",
    "lint": "Find faults that calls would run into.",
    "map": "Draw how calls go.",
    "plan": "Show the changes that apply would make.",
    "rehearse": "Try files on a simulated PBX.",
    "schema": "Write the JSON Schema of the files.",
    "test": "Check where calls go against expectations.",
    "trace": "Show where a call goes.",
    "validate": "Check files without a PBX.",
    "version": "Show the versions of threecx and Python.",
}
_EXAMPLES: Final = """\b
Examples:
  threecx export acme --url https://pbx.example.com --client-id 900
  threecx validate acme
  threecx plan acme
  threecx apply acme
  threecx drift acme --html drift.html
  threecx get users --filter "Number eq '100'" -o yaml
  threecx api ListUser -f '$top=1'

\b
Exit status:
  0  done, nothing to change
  1  failure
  2  changes, or drift

\b
Connection: --url and --client-id, or THREECX_HOST and THREECX_CLIENT_ID, with the
secret in THREECX_CLIENT_SECRET; or a profile in ~/.config/threecx/config.toml:
  [profiles.acme]
  url = "https://pbx.example.com"
  client_id = "900"
  client_secret_command = ["pass", "show", "3cx/acme"]
instead of the command: client_secret_env = "NAME", or keyring = true;
for a private authority: ca_path = "/etc/ssl/pbx.pem"

\b
With --json, every command prints one JSON value. For a failure it is
  {"error": {"kind": ..., "message": ..., "status": ..., "problems": [...]}}

Completion: eval "$(_THREECX_COMPLETE=bash_source threecx)" (or zsh, fish)
"""


class LazyGroup(click.Group):
    """Commands by name; a module is imported when its command runs or shows its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        found: click.Command = import_module(f"pbx_as_code.cli.commands.{cmd_name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the arguments; of a misspelt one, the nearest is named."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], _COMMANDS, n=1)
            ctx.fail(f"There is no command {args[0]}{f'; did you mean {near[0]}?' if near else '.'}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete commands and options, without importing any command."""
        named = [CompletionItem(n, help=text) for n, text in sorted(_COMMANDS.items()) if n.startswith(incomplete)]
        return named + (click.Command.shell_complete(self, ctx, incomplete) if incomplete.startswith("-") else [])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(cls=LazyGroup, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="threecx-xapi", message="%(prog)s %(version)s")
def cli() -> None:
    """3CX phone systems as code."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 failure, 2 changes or drift.

    Parameters:
        arguments: of the command line; those of the process if this is None
    """
    given = sys.argv[1:] if arguments is None else arguments
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115
    sys.stdout, sys.stderr = sys.stdout or open(os.devnull, "w"), sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    try:
        status = cli.main(given, prog_name="threecx", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        from pbx_as_code.cli.output import without_reader

        without_reader()
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        _report(click.Abort(), given)
        sys.exit(130)
    except Exception as error:
        _report(error, given)
        sys.exit(130 if getattr(error, "exit_code", 1) == 130 else 1)
    sys.exit(status if isinstance(status, int) else 0)


def _report(error: Exception, arguments: list[str]) -> None:
    """Show a failure, unless nobody reads it or there is no room for it."""
    from pbx_as_code.cli.failures import os_message
    from pbx_as_code.cli.output import without_reader

    try:
        _say(error, arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        without_reader()
    except OSError as full:
        click.echo(f"Error: {os_message(full)}", err=True)
        without_reader()


def _say(error: Exception, arguments: list[str]) -> None:
    """Show a failure: one JSON object on standard output if JSON was requested, otherwise a message."""
    from threecx_xapi.errors import WriteRefused, XapiError

    from pbx_as_code.cli.failures import as_json, for_commands, os_message, wants_json
    from pbx_as_code.cli.output import print_json
    from pbx_as_code.config.nodes import ConfigError
    from pbx_as_code.errors import PbxError
    from pbx_as_code.extras import missing_package

    if isinstance(error, XapiError) and not isinstance(error, WriteRefused):  # a refused write is a mistake of ours
        from pbx_as_code.engine.report.failures import told_by_client

        error = told_by_client(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "rich":
        error = missing_package(error, "cli")
    known = isinstance(error, click.ClickException | click.Abort | PbxError | ConfigError | OSError)
    if not known:
        import traceback

        traceback.print_exception(error)
    if wants_json(arguments):
        print_json(as_json(error))
    elif isinstance(error, click.ClickException):
        error.show()
    elif isinstance(error, ConfigError):
        click.echo(f"Error: The files cannot be used.\n{error}", err=True)
    elif isinstance(error, OSError):
        click.echo(f"Error: {os_message(error)}", err=True)
    elif isinstance(error, PbxError):
        click.echo(f"Error: {for_commands(str(error))}", err=True)
    elif isinstance(error, click.Abort):
        click.echo("Interrupted.", err=True)
