"""Fixtures of the loggers' tests: a fixed clock and a Tensor-like stand-in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest


class TensorLike:
    """Refuses to become an array until detached, as a Tensor with a graph does."""

    def __init__(self, data: Any, *, requires_grad: bool = True) -> None:
        self.data = np.asarray(data)
        self.requires_grad = requires_grad

    def detach(self) -> "TensorLike":
        return TensorLike(self.data, requires_grad=False)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self.requires_grad:
            raise RuntimeError("call detach() first")
        return self.data


@pytest.fixture
def tensor() -> type[TensorLike]:
    return TensorLike


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: datetime(2026, 2, 1, 23, 37, 39, 500_000)
