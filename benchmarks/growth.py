"""How time and memory grow with the number of nodes, parameters and samples.

    python benchmarks/growth.py            # half a minute
    python benchmarks/growth.py --quick    # only to see that it works

Each is made 10 and 100 times as large. If time goes as a power of the size, that power
is the slope of its logarithm over the size's: 1 is linear, 2 would be quadratic, and
less than 1 means that part of the time is there for any size. Two powers are told: the
one fitted to all three sizes, and that of the last step alone, which small sizes cannot
make look better. Memory is what a step holds at most of Python's objects and NumPy's
arrays, by `tracemalloc`, in which the parameters that were there before do not count.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent)]  # python -I leaves it out

from goals import POWER_AT_MOST  # noqa: E402
from rounds import REST, Worker  # noqa: E402
from workloads import OURS, growth  # noqa: E402


@dataclass
class Growth:
    """What three sizes of the same work take.

    Attributes:
        sizes: how many nodes, parameters or samples.
        seconds: a step of each size takes, round by round.
        memory: a step of each size holds at most, in bytes.
    """

    sizes: list[int] = field(default_factory=list)
    seconds: list[list[float]] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)

    def powers(self) -> dict[str, tuple[float, float]]:
        """Return for time and memory the fitted power, and that of the last step."""
        times = [statistics.median(rounds) for rounds in self.seconds]
        return {
            "time": powers(self.sizes, times),
            "memory": powers(self.sizes, self.memory),
        }


def powers(sizes: list[int], values: list[float] | list[int]) -> tuple[float, float]:
    """Return the power of the sizes that fits the values, and that of the last step."""
    x, y = np.log(sizes), np.log(values)
    slope = np.polyfit(x, y, 1)[0]
    return float(slope), float((y[-1] - y[-2]) / (x[-1] - x[-2]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only see that it works")
    show(measure_growth(quick=parser.parse_args().quick))


def measure_growth(*, quick: bool = False) -> dict[str, Growth]:
    """Time the sizes of each kind in turn, then ask for the memory of one step."""
    timing = growth.TIMING
    rounds, seconds = (1, 0.0) if quick else (timing.rounds, timing.seconds)
    rest = 0.0 if quick else REST
    sizes = growth.TIMES[:2] if quick else growth.TIMES
    results = {}
    for kind in ("nodes", "parameters", "samples"):
        names = [f"{kind}_{times}" for times in sizes]
        workers = [Worker("growth", name, OURS) for name in names]
        result = Growth(sizes=[growth.WORKLOADS[name].size for name in names])
        try:
            for worker in workers:
                answer = worker.ask("losses")
                if "failed" in answer:
                    raise RuntimeError(f"growth: {kind}: {answer['failed']}")
            result.seconds = [[] for _ in workers]
            for _ in range(rounds):
                for worker, times in zip(workers, result.seconds, strict=True):
                    times.append(worker.time(seconds, rest))
            result.memory = [worker.ask("traced")["bytes"] for worker in workers]
        finally:
            for worker in workers:
                worker.close()
        results[kind] = result
    return results


def show(results: dict[str, Growth]) -> None:
    """Print a table, and the powers below each kind."""
    print("\ngrowth: 1, 10 and 100 times as much")
    for kind, result in results.items():
        print(f"  {kind}: {growth.WORDS[f'{kind}_1']}")
        for size, times, memory in zip(
            result.sizes, result.seconds, result.memory, strict=True
        ):
            print(
                f"    {size:10,} {statistics.median(times) * 1e3:12.3f} ms "
                f"{memory / 1e6:10.3f} MB"
            )
        for what, (fitted, last) in result.powers().items():
            print(
                f"    {what} goes as the power {fitted:.2f} of the size, "
                f"{last:.2f} in the last step: {verdict(fitted, last)}",
                flush=True,
            )


def verdict(fitted: float, last: float) -> str:
    """Say in words what the powers are."""
    if max(fitted, last) > POWER_AT_MOST:
        return "MORE THAN LINEAR"
    return "linear" if fitted > 0.9 else "less than linear"


if __name__ == "__main__":
    main()
