"""Tree: something made of Tensors and Trees, and how what is inside is found.

A `Module` is a Tree that is called and has a state. Lists, tuples and dicts among its
attributes are opened; names are the attributes' names, places in lists and keys of
dicts, joined by dots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pebblegrad.autograd import Tensor


class Tree:
    """Something made of Tensors and other Trees, by its attributes."""

    _only_holds = False  # whether it is never called itself, only what it holds
    _frozen: tuple[Tensor, ...] = ()  # those of its own that `requires_grad_` froze

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """Yield name and value of each attribute, in their order."""
        yield from ((k, v) for k, v in vars(self).items() if k != "_frozen")


def each_once(tree: Tree, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield name and value of every Tree and Tensor, depth first, by its first name."""
    return _walk(tree, prefix, set(), once=True)


def each_name(tree: Tree) -> Iterator[tuple[str, Any]]:
    """Yield name and value of every Tree and Tensor, what is shared by each name.

    A Tree inside of which it is itself is not entered again.
    """
    return _walk(tree, "", set(), once=False)


def _walk(
    tree: Tree, prefix: str, seen: set[int], once: bool
) -> Iterator[tuple[str, Any]]:
    if id(tree) in seen:
        return
    seen.add(id(tree))
    yield prefix, tree
    for name, value in inside(tree._attributes(), prefix):
        if isinstance(value, Tree):
            yield from _walk(value, name, seen, once)
        elif not once:
            yield name, value
        elif id(value) not in seen:
            seen.add(id(value))
            yield name, value
    if not once:
        seen.discard(id(tree))


def inside(items: Iterable[tuple[Any, Any]], prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield the Tensors and Trees among the values, lists and dicts opened."""
    for key, value in items:
        name = f"{prefix}.{key}" if prefix else f"{key}"
        if isinstance(value, Tensor | Tree):
            yield name, value
        elif isinstance(value, list | tuple):
            yield from inside(enumerate(value), name)
        elif isinstance(value, dict):
            yield from inside(value.items(), name)


def steps(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Yield how each Tree that this one calls is reached: `.encoder`, `.layers[2]`."""
    stack: list[tuple[str, Any]] = [(f".{k}", v) for k, v in vars(tree).items()]
    while stack:
        path, value = stack.pop()
        if isinstance(value, Tree):
            if value._only_holds:
                stack += [
                    (f"{path}[{key if key.isdecimal() else repr(key)}]", held)
                    for key, held in value._attributes()
                ]
            else:
                yield path, value
        elif isinstance(value, list | tuple):
            stack += [(f"{path}[{i}]", v) for i, v in enumerate(value)]
        elif isinstance(value, dict):
            stack += [(f"{path}[{k!r}]", v) for k, v in value.items()]
