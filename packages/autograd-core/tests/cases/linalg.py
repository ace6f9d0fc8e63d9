"""Rows for `ops/linalg.py`.

Differences of finite steps need matrices that are far from singular, and factors need
singular values or eigenvalues that are far from each other. Factors are unique up to
signs only: in the rows the signs are made those that leave a row of one factor
positive. What the factors are for, `../test_linalg_ops.py` tests.
"""

import numpy as np

from ._case import Case, real

# LAPACK and the sums of products round in an order of their own.
LAPACK = 1e-10


def invertible(rng, shape):
    """Square matrices, far from singular and with eigenvalues far apart."""
    return real(rng, shape) / 4 + np.diag(1.0 + np.arange(shape[-1]))


def spread(rng, shape):
    """Matrices of any shape, with singular values far from 0 and each other."""
    return real(rng, shape) / 3 + np.eye(*shape[-2:]) * (2.0 + np.arange(shape[-1]))


def negated(rng, shape):
    """Invertible matrices, of negative determinant if N is odd."""
    return -invertible(rng, shape)


def symmetric(function, x, **static):
    """Call a function of symmetric matrices so that any changes may be made to x."""
    return function((x + x.mT) / 2, **static)


def positive_definite(function, x, **static):
    """Call a function of positive definite matrices."""
    return function(x @ x.mT, **static)


def sign_of(row):
    return row / abs(row)


def logabsdet(function, x):
    return function(x)[1]


def signed_logabsdet(function, x):
    sign, logabsdet = function(x)
    return sign * logabsdet


def eigenvalues(function, x):
    return symmetric(function, x)[0]


def eigenvectors(function, x):
    vectors = symmetric(function, x)[1]
    return vectors * sign_of(vectors[..., :1, :])


def q_factor(function, x):
    q, _ = function(x)
    return q * sign_of(q[..., :1, :])


def r_factor(function, x):
    q, r = function(x)
    return r * sign_of(q[..., :1, :]).mT


def left_vectors(function, x):
    u, _, _ = function(x)
    return u * sign_of(u[..., :1, :])


def right_vectors(function, x):
    u, _, vh = function(x)
    return vh * sign_of(u[..., :1, :]).mT


def svd(x):
    return np.linalg.svd(x, full_matrices=False)


def pinv(x, rtol=None):
    """Return NumPy's, whose default for rtol is another one."""
    return np.linalg.pinv(x, rtol=rtol)


def rows(name, reference, shapes, domain=invertible, call_with=None, **options):
    """Return the rows of a function of one matrix."""

    def expected(x, **static):
        if call_with is None:
            return reference(x, **static)
        return call_with(reference, x, **static)

    return [
        Case(
            name,
            [shape],
            expected,
            domain=domain,
            call_with=call_with,
            rtol=LAPACK,
            **options,
        )
        for shape in shapes
    ]


SQUARE = [(1, 1), (3, 3), (2, 1, 3, 3), (0, 3, 3), (0, 0)]
ANY = [*SQUARE, (4, 3), (2, 4), (2, 4, 3), (0, 3), (3, 0)]
# Where there is a first row to choose signs by.
SQUARE_WITH_SIGNS = [(1, 1), (3, 3), (2, 1, 3, 3), (0, 3, 3)]
WITH_SIGNS = [*SQUARE_WITH_SIGNS, (4, 3), (2, 4), (2, 4, 3), (3, 0)]
NORMS = ["fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf]

CASES = [
    *rows("inv", np.linalg.inv, SQUARE),
    *[
        Case("solve", pair, np.linalg.solve, domain=[invertible, real], rtol=LAPACK)
        for pair in [
            [(3, 3), (3,)],
            [(3, 3), (3, 2)],
            [(2, 3, 3), (3,)],
            [(2, 3, 3), (3, 3)],
            [(3, 3), (2, 3, 1)],
            [(2, 1, 3, 3), (4, 3, 2)],
            [(3, 3), (3, 0)],
            [(0, 0), (0, 2)],
            [(0, 3, 3), (3,)],
        ]
    ],
    *rows("det", np.linalg.det, [*SQUARE, (2, 2)]),
    *rows("slogdet", np.linalg.slogdet, SQUARE, call_with=logabsdet),
    *rows("slogdet", np.linalg.slogdet, SQUARE, negated, call_with=signed_logabsdet),
    *rows("cholesky", np.linalg.cholesky, SQUARE, call_with=positive_definite),
    *rows(
        "cholesky",
        np.linalg.cholesky,
        [(2, 3, 3)],
        call_with=positive_definite,
        static={"upper": True},
    ),
    *rows("qr", np.linalg.qr, WITH_SIGNS, spread, call_with=q_factor),
    *rows("qr", np.linalg.qr, WITH_SIGNS, spread, call_with=r_factor),
    *rows("eigh", np.linalg.eigh, SQUARE, call_with=eigenvalues),
    *rows("eigh", np.linalg.eigh, SQUARE_WITH_SIGNS, call_with=eigenvectors),
    *rows("eigvalsh", np.linalg.eigvalsh, SQUARE, call_with=symmetric),
    *rows("svd", svd, ANY, spread, call_with=lambda function, x: function(x)[1]),
    *rows("svd", svd, WITH_SIGNS, spread, call_with=left_vectors),
    *rows("svd", svd, WITH_SIGNS, spread, call_with=right_vectors),
    *rows("svdvals", np.linalg.svdvals, ANY, spread),
    *rows("pinv", pinv, ANY, spread),
    *rows(
        "pinv",
        pinv,
        [(4, 2), (2, 3, 2)],
        spread,
        lambda function, x, rtol: function(x @ x.mT, rtol=rtol),  # of rank 2
        static={"rtol": 1e-4},
    ),
    *[
        case
        for ord in NORMS
        for case in rows(
            "matrix_norm",
            np.linalg.matrix_norm,
            [(3, 3), (2, 4, 3)],
            spread,
            static={"ord": ord, "keepdims": ord in (1, 2)},
        )
    ],
    *rows("matrix_norm", np.linalg.matrix_norm, [(0, 3, 3), (0, 3)], spread),
]
