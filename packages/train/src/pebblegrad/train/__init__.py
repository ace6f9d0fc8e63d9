"""The training loop that everyone writes, done well, in files that one can read.

Reading order: `_fit.py` (what is asked for), `_loop.py` (the loop, and the five lines
that training comes down to), `_run.py` (what a callback is shown), `callbacks/` (a file
for each: early stopping, checkpoints, schedules, clipping, logs), `metrics/`,
`_evaluate.py`. Behind them: `_batches.py` (what data may be), `_history.py`;
`_resume.py`, `_randomness.py`, `_tree_file.py` and `_folder_lock.py` (what an exact
resume needs); `_nonfinite.py` and `_watch.py` (what went wrong), `_interrupt.py`
(Ctrl-C), `_checks.py`.
"""

from ._evaluate import evaluate, predict
from ._fit import fit
from ._history import History
from ._nonfinite import NonFiniteError
from ._randomness import seed_everything
from ._run import Run
from ._watch import TrainingWarning
from .callbacks import (
    Callback,
    Checkpoint,
    ClipGradients,
    EarlyStopping,
    LogTo,
    ScheduleRate,
)

__all__ = [
    "Callback",
    "Checkpoint",
    "ClipGradients",
    "EarlyStopping",
    "History",
    "LogTo",
    "NonFiniteError",
    "Run",
    "ScheduleRate",
    "TrainingWarning",
    "evaluate",
    "fit",
    "predict",
    "seed_everything",
]
