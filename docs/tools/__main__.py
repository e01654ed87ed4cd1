"""python -m docs.tools [--sample]: build the documentation site into build/docs/html, offline and without warnings.

Pages written by hand are in docs/. The reference of modules, command, client and simulator is generated, and files of
the repository such as ARCHITECTURE.md are included; all of them are staged in build/docs/source.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from docs.tools import (
    client_pages,
    command_pages,
    kinds_page,
    links,
    lint_page,
    module_pages,
    rules_page,
    simulator_pages,
)
from docs.tools.staging import BUILD, Stage
from openapi.codegen.errors import CodegenError, one_clear_line
from release.tools import ReleaseError, prepare

HTML = BUILD / "html"


@one_clear_line
def main() -> None:
    """Build the site; exit status 1 with the warnings of Sphinx, or the links that lead nowhere."""
    parser = argparse.ArgumentParser(prog="python -m docs.tools", description=__doc__)
    parser.add_argument(
        "--sample",
        action="store_true",
        help="render the pages of some modules and tags; other modules get link targets",
    )
    sample = parser.parse_args().sample
    try:
        programs = prepare("docs")
    except ReleaseError as error:
        raise CodegenError(f"The tools of the documentation cannot be installed: {error}") from None
    stage = Stage()
    stage.pages()
    command_pages.write(stage)
    kinds_page.write(stage)
    rules_page.write(stage)
    lint_page.write(stage)
    client_pages.write(stage, sample=sample)
    simulator_pages.write(stage)
    module_pages.write(stage, programs, sample=sample)
    stage.close()
    sphinx: list[str | Path] = ["-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2", "-b", "html"]
    built = subprocess.run([programs / "python", *sphinx, "-d", BUILD / "doctrees", stage.folder, HTML], check=False)
    if built.returncode:
        # Sphinx does not repeat the warnings of pages that did not change.
        shutil.rmtree(BUILD / "doctrees", ignore_errors=True)
        raise CodegenError("The documentation has the mistakes shown above. Correct them in docs/ or its generator.")
    if broken := links.broken(HTML):
        raise CodegenError("These links lead nowhere:\n" + "\n".join(broken))
    pages = sum(1 for _ in HTML.rglob("*.html"))
    sys.stdout.write(f"{pages} pages are in build/docs/html; open build/docs/html/index.html.\n")


if __name__ == "__main__":
    main()
