"""Helpers of the tests of pictures: where their boxes and texts are on the paper."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def texts() -> Callable[[Figure], list[str]]:
    return lambda figure: [text.get_text() for text in figure.axes[0].texts]


@pytest.fixture
def patches() -> Callable[..., dict[str, Any]]:
    """Return the patches whose gid begins with one of some words."""

    def find(figure: Figure, *words: str) -> dict[str, Any]:
        return {
            patch.get_gid(): patch
            for patch in figure.axes[0].patches
            if patch.get_gid() and patch.get_gid().startswith(words)
        }

    return find


@pytest.fixture
def overlaps() -> Callable[[list[Bbox]], list[tuple[int, int]]]:
    """Return the pairs of rectangles that overlap."""

    def find(boxes: list[Bbox]) -> list[tuple[int, int]]:
        x0, y0, x1, y1 = np.array([box.extents for box in boxes]).T
        aside = (x1[:, None] <= x0) | (x1 <= x0[:, None])
        above = (y1[:, None] <= y0) | (y1 <= y0[:, None])
        meet = ~(aside | above | aside.T | above.T)
        first, second = np.nonzero(np.triu(meet, 1))
        return list(zip(first.tolist(), second.tolist(), strict=True))

    return find
