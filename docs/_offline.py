"""A built page must load nothing from elsewhere: this looks whether one does.

Links that a reader may follow are fine; scripts, styles, fonts, pictures and frames
must lie beside the page.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

LOADS = re.compile(
    r"""<(?:script|img|iframe|source|video)\b[^>]*\bsrc=["'](?:https?:)?//[^"']+"""
    r"""|<link\b(?=[^>]*\brel=["'](?:stylesheet|preload|preconnect|icon)["'])"""
    r"""[^>]*\bhref=["'](?:https?:)?//[^"']+"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//[^"')]+"""
    r"""|url\(["']?(?:https?:)?//[^"')]+"""
)

log = logging.getLogger(__name__)


def look_for_loads(app: Sphinx, error: Exception | None) -> None:
    """Warn of each thing that a page or a style would load from elsewhere."""
    if error is not None or app.builder.format != "html":
        return
    for file in sorted(Path(app.outdir).rglob("*")):
        if file.suffix in {".html", ".css"}:
            for found in LOADS.findall(file.read_text(encoding="utf-8")):
                log.warning(
                    "%s: it loads %s; what a page loads was needed beside it",
                    file.relative_to(app.outdir),
                    found,
                )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("build-finished", look_for_loads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
