"""Rows for `ops/exponential.py`."""

import math

import numpy as np

from ._case import Case, binary, positive, unary


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x, beta=1):
    return np.log1p(np.exp(beta * x)) / beta


def erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)


CASES = [
    *unary("exp", np.exp),
    *unary("exp2", np.exp2),
    *unary("expm1", np.expm1),
    *unary("log", np.log, positive),
    *unary("log1p", np.log1p, positive),
    *unary("log2", np.log2, positive),
    *unary("log10", np.log10, positive),
    *binary("logaddexp", np.logaddexp),
    *unary("sigmoid", sigmoid),
    *unary("log_sigmoid", lambda x: np.log(sigmoid(x))),
    *unary("softplus", softplus),
    Case("softplus", [(2, 3)], softplus, {"beta": 2.5}),
    *unary("erf", erf, rtol=1e-14),
]
