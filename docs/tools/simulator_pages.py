"""The page with the command line of the simulator, from its own help."""

from __future__ import annotations

import os
import subprocess
import sys

from docs.tools.staging import Stage

_PAGE = """\
# The command `threecx-simulator`

The output of `threecx-simulator --help`:

```text
{help}```

See also: [traits](traits.md), [seeds and many PBXs](seeds.md), [fault plans](faults.md).
"""


def write(stage: Stage) -> None:
    """Write simulator/command.md.

    Parameters:
        stage: the sources of the site
    """
    # argparse wraps by the width of the terminal.
    said = subprocess.run(
        [sys.executable, "-m", "pbx_simulator", "--help"],
        env={**os.environ, "COLUMNS": "88", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    stage.write("simulator/command.md", _PAGE.format(help=said))
