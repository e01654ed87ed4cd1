"""threecx clone"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pbx_as_code.cli.comparing import layer_option, with_consent
from pbx_as_code.cli.paths import PATH
from pbx_as_code.cli.secrets import SECRETS_HELP, with_secrets
from pbx_as_code.config.spelling import counted

if TYPE_CHECKING:
    from pbx_as_code.cli.applying import Run
    from pbx_as_code.cloning import Clone, CloneMap
    from pbx_as_code.config.configuration import Configuration
    from pbx_as_code.config.secrets import Resolver


@click.command(
    epilog="""\b
Examples:
  threecx clone acme beta --map map.yml
  threecx clone profile:acme beta --map map.yml --release 20.0.8
  threecx clone acme profile:beta --map map.yml --files beta
  threecx clone -f fleet -f acme beta --map map.yml

\b
map.yml, every section is optional:
  numbers:
    "100": "300"             one number
    "200-299": "400-499"     a range of the same size
    "8..": "9.."             each dot is a digit that stays
  dids:
    "+4930123..": "+4940456.."
  trunks:                    by number or name
    "10000": {number: "10005", name: Beta line}
  departments:
    Sales: Vertrieb
  domains:                   with those within it: e-mail addresses, hosts and URLs
    acme.example.com: beta.example.com
  languages:
    EN: DE
  prompt_sets:
    English Prompts: German Prompts
A line about one number goes before ranges, but not for the ends of a range in the files.
A line that matches nothing is an error.

\b
Only values that are a name or number change, such as destinations, BLF keys and caller
ids; in calls.yml, too. Texts that contain an old one are listed with *. ! is needed on
the target, ? is a reference that no file declares, - is left out. Layers become one
directory; comments of A are kept in calls.yml only.

"""
    + SECRETS_HELP
    + """\b
Exit status: 0 done, 1 failure.
"""
)
@click.argument("places", metavar="A B", nargs=-1)
@layer_option("A")
@click.option("--map", "map_path", type=PATH, help="File that says what changes.")
@click.option("--release", help="Release of the PBX that the files are for, such as 20.0.8. A PBX tells its own.")
@click.option("--files", "kept", type=PATH, help="If B is a PBX: directory for the files, too.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation. Required without a terminal.")
@click.option("--waive", metavar="WAIVER", help="Waiver of the removal limits, as shown by the plan.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    help="Maximum number of parallel writes; twice as many operations run at a time, unless it is 1.",
)
@click.option("--update-secrets", is_flag=True, help="Set the credentials of existing objects, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_consent
@with_secrets
def command(
    places: tuple[str, ...],
    named: tuple[Path, ...],
    map_path: Path | None,
    release: str | None,
    kept: Path | None,
    yes: bool,
    waive: str | None,
    parallel: int,
    update_secrets: bool,
    as_json: bool,
    consent: dict[str, Any],
    secrets: Resolver,
) -> int:
    """Copy the configuration A to B with other numbers and names.

    A is a directory of files, or profile:NAME for the PBX of a profile, which is only read. B is a new directory for
    the files, or profile:NAME for the PBX that they are applied to. Credentials are not copied: markers stand for them.
    """
    from pbx_as_code.cli.applying import Run
    from pbx_as_code.cli.callflow import profile_of
    from pbx_as_code.cli.cloning import add_expectations, note_what_is_lost, places_of
    from pbx_as_code.cli.comparing import declaring, limits_of, loaded
    from pbx_as_code.cli.output import print_json, print_text
    from pbx_as_code.cli.sources import configuration_of
    from pbx_as_code.cloning import CloneMap, Target, clone, read_map
    from pbx_as_code.cloning import as_json as clone_as_json
    from pbx_as_code.cloning import as_text as clone_as_text

    # Only profile:NAME: a bare name means a new directory, even if a profile has it, for a PBX would be written.
    source, target = places_of(places, named)
    what, colon, name = target.partition(":")
    profile = name if colon and what == "profile" else None
    if profile is None and (kept is not None or yes or waive or update_secrets or any(consent.values())):
        raise click.UsageError("B is a directory, so nothing is applied: leave out the options of an apply.")
    if profile is not None and release is not None:
        raise click.UsageError("The PBX tells its release: leave out --release.")
    written = Path(target) if profile is None else kept
    if written is not None and written.exists() and (not written.is_dir() or any(written.iterdir())):
        raise click.UsageError(f"{written} exists and is not empty. Name a new directory, or apply its files.")
    layers = [Path(source)] if source is not None and profile_of(source) is None else list(named)
    outer = next((one for one in layers if written is not None and one.resolve() in written.resolve().parents), None)
    if outer is not None:
        raise click.UsageError(
            f"{written} is within {outer}, whose files it would be read with. Name a directory elsewhere."
        )
    wanted = CloneMap() if map_path is None else read_map(map_path)
    configuration = loaded(named, strict=True) if source is None else configuration_of(source, max(4, parallel))
    declaring(configuration, layers or [Path(str(source))])
    if profile is not None:
        run = Run(kept, limits_of(configuration), secrets, yes, waive, parallel, as_json)
        return _apply(configuration, wanted, profile, run, consent, layers, update_secrets=update_secrets)
    made = clone(configuration, wanted, Target(release=release))
    add_expectations(made, layers)
    note_what_is_lost(layers)
    if not as_json:
        print_text(clone_as_text(made))
    _write(made, Path(target))
    if as_json:
        print_json(clone_as_json(made))
    else:
        number = len(made.configuration.definitions)
        declared = counted(number, "object or setting", "objects and settings")
        click.echo(f"{target}: {declared} in {counted(len(made.files), 'file')}.")
    return 0


def _apply(
    configuration: Configuration,
    wanted: CloneMap,
    profile: str,
    run: Run,
    consent: dict[str, Any],
    layers: list[Path],
    *,
    update_secrets: bool,
) -> int:
    """Apply a clone to the PBX of a profile."""
    from tempfile import TemporaryDirectory

    from pbx_as_code.cli.applying import carry_out
    from pbx_as_code.cli.cloning import add_expectations, note_what_is_lost
    from pbx_as_code.cli.comparing import compared
    from pbx_as_code.cli.connection import client_of
    from pbx_as_code.cli.output import print_text
    from pbx_as_code.cloning import Target, clone
    from pbx_as_code.cloning import as_json as clone_as_json
    from pbx_as_code.cloning import as_text as clone_as_text
    from pbx_as_code.config.export import identity_of_pbx
    from pbx_as_code.pbx import Pbx

    with client_of(None, None, profile, read_only=False) as client, TemporaryDirectory() as temporary:
        pbx = Pbx(client)
        own = click.get_current_context().meta["client_id"]
        identity = identity_of_pbx(pbx)
        made = clone(configuration, wanted, Target(pbx.url, identity, pbx.release, own))
        add_expectations(made, layers)
        note_what_is_lost(layers)
        if not run.as_json:
            print_text(clone_as_text(made))
        directory = run.directory or Path(temporary)
        _write(made, directory)
        plan = compared(
            made.configuration, [directory], client, max(4, run.parallel), consent, update_secrets=update_secrets
        )
        if run.directory is None and (plan.impossible or plan.hints):
            click.echo("Note: places are those in the files of the clone. To keep them, add --files DIR.", err=True)
        return carry_out(plan, pbx, run, {"clone": clone_as_json(made)})


def _write(made: Clone, directory: Path) -> None:
    for name, content in made.files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
