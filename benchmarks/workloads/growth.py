"""1, 10 and 100 times as many nodes, parameters or samples; `growth.py` times them.

Nodes: additions in a row. Parameters: the width of the hidden layer of 256-width-256,
batch 64, a step of Adam. Samples: the batch of 64-64-10, a step of SGD.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workloads import Timing, chain, mlp

TIMES = (1, 10, 100)
TIMING = Timing(rounds=5, seconds=0.2, first_steps=1)


@dataclass(frozen=True)
class Grown:
    """Some work, of a certain size."""

    size: int
    work: int | mlp.Work


WORKLOADS = {}
WORDS = {}
for _times in TIMES:
    _wide = mlp.Work((256, 64 * _times, 256), "cross_entropy", "adam", 64, 1e-3)
    _long = mlp.Work((64, 64, 10), "cross_entropy", "sgd", 256 * _times, 0.1)
    WORKLOADS[f"nodes_{_times}"] = Grown(1_000 * _times, 1_000 * _times)
    WORKLOADS[f"parameters_{_times}"] = Grown(256 + 513 * 64 * _times, _wide)
    WORKLOADS[f"samples_{_times}"] = Grown(_long.batch, _long)
    WORDS |= {
        f"nodes_{_times}": "additions in a row, and back",
        f"parameters_{_times}": "256-width-256, batch 64, Adam: a step",
        f"samples_{_times}": "64-64-10, SGD: a step",
    }


def inputs(grown: Grown):
    """Return what the work starts from."""
    kind = chain if isinstance(grown.work, int) else mlp
    return kind.inputs(grown.work)


def on_pebblegrad(grown: Grown, inputs) -> Callable[[], object]:
    """As the other workloads do it."""
    kind = chain if isinstance(grown.work, int) else mlp
    return kind.on_pebblegrad(grown.work, inputs)
