"""The pages of the collection's modules, roles and plugins, rendered by antsibull-docs and grouped by topic."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from docs.tools.staging import BUILD, Stage
from openapi.codegen.document import ROOT
from openapi.codegen.errors import CodegenError

COLLECTIONS = ROOT / "build" / "collections"
_TABLE = ROOT / "ansible_collection" / "docs" / "modules.md"
#: Rendered by `--sample`: an object, an _info module, settings, a module for files, and all plugins and roles.
SAMPLE = {
    "threecx_config", "threecx_fax", "threecx_fax_info", "threecx_mail_settings", "threecx_operation",
}  # fmt: skip
_LABEL = re.compile(r"^ *\.\. _(ansible_collections\.[^:]+|.*?):$", re.MULTILINE)
_ELSEWHERE = re.compile(r"<(ansible_collections\.(?!threecx\.)[^>]+)>`")
_INDEX = """\
# Modules by topic

{numbers}

`ansible-doc threecx.xapi.threecx_fax` shows the same pages in a terminal. [The table of operations](operations.md)
leads from an operation of the API to its modules.

{topics}

```{{toctree}}
:hidden:

{pages}
plugins
Operations <operations>
```
"""
_TOPIC = """\
# {title}

{table}

```{{toctree}}
:hidden:

{pages}
```
"""
_PLUGINS = """\
# Roles and plugins

```{{toctree}}
:maxdepth: 1

{pages}
environment_variables
```
"""
#: Labels of Ansible's own documentation to which the pages refer.
_ANSIBLE = """\
:orphan:

.. _common_return_values:
.. _ansible_configuration_settings:
.. _action_plugins:
{modules}

Pages of Ansible's documentation
================================

- Common return values of all modules: ``changed``, ``failed``, ``msg``, ``diff`` and ``skipped``. See "Return Values"
  in the documentation of Ansible.
- Configuration of Ansible: see ``ansible-config list``.
- Action plugins run on the controller, before or instead of the module. See "Action plugins" in the
  documentation of Ansible.
"""


def write(stage: Stage, programs: Path, *, sample: bool) -> None:
    """Write the pages.

    Parameters:
        stage: the sources of the site
        programs: folder of antsibull-docs
        sample: render a few modules; the pages of the others hold only the targets of links to them

    Raises:
        CodegenError: antsibull-docs failed, and has said why
    """
    pages = _rendered(programs)
    for name, text in pages.items():
        short = sample and name.endswith("_module") and name.removesuffix("_module") not in SAMPLE
        stage.write(f"modules/{name}.rst", _targets(text, name) if short else shortened(text))
    elsewhere = sorted({label for text in pages.values() for label in _ELSEWHERE.findall(text)})
    stage.write("modules/ansible.rst", _ANSIBLE.format(modules="\n".join(f".. _{label}:" for label in elsewhere)))
    _write_topics(stage)
    others = sorted(name for name in pages if not name.endswith("_module") and name != "environment_variables")
    entries = [f"{name.rpartition('_')[0]} ({name.rpartition('_')[2]}) <{name}>" for name in others]
    stage.write("modules/plugins.md", _PLUGINS.format(pages="\n".join(entries)))


def _write_topics(stage: Stage) -> None:
    head, *parts = re.split(r"^## ", _TABLE.read_text(), flags=re.MULTILINE)
    topics, pages = [], []
    for part in parts:
        title, _, table = part.partition("\n")
        slug = re.sub(r"\W+", "_", title.lower())
        modules = sorted(set(re.findall(r"`(threecx_\w+)`", table)))
        linked = re.sub(r"`(threecx_\w+)`", r"[`\1`](\1_module.rst)", table.strip())
        entries = "\n".join(f"{name.removeprefix('threecx_')} <{name}_module>" for name in modules)
        stage.write(f"modules/{slug}.md", _TOPIC.format(title=title, table=linked, pages=entries))
        shown = [name for name in modules if not name.endswith("_info")] or modules
        listed = ", ".join(f"[`{name.removeprefix('threecx_')}`]({name}_module.rst)" for name in shown)
        topics.append(f"## [{title}]({slug}.md)\n\n{listed}\n")
        pages.append(f"{title} <{slug}>")
    numbers = next(line for line in head.splitlines() if line.endswith("modules."))
    stage.write("modules/index.md", _INDEX.format(numbers=numbers, topics="\n".join(topics), pages="\n".join(pages)))


def _rendered(programs: Path) -> dict[str, str]:
    """The pages of antsibull-docs by name, rendered if the collection has changed since the last time."""
    manifest = COLLECTIONS / "ansible_collections" / "threecx" / "xapi" / "FILES.json"
    state = hashlib.sha256(manifest.read_bytes() + (ROOT / "requirements-docs.txt").read_bytes()).hexdigest()
    folder, stamp = BUILD / "antsibull", BUILD / "antsibull.stamp"
    if not stamp.is_file() or stamp.read_text() != state:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        folder.chmod(0o700)  # antsibull-docs refuses a folder that others can write
        command: list[str | Path] = [
            programs / "antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error",
            "--no-breadcrumbs", "--no-add-antsibull-docs-version", "--dest-dir", folder, "threecx.xapi",
        ]  # fmt: skip
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment |= {
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            raise CodegenError(f"antsibull-docs failed:\n{done.stdout}")
        stamp.write_text(state)
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.rst")) if path.stem != "index"}


def shortened(text: str) -> str:
    """A page as people read it: the name and the purpose, then examples, then options.

    The note on installing the collection and the table of contents are left out, because every page would repeat the
    first and the theme shows the second.
    """
    title = re.compile(r"^threecx\.xapi\.(\w+) (module|lookup|filter|inventory|role)( -- .*)?\n\++$", re.MULTILINE)
    text = title.sub(lambda found: _heading(f"{found[1]}{found[3] or ''}", found[2]), text, count=1)
    text = re.sub(
        r"^\.\. Collection note\n.*?(?=^\.\. version_added|^\.\. Deprecated)", "", text, flags=re.DOTALL | re.MULTILINE
    )
    text = re.sub(r"^\.\. contents::\n(?: +.*\n)+", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\.\. Authors\n.*?(?=^\.\. Extra links)", "", text, flags=re.DOTALL | re.MULTILINE)
    examples = re.search(r"^\.\. Examples\n.*?(?=^\.\. Facts|^\.\. Return values)", text, re.DOTALL | re.MULTILINE)
    options = re.search(r"^\.\. Options\n", text, re.MULTILINE)
    if examples is None or options is None or examples.start() < options.start():
        return text
    before, after = text[: options.start()], text[options.start() : examples.start()]
    return f"{before}{examples[0]}{after}{text[examples.end() :]}"


def _heading(title: str, kind: str) -> str:
    words = title if kind == "module" else title.replace(" -- ", f" ({kind}) -- ", 1)
    return f"{words}\n{'+' * len(words)}"


def _targets(text: str, name: str) -> str:
    """A page that holds only the labels of another, so that links to it can be checked."""
    labels = "\n".join(f".. _{label}:" for label in dict.fromkeys(_LABEL.findall(text)))
    return f"{labels}\n\n{name}\n{'=' * len(name)}\n\nRendered by ``make docs``.\n"
