"""One workload on one framework, in a process of its own; `run.py` talks to it.

It reads lines: `losses` asks for the losses of the first steps, `time 0.3` for the time
of a step over that many seconds, `peak` for the most memory held. Each answer is one
line of JSON. Whatever a framework prints goes to standard error.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from workloads import NEEDS  # noqa: E402


def main(module: str, workload: str, framework: str) -> None:
    """Answer until there is nothing more to read."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    family = importlib.import_module(f"workloads.{module}")
    for name in NEEDS[framework]:
        importlib.import_module(name)
    start = resident()
    work = family.WORKLOADS[workload]
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "losses":
            answer = {"start": start, "version": version(framework)}
            try:
                step = getattr(family, f"on_{framework}")(work, family.inputs(work))
                steps = range(family.TIMING.first_steps)
                answer["losses"] = [float(step()) for _ in steps]
            except Exception as error:  # told; the others go on
                answer["failed"] = f"{type(error).__name__}: {error}"
        elif word == "time":
            answer = {"seconds": seconds_a_step(step, float(rest[0]))}
        else:
            answer = {"peak": peak()}
        print(json.dumps(answer), file=answers, flush=True)


def seconds_a_step(step, seconds: float) -> float:
    """Return what a step takes, on the average of as many as fit into `seconds`."""
    steps = 0
    started = time.perf_counter()
    while True:
        step()
        steps += 1
        passed = time.perf_counter() - started
        if passed >= seconds:
            return passed / steps


def resident() -> int:
    """Return the bytes that this process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except FileNotFoundError:  # not Linux
        return peak()
    return pages * os.sysconf("SC_PAGE_SIZE")


def peak() -> int:
    """Return the most bytes that this process ever held; 0 where nobody counts."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def version(framework: str) -> str:
    """Return which release of a framework this is."""
    names = {
        "pebblegrad": "pebblegrad-nn",
        "pebblegrad.scalar": "pebblegrad-scalar",
    }
    last = NEEDS[framework][-1]
    try:
        return importlib.metadata.version(names.get(last, last))
    except importlib.metadata.PackageNotFoundError:
        return "from a checkout"


if __name__ == "__main__":
    main(*sys.argv[1:])
