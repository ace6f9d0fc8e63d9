"""A derivative without any calculus: how fast does the result change?

Write `derivative`. Every gradient in this library is checked against such a number.
"""


def derivative(f, x, h=1e-5):
    """Return about how fast ``f`` changes at ``x``.

    Go a step of ``h`` to either side of ``x`` and divide how much the result changed
    by how far it is from one point to the other. (Why to both sides? Its error falls
    with ``h**2``, that of a step to one side with ``h``.)
    """
    raise NotImplementedError("derivative(f, x, h) returns a number")
