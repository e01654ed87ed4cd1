"""Write the files that are generated from the API's document and the catalogue.

spec and since read documents of the vendor. The other commands read the catalogue and the files that spec and since
wrote. make has a target for each command that contributors need.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from openapi.codegen.errors import one_clear_line

_COMMANDS = {
    "spec": "write openapi/xapi-v1.yaml from a document of the vendor or of a PBX",
    "since": "write openapi/catalogue/since.yaml from the documents of several releases",
    "client": "write api/ and models/ of the client",
    "entities": "write the descriptions of pbx_as_code/entities",
    "modules": "write the modules of the collection, and the descriptions they share with the library",
    "generate": "write client, collection and library for another document, into another folder",
    "surface": "write tests/client/surface.txt, the list of all methods of the client, to review changes for callers",
    "numbers": "print the number of modules",
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    whole = argparse.ArgumentParser(
        prog="python -m openapi.codegen", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = whole.add_subparsers(dest="command", metavar="command", required=True)
    each = {name: commands.add_parser(name, help=text, description=text) for name, text in _COMMANDS.items()}
    each["spec"].add_argument("source", nargs="?", default="", help="file, URL of a document, or URL of a PBX")
    each["spec"].add_argument("--to", type=Path, help="file to write (default: the committed one)")
    each["since"].add_argument(
        "sources", nargs="*", help="documents of several releases, whose file names end with the release"
    )
    each["since"].add_argument("--to", type=Path, help="file to write (default: the committed one)")
    each["client"].add_argument("--out", type=Path, help="folder of the import package (default: the committed one)")
    each["client"].add_argument("--document", type=Path, help="normalised document (default: the committed one)")
    for name in ("client", "entities", "modules"):
        each[name].add_argument(
            "--check", action="store_true", help="write nothing; exit with status 1 if a file differs"
        )
    each["generate"].add_argument("source", help="file, URL of a document, or URL of a PBX")
    each["generate"].add_argument("into", nargs="?", default="", help="folder to generate into")
    each["generate"].add_argument("--only", choices=("spec", "client", "modules"), help="generate only this part")
    for name in ("spec", "generate"):
        each[name].add_argument(
            "--ca", help="PEM file with certificate authorities to trust, for a PBX without a public certificate"
        )
    return whole


def run(given: argparse.Namespace) -> None:
    """Run one command; what it needs is imported here, so that --help costs nothing.

    Raises:
        CodegenError: its input is refused, or with --check a file differs.
    """
    match given.command:
        case "spec":
            from openapi.codegen import document, spec

            spec.run(given.source, given.to or document.COMMITTED, given.ca)
        case "since":
            from openapi.codegen import document, since

            since.run(given.sources, given.to or document.SINCE)
        case "client":
            from openapi.codegen import client, document

            client.run(given.out or client.PLACE, given.document or document.COMMITTED, check=given.check)
        case "entities" | "modules":
            from openapi.codegen.modules import generation

            places = (
                [generation.LIBRARY] if given.command == "entities" else [generation.COLLECTION, generation.LIBRARY]
            )
            generation.run(places, check=given.check)
        case "generate":
            from openapi.codegen import into

            into.run(given.source, given.into, given.only, given.ca)
        case "surface":
            from openapi.codegen import client_surface

            client_surface.run()
        case "numbers":
            from openapi.codegen.modules import numbers

            numbers.run()


@one_clear_line
def main() -> None:
    """Run the command line; end with one line on stderr and exit status 1 where the input is refused."""
    run(parser().parse_args())


if __name__ == "__main__":
    main()
