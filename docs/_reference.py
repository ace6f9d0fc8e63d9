"""The pages of the API reference, made from what each package says is public.

Nothing is listed by hand: a name is public when the `__all__` of a public module holds
it (tools/public_names.py finds them), it is described on the page of the file that it
is written in, and the first sentence of that file opens the page. Layers and the
functions that they call lie in files of one name, and so come to share a page.

The pages are written to reference/api/ before Sphinx reads its sources. At the end the
inventory of the built pages is compared with the list of public names: a missing one
is a warning, and warnings stop the build.
"""

import inspect
import re
import runpy
from collections import defaultdict
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.addnodes import (
    desc_addname,
    desc_name,
    desc_signature,
    pending_xref,
    pending_xref_condition,
)
from sphinx.application import Sphinx
from sphinx.domains.python import ObjectEntry
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from pebblegrad.autograd import Op
from pebblegrad.autograd._formula import formula

HERE = Path(__file__).parent
PAGES = HERE / "reference" / "api"
TOOL = runpy.run_path(str(HERE.parent / "tools" / "public_names.py"))
PACKAGES = (
    *("autograd", "nn", "optim", "data", "train", "loggers", "viz", "scalar"),
    "kernels",
)
# Headings of a package's page: the folders of its files, in the order of reading. What
# is written in nn/functional and nn/losses.py stands with the layers.
FOLDERS = {
    "": "The package itself",
    "ops": "Ops",
    "layers": "Layers and losses, with the functions that they call",
    "functional": "Layers and losses, with the functions that they call",
    "losses": "Layers and losses, with the functions that they call",
    "schedules": "Schedules of the learning rate",
    "transforms": "Transforms",
    "callbacks": "Callbacks",
    "metrics": "Metrics",
}
# Where the name of a file is no title for people.
TITLES = {
    "binary": "Losses for two classes",
    "classification": "Losses for several classes",
    "columns": "Windows as columns",
    "csv": "CSV of a run",
    "csv_file": "CSV files",
    "fills": "Constant and random initial values",
    "functional": "Gradients as functions",
    "idx": "Files in the idx format",
    "init": "Initial values",
    "json_lines": "JSON Lines",
    "known": "Values of a graph",
    "lambda_": "Schedules from functions",
    "linalg": "Linear algebra",
    "mlp": "MLP",
    "modes": "Switches and dtypes",
    "op": "Declaring an op",
    "random": "Random numbers",
    "regression": "Losses for numbers",
}

THINGS: list["Thing"] = []  # what follows is filled in by `write_pages`
PUBLIC_TYPES: set[type] = set()

log = logging.getLogger(__name__)


@dataclass
class Thing:
    """One public object: what it is, the file it is written in, its public names."""

    value: Any
    module: str
    names: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The shortest of its names, which is the one to use."""
        return min(self.names, key=lambda name: (name.count("."), name))


@dataclass
class Page:
    """What is written in one file, or in files of one name in one package."""

    package: str
    stem: str
    things: list[Thing] = field(default_factory=list)

    @property
    def document(self) -> str:
        """The name of the page's own file, without its ending."""
        return f"{self.package}-{self.stem}".replace("_", "-")

    @property
    def title(self) -> str:
        """The name that is alone on its page, or else the name of the file."""
        if len(self.things) == 1:
            return short(self.things[0].name)
        words = self.stem.replace("_", " ").strip().capitalize()
        return TITLES.get(self.stem, words)

    @property
    def folder(self) -> str:
        """The folder inside its package, or "" for the package itself."""
        return min(folder_of(thing.module) for thing in self.things)

    @property
    def sentences(self) -> list[str]:
        """The first sentence of each of its files."""
        modules = sorted({thing.module for thing in self.things})
        return [first_line(import_module(module)) for module in modules]


def short(name: str) -> str:
    """Return a public name without `pebblegrad.` and the package."""
    return name.split(".", 2)[-1]


def folder_of(module: str) -> str:
    """Return the folder of a module in its package, as FOLDERS knows it."""
    parts = module.split(".")[2:]
    return next((part for part in parts if part in FOLDERS), "")


def first_line(documented: Any) -> str:
    """Return the first line of a docstring, as reST."""
    line = (inspect.getdoc(documented) or "").partition("\n")[0]
    return "``".join(line.replace("``", "`").split("`"))


def public_things() -> list[Thing]:
    """Return every public object that is not a module, each once."""
    found: dict[int, Thing] = {}
    for name in TOOL["public_names"]():
        module, _, last = name.rpartition(".")
        value = getattr(import_module(module), last)
        if not isinstance(value, ModuleType):
            thing = found.setdefault(id(value), Thing(value, value.__module__))
            thing.names.append(name)
    return list(found.values())


def public_pages(things: list[Thing]) -> list[Page]:
    """Return the pages, in the order of their titles."""
    pages: dict[tuple[str, str], Page] = {}
    for thing in things:
        _, package, *_, stem = thing.module.split(".")
        key = package, stem.strip("_")
        pages.setdefault(key, Page(*key)).things.append(thing)
    return sorted(pages.values(), key=lambda page: page.title.lower())


def heading(text: str, line: str = "=") -> list[str]:
    """Return the lines of a heading."""
    return [text, line * len(text), ""]


def directive(thing: Thing) -> list[str]:
    """Return the lines that put one object on its page."""
    if not isinstance(thing.value, type):
        kind = "autofunction" if callable(thing.value) else "autodata"
        return [f".. {kind}:: {thing.name}", ""]
    # What comes from a private class is the object's own business; what comes from a
    # public one is described there.
    bases = thing.value.__mro__[1:]
    own = [b for b in bases if b.__module__.startswith("pebblegrad.")]
    documented = [b.__name__ for b in bases if b not in own]
    documented += [b.__name__ for b in own if b in PUBLIC_TYPES]
    lines = [f".. autoclass:: {thing.name}", "   :members:"]
    if any(b in PUBLIC_TYPES for b in thing.value.__bases__):
        lines.append("   :show-inheritance:")
    if any(b not in PUBLIC_TYPES for b in own):
        lines.append(f"   :inherited-members: {', '.join(documented)}")
    return [*lines, ""]


def page_lines(page: Page) -> list[str]:
    """Return the lines of the page of one file."""
    # An orphan: with 150 more entries in the sidebar of each page a build takes twice
    # as long, and nobody finds anything in it. The way up is the first line.
    up = f":doc:`pebblegrad.{page.package} <{page.package}>`"
    lines = [":orphan:", "", *heading(page.title), f"{up}\n"]
    lines += [f"{text}\n" for text in page.sentences]
    for thing in sorted(page.things, key=lambda thing: place(thing, page)):
        lines += directive(thing)
    return lines


def place(thing: Thing, page: Page) -> tuple[bool, bool, str]:
    """Return what orders a page: classes, then functions, the title's name first."""
    last = thing.name.rpartition(".")[2].lower()
    is_title = last.replace("_", "") == page.stem.replace("_", "")
    return not isinstance(thing.value, type), not is_title, last


def package_lines(name: str, pages: list[Page]) -> list[str]:
    """Return the lines of the page of a package: its files and what is in each."""
    module = import_module(f"pebblegrad.{name}")
    lines = [*heading(f"pebblegrad.{name}"), f"{first_line(module)}\n"]
    for each in TOOL["public_modules"](module):
        lines += [f".. py:module:: {each.__name__}", ""]
    groups = defaultdict(list)
    for page in pages:
        groups[FOLDERS[page.folder]].append(page)
    for text in dict.fromkeys(FOLDERS.values()):
        if text not in groups:
            continue
        lines += heading(text, "-") if len(groups) > 1 else []
        lines += [".. list-table::", "   :widths: 30 70"]
        lines += ["   :class: pages", ""]
        for page in groups[text]:
            names = sorted((thing.name for thing in page.things), key=str.lower)
            links = ", ".join(f":py:obj:`{short(n)} <{n}>`" for n in names)
            lines += [f"   * - :doc:`{page.title} <{page.document}>`", ""]
            lines += [f"       {sentence}\n" for sentence in page.sentences]
            lines += [f"     - {links}"]
        lines.append("")
    return lines


def write_pages(app: Sphinx) -> None:
    """Write all pages, and leave alone those that would not change."""
    things = public_things()
    PUBLIC_TYPES.update(t.value for t in things if isinstance(t.value, type))
    THINGS[:] = things
    pages = public_pages(things)
    texts = {page.document: page_lines(page) for page in pages}
    for name in sorted({page.package for page in pages}):
        own = [page for page in pages if page.package == name]
        texts[name] = package_lines(name, own)
    PAGES.mkdir(exist_ok=True)
    for file in PAGES.glob("*.rst"):
        if file.stem not in texts:
            file.unlink()
    for document, lines in texts.items():
        file, text = PAGES / f"{document}.rst", "\n".join(lines) + "\n"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def add_facts(
    app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]
) -> None:
    """Put an op's formulas and a thing's other names below its docstring."""
    if isinstance(value, Op) and value.rules:
        lines += ["", "Gradients:", "", ".. code-block:: python", ""]
        for inputs, text in formulas(value):
            first, *rest = text.splitlines()
            if rest:
                lines += [
                    f"    {inputs}:",
                    *(f"        {line}" for line in (first, *rest)),
                ]
            else:
                lines.append(f"    {inputs}: {first}")
        lines.append("")
    thing = next((t for t in THINGS if t.name == name), None)
    others = sorted(set(thing.names) - {name}) if thing else []
    if others:
        lines += ["", f"Also as {', '.join(f'``{other}``' for other in others)}.", ""]


def formulas(op: Op) -> list[tuple[str, str]]:
    """Return the formulas of an op, each with the inputs that it is for."""
    texts: dict[str, list[str]] = defaultdict(list)
    for name, rule in op.rules.items():
        texts[formula(rule.function)].append(name)
    return [(", ".join(names), text) for text, names in texts.items()]


def add_names(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Give the other public names of a thing the place of the one that is used."""
    objects = env.domains.python_domain.objects
    for thing in THINGS:
        if entry := objects.get(thing.name):
            for other in {*thing.names} - {thing.name}:
                objects[other] = ObjectEntry(
                    entry.docname, entry.node_id, entry.objtype, True
                )
    public = {*TOOL["public_names"]()}
    listed = (HERE.parent / "tests" / "public_names.txt").read_text("utf-8").split()
    if missing := sorted((public | {*listed}) - {*objects}):
        log.warning(
            "reference: %s are public and on no page; every public name was needed",
            ", ".join(missing),
        )
    return []


def name_classes(app: Sphinx, doctree: nodes.document) -> None:
    """Give a class or an op, `Tensor` or `ops.exp` say, its full name.

    Other names in single backticks are arguments as often as functions: just code.

    Two packages have a Tensor. The one that is meant is that of the package whose page
    it is, or else that of the first package in the order of PACKAGES.
    """
    ops = {thing.name for thing in THINGS if ".ops." in thing.name}
    here = app.env.docname.rpartition("/")[2].partition("-")[0]
    order = {name: place for place, name in enumerate((here, *PACKAGES))}
    classes: dict[str, str] = {}
    for thing in sorted(THINGS, key=lambda t: -order.get(t.name.split(".")[1], 99)):
        if isinstance(thing.value, type):
            classes[thing.name.rpartition(".")[2]] = thing.name
    for node in list(doctree.findall(pending_xref)):
        first, dot, rest = node.get("reftarget", "").partition(".")
        if node.get("refdomain") != "py" or first == "pebblegrad":
            continue
        if first in classes:
            node["reftarget"] = classes[first] + dot + rest
            node["refspecific"] = False
        elif f"pebblegrad.autograd.{first}{dot}{rest}" in ops:
            node["reftarget"] = f"pebblegrad.autograd.{first}{dot}{rest}"
        elif node["reftype"] == "obj" and not list(
            node.findall(pending_xref_condition)  # in a signature
        ):
            node.replace_self(node.children)


def show_names(app: Sphinx, doctree: nodes.document) -> None:
    """Show a thing's name as it is written after its package: `ops.add`, not `add`."""
    things = {thing.name: thing for thing in THINGS}
    for signature in doctree.findall(desc_signature):
        names = [things[i] for i in signature["ids"] if i in things]
        if not names:
            continue
        before = short(names[0].name).rpartition(".")[0]
        name = next(iter(signature.findall(desc_name)))
        if before:
            prefix = desc_addname(f"{before}.", f"{before}.")
            name.parent.insert(name.parent.index(name), prefix)


def leave_out_builtins(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Let viewcode list no module whose source it has not found."""
    modules = getattr(env, "_viewcode_modules", {})
    for name in [name for name, entry in modules.items() if not entry]:
        del modules[name]
    return []


def mend_links_back(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Lead each link from a source to the name that its thing is described by.

    viewcode takes all things of a file for members of one module; ours are public in
    several, and only one of their names is an anchor.
    """
    if not page.startswith("_modules/pebblegrad"):
        return
    module = page.removeprefix("_modules/").replace("/", ".")
    here = {
        thing.name.rpartition(".")[2]: thing.name
        for thing in THINGS
        if thing.module == module
    }

    def mended(link: re.Match[str]) -> str:
        start, thing, member = link.groups()
        return f"{start}#{here[thing]}{member}" if thing in here else link[0]

    context["body"] = re.sub(
        r'(<div class="viewcode-block" id="(?P<thing>\w+)(?P<member>[\w.]*)">\n'
        r'<a class="viewcode-back" href="[^"#]*)#[^"]*',
        mended,
        context["body"],
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", add_facts, priority=900)  # after napoleon
    app.connect("env-updated", add_names)
    app.connect("env-updated", leave_out_builtins)
    app.connect("doctree-read", name_classes)
    app.connect("doctree-read", show_names)
    app.connect("html-page-context", mend_links_back)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
