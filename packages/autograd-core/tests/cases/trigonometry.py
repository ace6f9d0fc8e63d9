"""Rows for `ops/trigonometry.py`."""

import numpy as np

from ._case import unary

CASES = [*unary("tanh", np.tanh)]
