"""Frameworks take turns at the same work: one process each, one of them at a time.

Before anything is timed, the losses of the first steps must agree. Then the frameworks
are timed in turn, round by round, so that a machine that slows down slows all of them;
a ratio is the median over the rounds of one round's ratio, which a slow minute hardly
touches. Between two turns nothing runs for a while: the threads of a BLAS library look
for more work for some time after the last, on the cores that the next one needs.
`worker.py` is what runs in each process.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workloads import FRAMEWORKS, NEEDED, Timing, family

HERE = Path(__file__).resolve().parent
# A second program beside the work: what becomes of these is enough to know, and the
# others would take as long again.
WATCHED_WHEN_BUSY = (*NEEDED, "kernels", "torch", "torch_channels_last")
REST = 0.2  # seconds between two turns


@dataclass
class Outcome:
    """What was measured of one framework on one workload.

    Attributes:
        losses: of the first steps, from the common start.
        rounds: seconds a step, on the average of each round.
        busy: the same beside a program that keeps one core busy, if asked for.
        peak: the most memory that the process held during the work, in bytes.
        start: what it held before, the framework imported and the data there, in bytes.
        version: of the framework.
    """

    losses: list[float] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    peak: int = 0
    start: int = 0
    version: str = ""


class Worker:
    """A process that holds one workload on one framework, ready to run steps."""

    def __init__(self, module: str, workload: str, framework: str) -> None:
        self.framework = framework
        self.process = subprocess.Popen(
            [sys.executable, HERE / "worker.py", module, workload, framework],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PEBBLEGRAD_KERNELS": "1" if framework == "kernels" else "0",
            },
        )

    def ask(self, *words: str | float) -> dict[str, Any]:
        """Send one line, and return what the process answers.

        Raises:
            RuntimeError: if it has died; its own words are on standard error.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):  # the missing answer says so
            print(*words, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"{self.framework}: its process ended with {self.process.wait()}; an "
                f"answer to {words[0]!r} was needed; see what it wrote above"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def time(self, seconds: float, rest: float) -> float:
        """Return what a step takes, in seconds, after a rest of seconds."""
        time.sleep(rest)
        return float(self.ask("time", seconds)["seconds"])

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def measure(
    workload: str, module: str, frameworks: list[str], *, quick: bool, busy: bool
) -> tuple[dict[str, Outcome], dict[str, str]]:
    """Let all frameworks agree on the losses, then time them in turn.

    Returns:
        What was measured, and why each framework that is not in it was left out.

    Raises:
        RuntimeError: if losses differ, or if a process of ours fails; another
            framework may lack a part that the work needs, and is left out.
    """
    timing: Timing = family(module).TIMING
    rounds, seconds = (1, 0.0) if quick else (timing.rounds, timing.seconds)
    rest = 0.0 if quick else REST
    workers = [Worker(module, workload, name) for name in frameworks]
    outcomes: dict[str, Outcome] = {}
    left_out: dict[str, str] = {}
    try:
        for worker in workers:
            found = first_losses(worker)
            if isinstance(found, Outcome):
                outcomes[worker.framework] = found
            elif worker.framework in NEEDED:
                raise RuntimeError(f"{worker.framework}: {found}")
            else:
                left_out[worker.framework] = found
        compare(outcomes, timing.tolerance)
        taking_turns = [w for w in workers if w.framework in outcomes]
        for worker in taking_turns if not quick else []:
            worker.time(seconds / 2, rest)  # caches, compilers, clocks: not counted
        for _ in range(rounds):
            for worker in taking_turns:
                outcomes[worker.framework].rounds.append(worker.time(seconds, rest))
            if busy:
                with a_busy_core():
                    for worker in taking_turns:
                        if worker.framework in WATCHED_WHEN_BUSY:
                            outcomes[worker.framework].busy.append(
                                worker.time(seconds, rest)
                            )
        for worker in taking_turns:
            outcomes[worker.framework].peak = worker.ask("peak")["peak"]
    finally:
        for worker in workers:
            worker.close()
    return outcomes, left_out


def first_losses(worker: Worker) -> Outcome | str:
    """Return an outcome with the losses of the first steps, or why there are none."""
    try:
        answer = worker.ask("losses")
    except RuntimeError as error:  # it crashed
        return str(error)
    return str(answer["failed"]) if "failed" in answer else Outcome(**answer)


def compare(outcomes: dict[str, Outcome], tolerance: float) -> None:
    """Stop unless all frameworks have the losses of the first.

    Raises:
        RuntimeError: naming the framework, the step and both losses.
    """
    (first, reference), *others = outcomes.items()
    for name, outcome in others:
        pairs = zip(reference.losses, outcome.losses, strict=True)
        for step, (expected, loss) in enumerate(pairs):
            if not abs(loss - expected) <= tolerance * max(1e-3, abs(expected)):
                raise RuntimeError(
                    f"step {step}: {name} has the loss {loss}, {first} {expected}; "
                    f"within {tolerance:g} of it was needed; nothing was timed"
                )


@contextmanager
def a_busy_core() -> Iterator[None]:
    """Keep one core busy with another program."""
    loop = "print('busy', flush=True)\nwhile True: pass"
    with subprocess.Popen(
        [sys.executable, "-I", "-c", loop],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what it says when Ctrl-C ends it
    ) as other:
        try:
            assert other.stdout is not None
            other.stdout.readline()
            yield
        finally:
            other.kill()


def ratio(theirs: list[float], ours: list[float]) -> float:
    """Return how many times as long as `ours` `theirs` take: the rounds' median."""
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))


def number(value: float) -> str:
    """Return a ratio with as many digits as it deserves."""
    return f"{value:.2f}" if value < 9.995 else f"{value:,.0f}"


def title(framework: str) -> str:
    """Return the name of a framework, for people."""
    return FRAMEWORKS[framework].title
