"""The guide: Sphinx reads the pages of this folder, and runs every cell in them.

    python3 dev.py -s docs        builds it into .dev/docs/html, against the wheels

A warning stops the build: a cell that fails, a link that leads nowhere, a public name
that has no page. What the pages load lies beside them, so that they can be read without
a network, and from a folder as well as from a server.
"""

import os
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "pebblegrad"
author = "the pebblegrad contributors"
html_title = "pebblegrad"
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "_reference",
    "_printed",
    "_offline",
]
exclude_patterns = ["jupyter_execute", "exercises/*/**", "performance-table.md"]

# Cells run in the order of a page, and anew in every build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_ipywidgets_js = {}  # widgets need a script from elsewhere

# A button copies what a reader would type, without prompts and what they answered.
copybutton_selector = ", ".join(
    f"div.{kind} pre"
    for kind in ("cell_input", "highlight-python", "highlight-console", "doctest")
)
# Three dots and [100%] are pytest's, and no prompt.
copybutton_prompt_text = r">>> |\.\.\. (?!\s+\[100%)|\$ "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Docstrings: single backticks are code, and a link where they name a public class.
default_role = "py:obj"
napoleon_custom_sections = [
    ("Shape", "returns_style"),
    ("Reference", "notes_style"),
]
napoleon_use_ivar = True
napoleon_use_rtype = False
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
python_display_short_literal_types = True
maximum_signature_line_length = 80
add_module_names = False
toc_object_entries_show_parents = "hide"

# Every reference to something of ours must lead somewhere. Other libraries have their
# own pages, which a build without network cannot ask; and `py:obj` is any code.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:obj", r".*"),
    (r"py:.*", r"(?!pebblegrad\.).*"),
    (r"py:.*", r"pebblegrad\.(.*\.)?_.*"),
    (r"py:class", r"pebblegrad\.data\.loader\.Batch"),  # what a loader yields
]

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["guide.css"]
html_js_files = ["guide.js"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False


def setup(app: Sphinx) -> None:
    """Tell the cells where a file goes that a page shows: see `_offline.py`."""
    files = Path(app.outdir) / "files"
    files.mkdir(parents=True, exist_ok=True)
    os.environ["GUIDE_FILES"] = str(files)
