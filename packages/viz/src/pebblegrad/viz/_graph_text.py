"""The graph behind a Tensor as text: a tree to print, or DOT or Mermaid to draw.

The same parts with the same words as in `plot_computation_graph` (see
`_graph_parts.py`), for a terminal, a doctest or a page that draws. In a tree each value
stands above what it was computed from; as a graph is no tree, what several ops read is
numbered where it stands first and only named after that. All walks are loops: a graph
may be longer than Python's stack is deep.
"""

import re
from collections.abc import Sequence

from pebblegrad.viz._boxes import Box
from pebblegrad.viz._colors import BLUE, GREY, ORANGE
from pebblegrad.viz._graph_parts import Part, Parts, read_parts
from pebblegrad.viz._graph_reading import HasGraph

WHO = "graph_text"
FORMATS = ("tree", "dot", "mermaid")
JOINER = "\u2060"
COLORS = {"op": BLUE, "leaf": ORANGE, "constant": GREY}


def graph_text(
    tensor: HasGraph,
    format: str = "tree",
    *,
    formulas: bool = False,
    max_nodes: int = 250,
    show_values: bool | None = None,
    fold: bool | None = None,
) -> str:
    """Return how a Tensor was computed, as text.

    Args:
        tensor: any Tensor, also one of single numbers, of pebblegrad.scalar; before or
            after `backward()`.
        format: "tree", to be printed, the result at the top and under each value what
            it was computed from; "dot", the language of Graphviz; or "mermaid", which
            notebooks and code hosts draw from a Markdown block.
        formulas: whether an op also shows its backward rules: ``dx = g * y``.
        max_nodes: at least 1; of a larger graph only so many values are written, those
            nearest to the result, and the text says what is left out. Mermaid draws at
            most 500 arrows unless it is told otherwise.
        show_values: whether values of a single element show their number and gradient;
            as in `plot_computation_graph`.
        fold: whether parts that repeat are written as one; as there.

    Returns:
        Lines, without a newline at the end. In "dot" and "mermaid" the nodes are called
        ``n0``, ``n1``, ..., inputs before results.

    Raises:
        TypeError: if an argument is not of its kind.
        ValueError: if `format` is none of the three, or `max_nodes` is below 1.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> x = Tensor([1.0, 2.0], label="x")
        >>> w = Tensor([0.5, -1.0], requires_grad=True, label="w")
        >>> print(graph_text(((w * x) ** 2 + w).sum()))
        sum ()
        └── add (2,)
            ├── power (2,)
            │   ├── multiply (2,)
            │   │   ├── w (2,) leaf [1]
            │   │   └── x (2,) constant
            │   └── 2
            └── w [1], see above
        >>> print(graph_text(w * 3, "mermaid"))
        flowchart TD
            n0["w<br/>(2,)"]
            n1{{"3"}}
            n2("multiply<br/>(2,)")
            n0 --> n2
            n1 --> n2
            classDef op fill:#DCEBF7,stroke:#0072B2,color:#1F2933
            class n2 op
            classDef leaf fill:#FCE3C5,stroke:#B35C00,color:#1F2933
            class n0 leaf
            classDef constant fill:#F1F3F5,stroke:#A3ADB8,color:#1F2933
            class n1 constant
            classDef result stroke-width:3px
            class n2 result

    Reference:
        Graphviz, "DOT Language", https://graphviz.org/doc/info/lang.html; Mermaid,
        "Flowcharts", https://mermaid.js.org/syntax/flowchart.html
    """
    if not isinstance(format, str):
        raise TypeError(
            f"{WHO}: format is of type {type(format).__name__}; "
            f"{_listed(FORMATS)} was needed"
        )
    if format not in FORMATS:
        raise ValueError(f"{WHO}: format is {format!r}; {_listed(FORMATS)} was needed")
    found = read_parts(
        tensor,
        WHO,
        formulas=formulas,
        show_values=show_values,
        fold=fold,
        max_nodes=max_nodes,
    )
    write = {"tree": _tree, "dot": _dot, "mermaid": _mermaid}[format]
    return "\n".join(write(found))


def _listed(words: Sequence[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _tree(found: Parts) -> list[str]:
    """Return the lines of a tree that hangs from the result."""
    parts = found.parts
    reads = [0] * len(parts)
    for part in parts:
        for parent in part.parents:
            reads[parent] += 1
    marks: dict[int, int] = {}  # of what is read again, in the order of the text
    lines: list[str] = []
    # What is still to be written: the part, and what stands before it in its line and
    # in those under it.
    waiting: list[tuple[int | None, str, str]] = [(len(parts) - 1, "", "")]
    while waiting:
        at, before, under = waiting.pop()
        if at is None:
            lines.append(f"{before}… left out")
            continue
        part = parts[at]
        if at in marks:
            lines.append(f"{before}{part.box.lines[0].text} [{marks[at]}], see above")
            continue
        text = _words(part)
        if reads[at] > 1:
            marks[at] = len(marks) + 1
            text += f" [{marks[at]}]"
        below: list[int | None] = list(part.parents)
        if part.box.cut:
            below.append(None)
        lines.append(before + text)
        bar = "│   " if below else "    "
        lines += [f"{under}{bar}{ln.text}" for ln in part.box.lines if ln.family]
        entries = [(parent, f"{under}├── ", f"{under}│   ") for parent in below]
        if entries:
            entries[-1] = (below[-1], f"{under}└── ", f"{under}    ")
        waiting += reversed(entries)
    return lines + [f"({note})" for note in found.notes]


def _words(part: Part) -> str:
    """Return what a tree says about a part, without its formulas."""
    texts = [line.text for line in part.box.lines if not line.family]
    if part.fold is not None:
        return "; ".join(texts).replace(",; ", ", ")  # a list of ops, in lines
    if part.node.kind not in ("op", texts[0]) and part.node.dtype is not None:
        texts.append(part.node.kind)
    return " ".join(texts)


def _dot(found: Parts) -> list[str]:
    """Return the lines of a graph in DOT."""
    shapes = {"op": "box", "leaf": "box", "constant": "octagon"}
    lines = [
        "digraph computation_graph {",
        *(f"    // {note}" for note in found.drawn_notes),
        "    graph [ordering=in];",
        '    node [fontname="Helvetica", fontsize=10, margin="0.1,0.05"];',
    ]
    for i, part in enumerate(found.parts):
        styles = ["filled"]
        styles += ["rounded"] if part.box.kind == "op" else []
        styles += ["dashed"] if part.box.cut else []
        styles += ["bold"] if part is found.parts[-1] else []
        fill, edge = COLORS[part.box.kind]
        lines.append(
            f"    n{i} [label={dot_quoted(_texts(part.box))}, "
            f'shape={shapes[part.box.kind]}, style="{",".join(styles)}", '
            f'fillcolor="{fill}", color="{edge}"'
            f"{', peripheries=2' if part.box.many else ''}];"
        )
    lines += [f"    n{p} -> n{i};" for p, i in _arrows(found.parts)]
    return [*lines, "}"]


def dot_quoted(texts: Sequence[str]) -> str:
    r"""Return lines as one quoted string of DOT, in which every character is itself.

    A backslash begins an escape there and an ampersand an entity, also within quotes.

    Example:
        >>> print(dot_quoted(['a "b"', r"c\n", "d & e"]))
        "a \"b\"\nc\\n\nd &amp; e"
    """
    escaped = [
        text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
        for text in texts
    ]
    return '"' + "\\n".join(escaped) + '"'


def _mermaid(found: Parts) -> list[str]:
    """Return the lines of a flowchart in Mermaid."""
    shapes = {"op": "({})", "leaf": "[{}]", "constant": "{{{{{}}}}}", "fold": "[[{}]]"}
    # Braces would begin a directive, in a comment too.
    notes = [note.replace("{", "(").replace("}", ")") for note in found.drawn_notes]
    lines = ["flowchart TD", *(f"    %% {note}" for note in notes)]
    for i, part in enumerate(found.parts):
        shape = shapes["fold" if part.box.many else part.box.kind]
        text = "<br/>".join(mermaid_escaped(text) for text in _texts(part.box))
        lines.append(f"    n{i}" + shape.format(f'"{text}"'))
    lines += [f"    n{p} --> n{i}" for p, i in _arrows(found.parts)]
    styles = {
        kind: f"fill:{fill},stroke:{edge},color:#1F2933"
        for kind, (fill, edge) in COLORS.items()
    } | {"cut": "stroke-dasharray:4 3", "result": "stroke-width:3px"}
    # Classes on lines of their own: Mermaid takes `:` and `;` in one line for a style.
    for name, style in styles.items():
        members = [
            f"n{i}"
            for i, part in enumerate(found.parts)
            if part.box.kind == name
            or (name == "cut" and part.box.cut)
            or (name == "result" and part is found.parts[-1])
        ]
        if members:
            lines.append(f"    classDef {name} {style}")
            lines.append(f"    class {','.join(members)} {name}")
    return lines


def mermaid_escaped(text: str) -> str:
    r"""Return a text of which Mermaid shows every character as it is.

    Other than letters, digits and a few harmless signs, characters are written as
    Mermaid's entities, ``#`` and their code, so that none of them ends a string, begins
    a tag, or is read as Markdown. Two pairs have a meaning even so, a line break and a
    formula: an invisible word joiner keeps them apart.

    Example:
        >>> mermaid_escaped('W "1" <b>'), mermaid_escaped("1. x"), mermaid_escaped("-1")
        ('W #34;1#34; #60;b#62;', '1#46; x', '-1')
    """
    text = re.sub(r"\\(?=n)|\$(?=\$)", lambda found: found[0] + JOINER, text)
    is_list = text[:1] in "-+*" or text.split(".", 1)[0].isdigit()
    escaped = []
    for i, character in enumerate(text):
        plain = character.isalnum() or character in " (),=…×"
        if character in "-+.":  # of these only what begins a list is special
            plain = not (is_list and text[i + 1 : i + 2] == " ")
        escaped.append(character if plain else f"#{ord(character)};")
    return "".join(escaped)


def _texts(box: Box) -> list[str]:
    return [line.text for line in box.lines]


def _arrows(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Return the arrows as pairs, those into one part in the order of its inputs."""
    return [(parent, i) for i, part in enumerate(parts) for parent in part.parents]
