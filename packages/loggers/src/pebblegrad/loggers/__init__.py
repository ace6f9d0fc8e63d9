"""Watching a network learn: reporters of numbers, text logs, and a progress bar.

Numbers and arrays go in (Tensors too, by their ``detach()``). `TrainingLogger` and
`InferenceLogger` append readable records to a file that keeps the history of all runs;
the reporters write the numbers of a run where other programs find them (tables, JSON
Lines, TensorBoard, Weights & Biases, MLflow), and `report` draws them as one page;
`progress` wraps any iterable and shows how far it is.

Reading order: `_text.py` (the records, line by line), `_format.py` (how a value becomes
text), `_names.py` (what may be a name), `_append_file.py` (what a killed run leaves
behind), `_reporter.py` (what a reporter is, and what happens when one fails),
`_json_lines.py`, `_csv.py` and the other reporters, a file each, `_report.py` (the
page), `_progress.py` (the bar).
"""

from pebblegrad.loggers._console import ConsoleReporter
from pebblegrad.loggers._csv import CSVReporter, read_csv
from pebblegrad.loggers._json_lines import JSONLinesReporter, read_jsonl
from pebblegrad.loggers._mlflow import MLflowReporter
from pebblegrad.loggers._multi import Multi
from pebblegrad.loggers._progress import ProgressBar, progress
from pebblegrad.loggers._report import report
from pebblegrad.loggers._reporter import Reporter
from pebblegrad.loggers._tensorboard import TensorBoardReporter
from pebblegrad.loggers._text import InferenceLogger, TrainingLogger
from pebblegrad.loggers._text_reporter import TextReporter
from pebblegrad.loggers._wandb import WandbReporter
from pebblegrad.loggers._warning import ReporterWarning

__all__ = [
    "CSVReporter",
    "ConsoleReporter",
    "InferenceLogger",
    "JSONLinesReporter",
    "MLflowReporter",
    "Multi",
    "ProgressBar",
    "Reporter",
    "ReporterWarning",
    "TensorBoardReporter",
    "TextReporter",
    "TrainingLogger",
    "WandbReporter",
    "progress",
    "read_csv",
    "read_jsonl",
    "report",
]
