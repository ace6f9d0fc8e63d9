"""Gradients as functions: what `backward` does, for functions and without `.grad`.

All of these put fresh variables in the place of the arguments, run the function, and
walk the graph that this made back to the variables: see `_record.py`. They nest to any
order: `grad(grad(f))`, `jacobian(grad(f))`, a gradient inside a loss.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from . import ops
from ._modes import enable_grad
from ._record import Record, fresh_variable
from ._tensor import Tensor, wrap


def grad(
    function: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the gradient of `function`.

    Args:
        function: returns a Tensor with one element.
        argnums: the position of the argument to differentiate by, or several. Such an
            argument is a Tensor, a float array, a number, or a tuple, list or dict of
            these; the others may be anything.
        has_aux: whether `function` returns a pair, of which the second is passed on.

    Returns:
        A function of the same arguments. It returns the gradient in the form of the
        argument, a tuple of these for several `argnums`, and a pair with `has_aux`.

    Raises:
        TypeError: when called, if an argument to differentiate by holds no floats or
            `function` returns no Tensor.
        ValueError: when called, if the result has more than one element, or an argument
            is missing.

    Example:
        >>> from pebblegrad.autograd import grad
        >>> def cube(x):
        ...     return x * x * x
        >>> grad(cube)(2.0)
        Tensor(12., dtype=float32)
        >>> grad(grad(grad(cube)))(2.0)
        Tensor(6., dtype=float32)
    """
    both = _value_and_grad("grad", function, argnums, has_aux)

    @functools.wraps(function, updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, result = both(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return gradient


def value_and_grad(
    function: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """Return the function that computes the value of `function` and its gradient.

    Args:
        function: as for `grad`.
        argnums: as for `grad`.
        has_aux: as for `grad`.

    Returns:
        A function that returns the pair of what `function` returns and what
        ``grad(function)`` returns.

    Example:
        >>> from pebblegrad.autograd import Tensor, value_and_grad
        >>> def loss(weights, x):
        ...     return (weights["w"] * x + weights["b"]) ** 2
        >>> value_and_grad(loss)({"w": 3.0, "b": 1.0}, 2.0)[1]
        {'w': Tensor(28., dtype=float32), 'b': Tensor(14., dtype=float32)}
    """
    return _value_and_grad("value_and_grad", function, argnums, has_aux)


def vjp(function: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return the value of `function`, and the function that pulls gradients back.

    The vector-Jacobian product: what one backward pass computes.

    Args:
        function: returns a Tensor, or a tuple, list or dict of them.
        *args: what it is called with; all are differentiated by.

    Returns:
        The value, and a function that takes a gradient of the form of the value and
        returns a tuple with the gradient of each argument. It may be called again.

    Example:
        >>> from pebblegrad.autograd import Tensor, vjp
        >>> value, pull_back = vjp(lambda x, y: x * y, Tensor([1.0, 2.0]), 3.0)
        >>> pull_back(Tensor([1.0, 10.0]))
        (Tensor([ 3., 30.], dtype=float32), Tensor(21., dtype=float32))
    """
    record = Record("vjp", function, args, tuple(range(len(args))), {})
    outs, rebuild = record.outputs()

    def pull_back(gradient: Any) -> Any:
        return record.form(
            record.walk(outs, record.starts(gradient, outs), record.variables)
        )

    return rebuild([record.released(out) for out in outs]), pull_back


def jvp(
    function: Callable[..., Any], primals: Any, tangents: Any
) -> tuple[Any, Tensor]:
    """Return the value of `function`, and how it changes along the tangents.

    The Jacobian-vector product. It is computed by two backward passes: the first is
    linear in the gradient that it starts from, and the gradient of that linear function
    is the product. So it costs about twice what `vjp` costs, and needs rules that can
    be differentiated.

    Args:
        function: returns a Tensor.
        primals: the tuple of its arguments, or a single one.
        tangents: in the form of `primals`: the directions.

    Returns:
        The value and its derivative along the tangents, of the same shape.

    Example:
        >>> from pebblegrad.autograd import Tensor, jvp
        >>> jvp(lambda x: x * x, Tensor([1.0, 2.0]), Tensor([1.0, 10.0]))
        (Tensor([1., 4.], dtype=float32), Tensor([ 2., 40.], dtype=float32))

    Reference:
        J. Townsend, A new trick for calculating Jacobian vector products, 2017,
        https://j-towns.github.io/2017/06/12/A-new-trick.html
    """
    args = primals if isinstance(primals, tuple) else (primals,)
    record = Record("jvp", function, args, tuple(range(len(args))), {})
    out = record.output()
    directions = record.directions(
        tangents if isinstance(primals, tuple) else (tangents,)
    )
    with enable_grad():
        probe = fresh_variable(wrap(ops.ones_like(out._array), None))
        gradients = record.walk([out], [probe], record.variables, create_graph=True)
    (product,) = record.walk(gradients, directions, [probe])
    return record.released(out), product


def jacobian(
    function: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., Any]:
    """Return the function that computes the Jacobian of `function`.

    One backward pass for every element of the result.

    Args:
        function: returns a Tensor, or a tuple, list or dict of them.
        argnums: as for `grad`.

    Returns:
        A function of the same arguments. It returns, for every Tensor of the result and
        every one of the arguments, a Tensor whose shape is that of the result followed
        by that of the argument: in the form of the result, each entry in the form of
        the arguments.

    Example:
        >>> from pebblegrad.autograd import Tensor, jacobian
        >>> jacobian(lambda x: x[:2] * x[1:])(Tensor([1.0, 2.0, 3.0]))
        Tensor([[2., 1., 0.],
                [0., 3., 2.]], dtype=float32)
    """
    return _jacobian("jacobian", function, argnums)


def hessian(
    function: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., Any]:
    """Return the function that computes the matrix of second derivatives.

    Args:
        function: returns a Tensor with one element.
        argnums: as for `grad`.

    Returns:
        A function of the same arguments. It returns a Tensor whose shape is that of the
        argument twice; for several arguments, in their form, each entry in their form.

    Example:
        >>> from pebblegrad.autograd import Tensor, hessian
        >>> hessian(lambda x: x[0] * x[0] * x[1])(Tensor([2.0, 5.0]))
        Tensor([[10.,  4.],
                [ 4.,  0.]], dtype=float32)
    """
    gradient = _value_and_grad("hessian", function, argnums, False, only_grad=True)
    return _jacobian("hessian", gradient, argnums)


def hvp(function: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """Return the product of the Hessian of `function` with the tangents.

    The gradient of the gradient's slope along the tangents: two backward passes, and no
    matrix.

    Args:
        function: returns a Tensor with one element.
        primals: the tuple of its arguments, or a single one.
        tangents: in the form of `primals`: the vector.

    Returns:
        The product, in the form of `primals`.

    Example:
        >>> from pebblegrad.autograd import Tensor, hvp
        >>> hvp(lambda x: x[0] * x[0] * x[1], Tensor([2.0, 5.0]), Tensor([1.0, 1.0]))
        Tensor([14.,  4.], dtype=float32)
    """
    args = primals if isinstance(primals, tuple) else (primals,)
    record = Record("hvp", function, args, tuple(range(len(args))), {})
    out = _one_element("hvp", record.output())
    directions = record.directions(
        tangents if isinstance(primals, tuple) else (tangents,)
    )
    start = ops.ones_like(out.detach())
    gradients = record.walk([out], [start], record.variables, create_graph=True)
    products = record.form(record.walk(gradients, directions, record.variables))
    return products if isinstance(primals, tuple) else products[0]


def _jacobian(
    who: str, function: Callable[..., Any], argnums: int | Sequence[int]
) -> Callable[..., Any]:
    @functools.wraps(function, updated=())
    def rows(*args: Any, **kwargs: Any) -> Any:
        record = Record(who, function, args, argnums, kwargs)
        outs, rebuild = record.outputs()
        return rebuild([record.form(_jacobians(record, out)) for out in outs])

    return rows


def _value_and_grad(
    who: str,
    function: Callable[..., Any],
    argnums: int | Sequence[int],
    has_aux: bool,
    only_grad: bool = False,
) -> Callable[..., Any]:
    @functools.wraps(function, updated=())
    def both(*args: Any, **kwargs: Any) -> Any:
        record = Record(who, function, args, argnums, kwargs)
        aux = None
        if has_aux:
            if not isinstance(record.value, tuple) or len(record.value) != 2:
                raise TypeError(
                    f"{who}: the function returned a {type(record.value).__name__}; "
                    "with has_aux=True a pair is needed, (result, anything)"
                )
            record.value, aux = record.value
        out = _one_element(who, record.output())
        start = ops.ones_like(out.detach())
        gradients = record.form(record.walk([out], [start], record.variables))
        if only_grad:
            return gradients
        value = record.released(out)
        return ((value, record.released_in(aux)) if has_aux else value), gradients

    return both


def _jacobians(record: Record, out: Tensor) -> list[Tensor]:
    """Return the Jacobian of one output for each variable."""
    rows = []
    for i in range(out.size):
        one = ops.zeros_like(out._array)
        one = ops.reshape(one, (-1,))
        one[i] = 1
        start = wrap(ops.reshape(one, out.shape), None)
        rows.append(record.walk([out], [start], record.variables))
    found = []
    for k, v in enumerate(record.variables):
        shape = (*out.shape, *v.shape)
        stacked = (
            ops.stack([row[k] for row in rows])
            if rows
            else ops.reshape(ops.zeros_like(v.detach()), (-1,))[:0]
        )
        found.append(ops.reshape(stacked, shape))
    return found


def _one_element(who: str, out: Tensor) -> Tensor:
    if out.size != 1:
        raise ValueError(
            f"{who}: the function returned shape {out.shape}; a single element is "
            "needed: reduce it, by sum() or mean(), or use jacobian or vjp"
        )
    return out
