"""Squares of float16 overflow from 256 on: what sums them up computes in float32."""

from __future__ import annotations

from typing import Any

from pebblegrad.autograd import ops


def widened(x: Any) -> Any:
    """Return ``x``, with float16 as float32."""
    return ops.astype(x, "float32") if x.dtype == "float16" else x


def narrowed(out: Any, x: Any) -> Any:
    """Return `out`, as float16 if ``x``, which it was made of, is."""
    return ops.astype(out, "float16") if x.dtype == "float16" else out
