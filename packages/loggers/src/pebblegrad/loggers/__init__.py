"""Watching a network learn: text logs of training runs, and a progress bar.

Numbers and arrays go in (Tensors too, by their ``detach()``), text comes out.
`TrainingLogger` and `InferenceLogger` append readable records to a file that keeps the
history of all runs; `progress` wraps any iterable and shows how far it is, with the
metrics that you hand it.

Reading order: `_text.py` (the records, line by line), `_format.py` (how a value becomes
text), `_run_file.py` (what a killed run leaves behind), `_progress.py` (the
bar).
"""

from pebblegrad.loggers._progress import ProgressBar, progress
from pebblegrad.loggers._text import InferenceLogger, TrainingLogger

__all__ = ["InferenceLogger", "ProgressBar", "TrainingLogger", "progress"]
