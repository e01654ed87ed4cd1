"""Configuration of Sphinx. `make docs` stages the sources, so paths are those of build/docs/source."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "generated_client"), str(ROOT)]

import threecx_xapi  # noqa: E402

release = threecx_xapi.__version__
project = "threecx.xapi"
copyright = "the threecx.xapi authors"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_antsibull_ext",
    "sphinx_copybutton",
    "sphinx_design",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
templates_path = ["_templates"]
# Nothing is fetched: `make docs` works offline.
intersphinx_mapping: dict[str, tuple[str, str | None]] = {}
pygments_style = "default"
highlight_language = "yaml+jinja"

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
maximum_signature_line_length = 80
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
# Client and engine both have an error NotFound and a Conflict, which docstrings name without their module.
suppress_warnings = ["ref.python"]
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "pydata_sphinx_theme"
html_title = "threecx.xapi"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_use_index = False
html_domain_indices = False
html_theme_options = {
    "collapse_navigation": True,
    "navigation_depth": 3,
    "show_nav_level": 1,
    "show_toc_level": 2,
    "header_links_before_dropdown": 7,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
    "pygments_light_style": "default",
    "pygments_dark_style": "monokai",
    "logo": {"text": "threecx.xapi"},
    "search_bar_text": "Search modules, commands, messages",
}
