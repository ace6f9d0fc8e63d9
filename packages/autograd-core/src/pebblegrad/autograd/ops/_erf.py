"""The error function in array operations: neither NumPy nor the Array API has it."""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd._namespace import cast

# Numerators and denominators, from the highest power down to the constant.
_SMALL = (
    (
        *(1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2),
        *(3.77485237685302021e2, 3.20937758913846947e3),
    ),
    (
        *(1.0, 2.36012909523441209e1, 2.44024637934444173e2),
        *(1.28261652607737228e3, 2.84423683343917062e3),
    ),
)
_LARGE = (
    (
        *(2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0),
        *(6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2),
        *(1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    ),
    (
        *(1.0, 1.57449261107098347e1, 1.17693950891312499e2),
        *(5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3),
        *(4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
    ),
)


def erf(xp, x):
    """Return the error function of every element, to about the precision of its dtype.

    Below 0.46875 it is ``x`` times a rational function of ``x * x``; above, it is 1
    less ``exp(-x * x)`` times a rational function of ``x``. Beyond 6 that is 1 to 16
    digits.

    Reference:
        W. J. Cody, Rational Chebyshev approximations for the error function,
        Mathematics of Computation 23 (1969), pages 631 to 637.
    """
    if xp.finfo(x.dtype).bits < 32:  # the powers of the polynomials need more room
        return cast(xp, erf(xp, cast(xp, x, xp.float32)), x.dtype)
    size = xp.abs(x)
    small = xp.minimum(size, xp.full_like(x, 0.46875))
    inner = small * _ratio(_SMALL, small * small)
    large = xp.clip(size, 0.46875, 6.0)
    outer = 1 - xp.exp(-large * large) * _ratio(_LARGE, large)
    return xp.sign(x) * xp.where(size <= 0.46875, inner, outer)


def _ratio(coefficients, x):
    above, below = ([c, *rest] for c, *rest in coefficients)
    return _polynomial(above, x) / _polynomial(below, x)


def _polynomial(coefficients, x):
    first, second, *rest = coefficients
    value = first * x + second
    for coefficient in rest:
        value = value * x + coefficient
    return value
