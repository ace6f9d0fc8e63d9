"""What cells print, without what is of one build only: the places of their files.

A cell is a file for Python, at a place such as /tmp/ipykernel_3787/414595817.py, and an
error that names the reader's line names it. On the page stands `your_file.py`.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx

PLACE = re.compile(r"[^\s\"'(]*ipykernel_\d+[/\\]\d+\.py")


def name_files(app: Sphinx, doctree: nodes.document) -> None:
    """Give the files of cells a name that a reader knows."""
    for block in doctree.findall(nodes.literal_block):
        text = block.astext()
        if PLACE.search(text):
            block.rawsource = PLACE.sub("your_file.py", text)
            block[:] = [nodes.Text(block.rawsource)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", name_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
