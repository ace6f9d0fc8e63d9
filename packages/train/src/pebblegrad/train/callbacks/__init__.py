"""What happens beside the training loop: a class and a file for each."""

from ._callback import Callback
from .checkpoint import Checkpoint
from .clip_gradients import ClipGradients
from .early_stopping import EarlyStopping
from .log_to import LogTo
from .schedule_rate import ScheduleRate

__all__ = [
    "Callback",
    "Checkpoint",
    "ClipGradients",
    "EarlyStopping",
    "LogTo",
    "ScheduleRate",
]
