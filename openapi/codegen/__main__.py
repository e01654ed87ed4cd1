"""Write the files that are generated from the API's document and the catalogue.

spec and since read documents of the vendor. The other commands read the catalogue and the files that spec and since
wrote. make has a target for each command that contributors need.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from openapi.codegen.errors import one_clear_line

_OF_MODULES = "openapi.codegen.modules.generation"
#: By command: the module whose function run has an argument for each option, and the help.
_COMMANDS = {
    "spec": ("openapi.codegen.spec", "write openapi/xapi-v1.yaml from a document of the vendor or of a PBX"),
    "since": ("openapi.codegen.since", "write openapi/catalogue/since.yaml from the documents of several releases"),
    "client": ("openapi.codegen.client", "write api/ and models/ of the client"),
    "entities": (_OF_MODULES, "write the descriptions of pbx_as_code/entities"),
    "modules": (_OF_MODULES, "write the modules of the collection, and the descriptions they share with the library"),
    "generate": ("openapi.codegen.into", "write client, collection and library for another document, elsewhere"),
    "surface": ("openapi.codegen.client_surface", "write tests/client/surface.txt, to review changes for callers"),
    "numbers": ("openapi.codegen.modules.modules_page", "print the number of modules"),
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    whole = argparse.ArgumentParser(
        prog="python -m openapi.codegen", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = whole.add_subparsers(metavar="command", required=True)
    each = {name: commands.add_parser(name, help=text, description=text) for name, (_, text) in _COMMANDS.items()}
    for name, (module, _) in _COMMANDS.items():
        each[name].set_defaults(module=module)
    each["entities"].set_defaults(only_library=True)
    for name in ("spec", "generate"):
        nargs = "?" if name == "spec" else None
        each[name].add_argument("source", nargs=nargs, default="", help="file, URL of a document, or URL of a PBX")
        each[name].add_argument("--ca", help="PEM file of authorities to trust, for a PBX without a public certificate")
    each["since"].add_argument("sources", nargs="*", help="documents of several releases, each named after its release")
    for name in ("spec", "since"):
        each[name].add_argument("--to", type=Path, help="file to write (default: the committed one)")
    each["client"].add_argument("--out", type=Path, help="folder of the import package (default: the committed one)")
    each["client"].add_argument("--document", type=Path, help="normalised document (default: the committed one)")
    for name in ("client", "entities", "modules"):
        each[name].add_argument("--check", action="store_true", help="write nothing, and fail if a file differs")
    each["generate"].add_argument("into", nargs="?", default="", help="folder to generate into")
    each["generate"].add_argument("--only", choices=("spec", "client", "modules"), help="generate only this part")
    return whole


@one_clear_line
def main() -> None:
    """Run the command line; end with one line on stderr and exit status 1 where the input is refused."""
    given = vars(parser().parse_args())
    # Imported only now, so that --help costs nothing.
    import_module(given.pop("module")).run(**given)


if __name__ == "__main__":
    main()
