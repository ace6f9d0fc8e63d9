"""Linear algebra: inverses, determinants, factorizations, norms of matrices.

All take matrices in the last two axes; the axes before are a stack of them. LAPACK
computes the values, in float32 or float64; the rules are formulas of matrices. They are
found alike: write down how the result changes with the matrix, ``dP = -P dA P`` for the
inverse ``P`` of ``A``, and read off the ``G`` for which ``sum(g * dP)`` is
``sum(G * dA)``. Giles 2008, "Collected matrix derivative results for forward and
reverse mode algorithmic differentiation", does so for most of what is here.

An op has one result, a factorization has several. So its op packs them into one array,
and the function of the factorization's name takes them apart again.

Of a symmetric matrix only one triangle is read, and its gradient is symmetric: the
slope along every symmetric change, shared by both triangles.

The file is also `ops.linalg`, the Array API's extension: ``xp.linalg.inv`` is `inv`.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import functools
import math
import operator
from typing import Any, NamedTuple

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._namespace import namespace
from pebblegrad.autograd._op import op

from ._operands import array_of, shape_of
from .arithmetic import abs
from .choosing import where
from .creation import full_like, ones_like, zeros_like
from .diagonals import diag_embed, diagonal, trace, tril
from .joining import concat
from .products import matmul, outer, tensordot, vecdot
from .reductions import max, min, sum
from .shaping import expand_dims, matrix_transpose, reshape

__all__ = [
    "cholesky",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
]

# Inverses and determinants


@op
def inv(xp, x, /):
    """The inverse of a matrix.

    To multiply by an inverse, `solve` is faster and more accurate.

    Args:
        x: shape (..., N, N).

    Returns:
        Shape (..., N, N).

    Raises:
        ValueError: if a matrix is singular or not square.
        TypeError: if the dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.inv(Tensor([[2.0, 0.0], [0.0, 4.0]]))
        Tensor([[0.5 , 0.  ],
                [0.  , 0.25]], dtype=float32)

    Reference:
        Giles 2008, section 2.
    """
    needed = "a matrix that has an inverse is needed; pinv takes any"
    return _lapack(xp.linalg.inv, needed, x)


inv.backward("x", lambda g, out: -(out.mT @ g @ out.mT))


@op
def solve(xp, x, y, /):
    """The solution ``z`` of ``x @ z = y``, for a vector or for several in columns.

    Args:
        x: shape (..., M, M).
        y: shape (..., M, K), or (M,): as in the Array API only an array with one axis
            is a vector. The axes in front are broadcast.

    Returns:
        Shape (..., M, K), or (..., M) for a vector.

    Raises:
        ValueError: if a matrix is singular or not square, or the shapes do not go
            together.
        TypeError: if a dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.solve(Tensor([[2.0, 0.0], [0.0, 4.0]]), Tensor([2.0, 2.0]))
        Tensor([1. , 0.5], dtype=float32)

    Reference:
        Giles 2008, section 2.
    """
    needed = "x must have an inverse; pinv(x) @ y takes any x"
    return _lapack(xp.linalg.solve, needed, x, y)


@solve.backward("x", "y")
def _(xp, g, out, x):
    if out.ndim >= x.ndim:  # columns
        for_y = solve(x.mT, g)
        return -(for_y @ out.mT), for_y
    for_y = solve(x.mT, xp.expand_dims(g, axis=-1))
    return -(for_y @ xp.expand_dims(out, axis=-2)), xp.squeeze(for_y, axis=-1)


@op
def det(xp, x, /):
    """The determinant.

    Its gradient, the cofactors, is right for singular matrices too, as is the next. The
    third is there only where no two singular values are equal: see `svd`.

    Args:
        x: shape (..., N, N).

    Returns:
        Shape (...).

    Raises:
        ValueError: if ``x`` is not square.
        TypeError: if the dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
        >>> ops.det(x).backward()
        >>> x.grad
        Tensor([[ 4., -2.],
                [-2.,  1.]], dtype=float32)

    Reference:
        Giles 2008, section 2, for matrices with an inverse.
    """
    return _lapack(xp.linalg.det, _FINITE, x)


@det.backward("x")
def _(g, out, x):
    g = per_matrix(g)
    if not is_any(out == 0):
        inverse = inv(x)
        if not nearly_singular(x, inverse):
            return g * per_matrix(out) * inverse.mT
    return g * cofactors(x)


@op
def cofactors(xp, x, /):
    """The derivatives of the determinant, of any square matrix.

    With an inverse they are ``det(x) * inv(x).mT``. In any case they are those of the
    singular values, the products of all values but one, turned as ``x`` is.

    Args:
        x: shape (..., N, N).

    Returns:
        Shape (..., N, N).
    """
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    products = products_without(eye_like(x), as_row(s))
    return (u * as_row(products)) @ vh * orientation(u, vh)


@cofactors.backward("x")
def _(g, x):
    # A change of the diagonal of diag(s), at j, changes cofactor i of the diagonal, and
    # one at (j, i) changes minus the cofactor (i, j), by all s but s_i and s_j.
    u, s, vh = svd(x)
    eye = eye_like(x)
    either = eye[:, None, :] | eye[None, :, :]
    products = products_without(either, as_row(as_row(s)))
    products = where(eye, zeros_like(products), products)
    inner = u.mT @ g @ vh.mT
    of_diagonal = vecdot(products, as_row(diagonal(inner)))
    middle = diag_embed(of_diagonal) - products * inner.mT
    return u @ middle @ vh * orientation(u, vh)


def products_without(excluded, s):
    """Return the products of `s` along the last axis, without what is excluded."""
    factors = where(excluded, ones_like(s), s)
    out = factors[..., 0]
    for i in range(1, s.shape[-1]):
        out = out * factors[..., i]
    return out


def orientation(u, vh):
    """Return 1 where two orthogonal matrices turn alike, -1 where one reflects."""
    u, vh = array_of(u), array_of(vh)
    xp = namespace([u])
    return per_matrix(xp.sign(xp.linalg.det(u) * xp.linalg.det(vh)))


def nearly_singular(x, inverse):
    """Whether a formula with the inverse would lose most digits, in any matrix."""
    x, inverse = array_of(x), array_of(inverse)
    xp = namespace([x])
    condition = xp.linalg.matrix_norm(x) * xp.linalg.matrix_norm(inverse)
    return is_any(condition > xp.finfo(x.dtype).eps ** -0.5)


class SlogdetResult(NamedTuple):
    """What `slogdet` returns."""

    sign: Any
    logabsdet: Any


def slogdet(x, /) -> Any:
    """The sign of the determinant, and the logarithm of its absolute value.

    The determinant of a large matrix is soon too large or too small for a float; its
    logarithm is not. No gradient goes through the sign.

    Args:
        x: shape (..., N, N).

    Returns:
        sign, -1, 0 or 1, and logabsdet, both of shape (...). Of a singular matrix they
        are 0 and -infinity.

    Raises:
        ValueError: if ``x`` is not square; in the backward pass, from `inv`, if a
            matrix is singular: the gradient is its inverse, transposed.
        TypeError: if the dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.slogdet(Tensor([[0.0, 1.0], [1.0, 0.0]])).sign
        Tensor(-1., dtype=float32)

    Reference:
        Giles 2008, section 2.
    """
    both = packed_slogdet(x)
    return SlogdetResult(both[..., 0], both[..., 1])


@op
def packed_slogdet(xp, x, /):
    """The results of `slogdet`, as the last axis."""
    return xp.stack(_lapack(xp.linalg.slogdet, _FINITE, x), axis=-1)


packed_slogdet.__name__ = "slogdet"
packed_slogdet.backward("x", lambda g, x: per_matrix(g[..., 1]) * inv(x).mT)


# Factorizations


@op
def cholesky(xp, x, /, upper=False):
    """The triangular ``L`` with a positive diagonal for which ``L @ L.mT = x``.

    Args:
        x: shape (..., N, N), symmetric and positive definite. Only the lower triangle
            is read, with `upper` only the upper one; the gradient is symmetric.
        upper: whether to return ``L.mT``.

    Returns:
        Shape (..., N, N).

    Raises:
        ValueError: if a matrix is not positive definite or not square.
        TypeError: if the dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.cholesky(Tensor([[4.0, 2.0], [2.0, 2.0]]))
        Tensor([[2., 0.],
                [1., 1.]], dtype=float32)

    Reference:
        Murray 2016, "Differentiation of the Cholesky decomposition", section 3,
        https://arxiv.org/abs/1602.07527
    """
    needed = "x must be symmetric with positive eigenvalues"
    return _lapack(xp.linalg.cholesky, needed, x, upper=upper)


@cholesky.backward("x")
def _(g, out, upper):
    if upper:
        g, out = g.mT, out.mT
    middle = tril(out.mT @ g)
    middle = middle - diag_embed(diagonal(middle)) / 2
    half = solve(out.mT, solve(out.mT, middle.mT).mT)  # L^-T middle L^-1
    return (half + half.mT) / 2


class QRResult(NamedTuple):
    """What `qr` returns."""

    Q: Any
    R: Any


def qr(x, /, mode="reduced") -> Any:
    """Orthonormal columns ``Q`` and a triangular ``R`` for which ``Q @ R = x``.

    Both are unique up to the signs of ``Q``'s columns and ``R``'s rows, which are as
    LAPACK leaves them.

    Args:
        x: shape (..., M, N).
        mode: "reduced", the only one: further columns of ``Q`` would have no gradient.

    Returns:
        Q of shape (..., M, K) and R of shape (..., K, N), where K = min(M, N).

    Raises:
        ValueError: if ``x`` is no matrix, or for another mode; in the backward pass,
            from `solve`, if the first K columns of a matrix are linearly dependent.
        TypeError: if the dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.qr(Tensor([[0.0, 2.0], [3.0, 1.0]])).R
        Tensor([[-3., -1.],
                [ 0., -2.]], dtype=float32)

    Reference:
        Walter and Lehmann 2010, "Algorithmic differentiation of linear algebra
        functions with application in optimum experimental design",
        https://arxiv.org/abs/1001.1654
    """
    if mode != "reduced":
        raise ValueError(
            f'qr: mode is {mode!r}; "reduced" is the only one: the further columns of '
            '"complete" have no gradient'
        )
    shape = shape_of("qr", x)
    if len(shape) < 2 or shape[-2] >= shape[-1]:
        return unpack_qr(packed_qr(x), shape)
    # Wide: the first columns make Q, and R is Q.mT @ x, of which they are a part.
    size = shape[-2]
    q, r = unpack_qr(packed_qr(x[..., :size]), (*shape[:-1], size))
    return QRResult(q, concat([r, q.mT @ x[..., size:]], axis=-1))


@op
def packed_qr(xp, x, /):
    """The results of `qr` for M >= N, as ``Q`` above ``R.mT``."""
    q, r = _lapack(xp.linalg.qr, _FINITE, x)
    return xp.concat([q, r.mT], axis=-2)


packed_qr.__name__ = "qr"


@packed_qr.backward("x")
def _(g, out, in_shape):
    q, r = unpack_qr(out, in_shape)
    for_q, for_r = unpack_qr(g, in_shape)
    middle = tril(r @ for_r.mT - for_q.mT @ q)
    middle = middle + tril(middle, k=-1).mT
    return solve(r, (for_q + q @ middle).mT).mT


def unpack_qr(packed, shape):
    """Return Q and R out of the one array that holds both."""
    rows = shape[-2] if len(shape) > 1 else 0
    return QRResult(packed[..., :rows, :], packed[..., rows:, :].mT)


class EighResult(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Any
    eigenvectors: Any


def eigh(x, /) -> Any:
    """The eigenvalues and eigenvectors of a symmetric matrix.

    ``x = V @ diag(w) @ V.mT``, with the eigenvectors in the columns of ``V``. Each is
    unique up to its sign as long as the eigenvalues differ, and only what does not
    depend on the signs has a meaningful gradient.

    Where two eigenvalues are equal, their eigenvectors are one of many bases of a plane
    and have no derivative: if a gradient of the eigenvectors is wanted, it is NaN. The
    gradient of the eigenvalues alone is exact for what treats the equal ones alike,
    such as their sum or product; the gradient of that gradient needs the eigenvectors.

    Args:
        x: shape (..., N, N), symmetric; only the lower triangle is read, and the
            gradient is symmetric.

    Returns:
        eigenvalues of shape (..., N), in ascending order, and eigenvectors of shape
        (..., N, N).

    Raises:
        ValueError: if ``x`` is not square.
        TypeError: if the dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.eigh(Tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
        Tensor([1., 2.], dtype=float32)

    Reference:
        Giles 2008, section 3.
    """
    return unpack_eigh(packed_eigh(x))


@op
def packed_eigh(xp, x, /):
    """The results of `eigh`, as a row of eigenvalues above the eigenvectors."""
    w, v = _lapack(xp.linalg.eigh, _FINITE, x)
    return xp.concat([as_row(w), v], axis=-2)


packed_eigh.__name__ = "eigh"


@packed_eigh.backward("x")
def _(g, out):
    w, v = unpack_eigh(out)
    for_w, for_v = unpack_eigh(g)
    turns = (v.mT @ for_v) * inverse_between(as_row(w), as_column(w), for_v)
    symmetric = (turns + turns.mT) / 2
    return v @ (symmetric + diag_embed(for_w)) @ v.mT


def unpack_eigh(packed):
    """Return eigenvalues and eigenvectors out of the one array that holds both."""
    return EighResult(packed[..., 0, :], packed[..., 1:, :])


@op
def eigvalsh(xp, x, /):
    """The eigenvalues of a symmetric matrix, in ascending order.

    Where some are equal, the gradient is exact for what treats them alike: see `eigh`.

    Args:
        x: shape (..., N, N), symmetric; only the lower triangle is read, and the
            gradient is symmetric.

    Returns:
        Shape (..., N).

    Raises:
        ValueError: if ``x`` is not square.
        TypeError: if the dtype is float16, which LAPACK does not have.
    """
    return _lapack(xp.linalg.eigvalsh, _FINITE, x)


@eigvalsh.backward("x")
def _(g, x):
    v = eigh(x).eigenvectors
    return (v * as_row(g)) @ v.mT


class SVDResult(NamedTuple):
    """What `svd` returns."""

    U: Any
    S: Any
    Vh: Any


def svd(x, /, full_matrices=False) -> Any:
    """The singular value decomposition ``x = U @ diag(S) @ Vh``.

    Columns of ``U`` and rows of ``Vh`` are orthonormal, and unique up to a common sign
    as long as the singular values differ. Only what does not depend on the signs has a
    meaningful gradient. Where singular values are equal, or one is 0 and ``x`` is not
    square, a gradient of ``U`` or ``Vh`` is NaN, and that of ``S`` is what `eigh` says.

    Args:
        x: shape (..., M, N).
        full_matrices: False, the only choice, and the default here where NumPy's is
            True: further columns of ``U`` or rows of ``Vh`` would have no gradient.

    Returns:
        U of shape (..., M, K), S of shape (..., K), in descending order, and Vh of
        shape (..., K, N), where K = min(M, N).

    Raises:
        ValueError: if ``x`` is no matrix or has NaN, or for ``full_matrices=True``.
        TypeError: if the dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.svd(Tensor([[0.0, 2.0], [1.0, 0.0]])).S
        Tensor([2., 1.], dtype=float32)

    Reference:
        Townsend 2016, "Differentiating the singular value decomposition",
        https://j-towns.github.io/papers/svd-derivative.pdf
    """
    if full_matrices:
        raise ValueError(
            "svd: full_matrices is True; False is needed: the further columns of U and "
            "rows of Vh have no gradient"
        )
    return unpack_svd(packed_svd(x), x.shape)


@op
def packed_svd(xp, x, /):
    """The results of `svd`: ``U`` above a row of singular values above ``Vh.mT``."""
    u, s, vh = _lapack(xp.linalg.svd, _FINITE, x, full_matrices=False)
    return xp.concat([u, as_row(s), vh.mT], axis=-2)


packed_svd.__name__ = "svd"


@packed_svd.backward("x")
def _(g, out, in_shape):
    u, s, vh = unpack_svd(out, in_shape)
    for_u, for_s, for_vh = unpack_svd(g, in_shape)
    row, column = as_row(s), as_column(s)
    # The differences of the squares of s, without the squares' rounding.
    turns = inverse_between(row, column, for_u, for_vh) * inverse_or_zero(row + column)
    of_u, of_v = u.mT @ for_u, vh @ for_vh.mT
    middle = (of_u - of_u.mT) * turns * row + column * (of_v - of_v.mT) * turns
    gradient = u @ (middle + diag_embed(for_s)) @ vh
    # Out of the space of U or V, where x is not square.
    if in_shape[-2] > in_shape[-1]:
        inverse = inverse_between(row, zeros_like(row), for_u, pairs=False)
        gradient = gradient + ((for_u - u @ of_u) * inverse) @ vh
    if in_shape[-2] < in_shape[-1]:
        inverse = inverse_between(row, zeros_like(row), for_vh, pairs=False)
        gradient = gradient + (u * inverse) @ (for_vh - of_v.mT @ vh)
    return gradient


def unpack_svd(packed, shape):
    """Return U, S and Vh out of the one array that holds all three."""
    rows = shape[-2]
    u, s, v = packed[..., :rows, :], packed[..., rows, :], packed[..., rows + 1 :, :]
    return SVDResult(u, s, v.mT)


@op
def svdvals(xp, x, /):
    """The singular values of a matrix, in descending order.

    Where some are equal, the gradient is exact for what treats them alike: see `eigh`.

    Args:
        x: shape (..., M, N).

    Returns:
        Shape (..., K), where K = min(M, N).

    Raises:
        ValueError: if ``x`` is no matrix or has NaN.
        TypeError: if the dtype is float16, which LAPACK does not have.
    """
    return _lapack(xp.linalg.svdvals, _FINITE, x)


@svdvals.backward("x")
def _(g, x):
    u, _, vh = svd(x)
    return (u * as_row(g)) @ vh


# What is made of singular values


@op
def pinv(xp, x, /, rtol=None):
    """The Moore-Penrose pseudo-inverse: ``pinv(x) @ y`` solves least squares.

    The gradient is that along changes which keep the rank; where a change raises it the
    pseudo-inverse jumps.

    Args:
        x: shape (..., M, N).
        rtol: singular values of at most this times the largest one count as 0. None is
            max(M, N) times the precision of the dtype.

    Returns:
        Shape (..., N, M).

    Raises:
        ValueError: if ``x`` is no matrix or has NaN.
        TypeError: if the dtype is float16, which LAPACK does not have.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.pinv(Tensor([[2.0], [0.0]]))
        Tensor([[0.5, 0. ]], dtype=float32)

    Reference:
        Golub and Pereyra 1973, "The differentiation of pseudo-inverses and nonlinear
        least squares problems whose variables separate", equation 4.12,
        https://doi.org/10.1137/0710036
    """
    return _lapack(xp.linalg.pinv, _FINITE, x / 1, rtol=rtol)  # / 1: NumPy, of integers


@pinv.backward("x")
def _(g, out, x):
    p, pt = out, out.mT
    left, right = g.mT @ p @ pt, pt @ p @ g.mT
    return -(pt @ g @ pt) + (left - x @ (p @ left)) + (right - (right @ p) @ x)


def matrix_norm(x, /, *, keepdims=False, ord="fro") -> Any:
    """A norm of matrices.

    =========  ==============================================
    `ord`      norm
    =========  ==============================================
    "fro"      square root of the sum of squares (Frobenius)
    "nuc"      sum of the singular values (nuclear)
    2, -2      largest, smallest singular value
    1, -1      largest, smallest sum of a column's absolutes
    inf, -inf  largest, smallest sum of a row's absolutes
    =========  ==============================================

    At a matrix of zeros the gradient of the first two is 0, and singular values of 0
    add nothing to that of "nuc". Columns, rows or singular values that tie for the
    largest or smallest share the gradient evenly. A norm of no elements is 0.

    Args:
        x: shape (..., M, N).
        keepdims: whether the two axes stay, with size 1.
        ord: which norm.

    Returns:
        Shape (...), or (..., 1, 1).

    Raises:
        ValueError: if ``x`` is no matrix, or there is no such norm.
        TypeError: if ``x`` is no Tensor or array.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.matrix_norm(Tensor([[3.0, 0.0], [0.0, 4.0]]))
        Tensor(5., dtype=float32)
        >>> ops.matrix_norm(Tensor([[3.0, 0.0], [0.0, 4.0]]), ord="nuc")
        Tensor(7., dtype=float32)
    """
    shape = shape_of("matrix_norm", x)
    if len(shape) < 2:
        raise ValueError(f"matrix_norm: x has shape {shape}; {_ABOUT_MATRICES}")
    names = ("fro", "nuc", 1, -1, 2, -2, float("inf"), -float("inf"))
    if ord not in names:
        raise ValueError(
            f"matrix_norm: ord is {ord!r}; one of {', '.join(map(repr, names))} is "
            "needed"
        )
    out = _norm(x, ord)
    return per_matrix(out) if keepdims else out


def _norm(x, ord):
    if ord == "fro" or 0 in x.shape[-2:]:
        return frobenius_norm(x)
    if ord in (1, -1, float("inf"), -float("inf")):
        sizes = sum(abs(x), axis=-2 if ord in (1, -1) else -1)
    else:
        try:
            sizes = svdvals(x)
        except (ValueError, TypeError) as error:
            raise type(error)(f"matrix_norm: ord is {ord!r}; {error}") from error
    if ord == "nuc":
        return sum(abs(sizes), axis=-1)  # the gradient of abs at 0 is 0
    return max(sizes, axis=-1) if ord > 0 else min(sizes, axis=-1)


@op
def frobenius_norm(xp, x, /):
    """The Frobenius norm; at 0 the gradient is 0.

    Computed with numbers of at most 1, whose squares cannot overflow.
    """
    if 0 in x.shape[-2:]:
        return xp.sum(x, axis=(-2, -1))
    largest = xp.max(xp.abs(x), axis=(-2, -1))
    usual = (largest > 0) & (largest < float("inf"))
    scale = xp.where(usual, largest, xp.ones_like(largest))
    return scale * xp.linalg.matrix_norm(x / per_matrix(scale))


frobenius_norm.__name__ = "matrix_norm"
frobenius_norm.backward("x", lambda g, out, x: x * per_matrix(g * inverse_or_zero(out)))


# What several share

_FINITE = "finite numbers are needed"
_ABOUT_MATRICES = "a matrix is needed, or a stack of them: (..., M, N)"


def _lapack(routine, needed, *arrays, **options):
    """Call a routine; where it gives up, add to its words what it needs."""
    try:
        return routine(*arrays, **options)
    except ValueError as error:  # NumPy's LinAlgError is one
        raise ValueError(f"{error}; {needed}") from error
    except TypeError as error:
        needed = "float32 or float64 is needed: use astype"
        raise TypeError(f"{error}; {needed}") from error


def as_row(x):
    """Vectors (..., K) as rows, (..., 1, K)."""
    return expand_dims(x, axis=-2)


def as_column(x):
    """Vectors (..., K) as columns, (..., K, 1)."""
    return expand_dims(x, axis=-1)


def per_matrix(x):
    """Return a number for each matrix so that it broadcasts with the matrices."""
    return reshape(x, (*x.shape, 1, 1))


def inverse_between(row, column, *for_vectors, pairs=True):
    """Return ``1 / (row - column)``, and 0 where the same value stands in both.

    Where two different values are equal, it is NaN if a gradient of vectors came in,
    which has no meaning then.
    """
    inverse = inverse_or_zero(row - column)
    equal = array_of(row == column)
    xp = namespace([equal])
    wanted = [xp.any(g != 0, axis=(-2, -1), keepdims=True) for g in for_vectors]
    meaningless = equal & functools.reduce(operator.or_, wanted)
    if pairs:  # on the diagonal a value meets itself
        meaningless = meaningless & ~eye_like(equal)
    return where(meaningless, full_like(inverse, math.nan), inverse)


def inverse_or_zero(x):
    """Return ``1 / x``, and 0 where `x` is 0."""
    is_zero = x == 0
    return where(is_zero, zeros_like(x), 1 / where(is_zero, ones_like(x), x))


def is_any(mask):
    """Whether a mask holds anywhere."""
    return bool(namespace([mask]).any(mask))


def eye_like(x):
    """Return a mask of the diagonal of `x`, of its array library."""
    xp = namespace([array_of(x)])
    return xp.eye(x.shape[-1], dtype=xp.bool)


@inv.explain
@det.explain
@packed_slogdet.explain
@cholesky.explain
@packed_eigh.explain
@eigvalsh.explain
def _(x, /, **static):
    if len(x) < 2 or x[-2] != x[-1]:
        return "a square matrix is needed, or a stack of them: (..., N, N)"
    return None


@packed_qr.explain
@packed_svd.explain
@svdvals.explain
@pinv.explain
def _(x, /, **static):
    return _ABOUT_MATRICES if len(x) < 2 else None


@solve.explain
def _(x, y, /):
    if len(x) < 2 or x[-2] != x[-1]:
        return "x must be a square matrix, or a stack of them: (..., M, M)"
    if not y:
        return "y must be a vector (M,) or have columns (..., M, K)"
    which, size = ("only axis", y[:1]) if len(y) == 1 else ("second-to-last", y[-2:-1])
    if size != x[-1:]:
        return (
            f"y's {which} must have size {x[-1]}, as x's last, whether y is a vector "
            "(M,) or has columns (..., M, K)"
        )
    return explain_broadcasting(x[:-2], y[:-2])
