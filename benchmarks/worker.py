"""One workload on one framework, in a process of its own; `rounds.py` talks to it.

It reads lines: `losses` asks for the losses of the first steps, `time 0.3` for the time
of a step over that many seconds, `peak` for the most memory held, `traced` for what a
step holds by itself. Each answer is one line of JSON. Whatever a framework prints goes
to standard error.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from workloads import FRAMEWORKS, family, function_of  # noqa: E402


def main(module: str, workload: str, framework: str) -> None:
    """Answer until there is nothing more to read."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # Ctrl-C reaches every process of a terminal: the one that asks ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "losses":
            try:
                start, step, losses = prepare(module, workload, framework)
                answer = {"losses": losses, "start": start}
                answer["version"] = version(framework)
            except Exception as error:  # told; the others go on
                answer = {"failed": f"{type(error).__name__}: {error}"}
        elif word == "time":
            answer = {"seconds": seconds_a_step(step, float(rest[0]))}
        elif word == "traced":
            answer = {"bytes": traced(step)}
        else:
            answer = {"peak": peak()}
        print(json.dumps(answer), file=answers, flush=True)


def prepare(module: str, workload: str, framework: str):
    """Return what is held before the work, the step, and the first losses.

    What is held then are the imported framework and the arrays that it is given.
    """
    for name in FRAMEWORKS[framework].modules:
        importlib.import_module(name)
    kind = family(module)
    work = kind.WORKLOADS[workload]
    inputs = kind.inputs(work)
    start = resident() if forget_peak() else peak()
    step = getattr(kind, function_of(framework))(work, inputs)
    return start, step, [float(step()) for _ in range(kind.TIMING.first_steps)]


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


def traced(step) -> int:
    """Return the most bytes that a step holds: Python's objects and NumPy's arrays."""
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def resident() -> int:
    """Return the bytes that this process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except FileNotFoundError:  # not Linux
        return peak()
    return pages * os.sysconf("SC_PAGE_SIZE")


def forget_peak() -> bool:
    """Let the peak be counted from here on: imports may have held more for a moment.

    Return whether the system lets us; if not, the peak of the imports stays in it.
    """
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:  # not Linux, or not allowed
        return False
    return True


def peak() -> int:
    """Return the most bytes that this process held; 0 where nobody counts."""
    try:
        # Not ru_maxrss, in which a new program begins with what its parent held.
        status = Path("/proc/self/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    except (FileNotFoundError, StopIteration):
        pass  # not Linux
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def version(framework: str) -> str:
    """Return which release of a framework this is, or which commit of a checkout."""
    try:
        return importlib.metadata.version(FRAMEWORKS[framework].distribution)
    except importlib.metadata.PackageNotFoundError:
        return f"checkout {commit()}".strip()


def commit() -> str:
    """Return the commit that is checked out here, and + where files differ from it."""
    git = ["git", "-C", str(Path(__file__).resolve().parent)]
    try:
        run = subprocess.run(
            [*git, "describe", "--always", "--exclude=*", "--dirty=+"],
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:  # no git here
        return ""
    return run.stdout.strip()


if __name__ == "__main__":
    main(*sys.argv[1:])
