"""`@op`: an op is a forward function and one backward rule per input.

    @op
    def multiply(xp, x, y, /):
        return x * y

    multiply.backward("x", lambda g, y: g * y)
    multiply.backward("y", lambda g, x: g * x)

A forward's parameters before `/` are arrays (after `xp`, the library they belong to),
those behind it are static. A rule says what it needs by naming it: `g` is the gradient
of the output, and `out`, `xp`, `in_shape`, the inputs and the static parameters may be
named. The names are read once, when the module is imported; they also decide what the
graph keeps alive. Read `Op.__call__` first, then the loop in `_engine.py`.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NoReturn, overload

import numpy as np

from . import _tensor  # the module: it imports this one before its class exists
from ._broadcasting import explain_broadcasting
from ._modes import modes
from ._namespace import NUMBERS, Array, namespace
from ._node import Node

_PLAIN = frozenset({float, int, bool, np.ndarray})  # operands taken as they are


class Rule:
    """The formula for the gradient of one input, or of several that share costly work.

    Attributes:
        function: the formula.
        inputs: the positions of the inputs that it is for.
        joint: whether it returns a sequence, one gradient for each of `inputs`.
        names: what it named in its signature.
        operands: picks these from `(g, *node.values)`, in the order of the signature.
    """

    __slots__ = ("function", "inputs", "joint", "names", "operands")

    def __init__(
        self,
        function: Callable[..., Any],
        inputs: tuple[int, ...],
        joint: bool,
        names: tuple[str, ...],
        operands: Callable[[tuple[Any, ...]], tuple[Any, ...]],
    ) -> None:
        self.function = function
        self.inputs = inputs
        self.joint = joint
        self.names = names
        self.operands = operands


Plan = tuple[
    tuple[Rule, ...], tuple[int, ...]
]  # rules to run, positions in values to drop


class Op:
    """A differentiable function of arrays, made by `@op`.

    Called with plain arrays it returns a plain array. Called with a Tensor among its
    inputs it returns a Tensor, which remembers how it was made if any input requires a
    gradient. An input with the default None may be left out.

    Attributes:
        inputs: the names of its arrays; the last one stands for a whole list if
            `variadic`.
        static: the names of its static parameters.
        rules: for each input that has one, its backward rule.
        variadic: whether it takes one list of arrays, as `concat` does. Its forward is
            written with `*arrays`; `arrays` in a rule is the list, `in_shape` their
            shapes.
    """

    __name__: str

    def __init__(self, forward: Callable[..., Array]) -> None:
        functools.update_wrapper(self, forward)
        signature = inspect.signature(forward)
        parameters = list(signature.parameters.values())
        if not parameters or parameters[0].name != "xp":
            raise TypeError(
                f"{self.__name__}: the first parameter of a forward must be xp"
            )
        arrays = [
            p for p in parameters[1:] if p.kind in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL)
        ]
        static = [p for p in parameters[1:] if p not in arrays]
        if not arrays:
            raise TypeError(f"{self.__name__}: no array before '/' in {signature}")

        self.forward = forward
        self.implementations: dict[Any, Callable[..., Array]] = {}
        self.explanation: Callable[..., str | None] = explain_broadcasting
        self.inputs = tuple(p.name for p in arrays)
        self.static = tuple(p.name for p in static)
        self.variadic = arrays[-1].kind is inspect.Parameter.VAR_POSITIONAL
        self.rules: dict[str, Rule] = {}
        self.__signature__ = inspect.Signature(
            [p.replace(kind=p.POSITIONAL_ONLY) for p in arrays]
            + [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in static]
        )
        self._defaults = {p.name: p.default for p in static}
        complete = (
            not self.variadic and inspect.Parameter.empty not in self._defaults.values()
        )
        self._plain_count = (
            len(arrays) if complete else -1
        )  # no binding needed at this count
        self._optional = any(p.default is None for p in arrays)
        # Where things are in (g, *node.values), by name; shapes come last, if any rule
        # asks.
        names = ("g", "xp", "out", *self.static, *self.inputs)
        self._places = {name: place for place, name in enumerate(names)}
        self._keeps_shapes = False
        self._plans: dict[tuple[bool, ...], Plan] = {}

    @overload
    def __call__(
        self, x: "_tensor.Tensor", /, *args: Any, **static: Any
    ) -> "_tensor.Tensor": ...
    @overload
    def __call__(
        self, x: Any, y: "_tensor.Tensor", /, *args: Any, **static: Any
    ) -> "_tensor.Tensor": ...
    @overload
    def __call__(self, *args: Any, **static: Any) -> Any: ...
    def __call__(self, *args: Any, **static: Any) -> Any:
        if static or len(args) != self._plain_count:
            args, static = self._bind(args, static)
        else:
            static = self._defaults

        arrays: list[Array] = []
        parents: list[Node | None] = []
        any_tensor = any_wanted = False
        for value in args:
            if isinstance(value, _tensor.Tensor):
                any_tensor = True
                arrays.append(value._data)
                parents.append(value.node)
                if value.node is not None:
                    any_wanted = True
            else:
                plain = type(value) in _PLAIN
                arrays.append(value if plain else self._plain(value, args))
                parents.append(None)

        xp = np if type(arrays[0]) is np.ndarray else namespace(arrays)
        try:
            out = self.implementations.get(xp, self.forward)(xp, *arrays, **static)
        except (ValueError, TypeError, IndexError) as error:
            self._refuse(error, arrays, static)

        if not any_tensor:
            return out
        if isinstance(out, np.generic):  # NumPy returns 0-d results as scalars
            out = np.asarray(out)
        if not (any_wanted and modes.recording):
            return _tensor.wrap(out, None)
        return _tensor.wrap(out, self._record(xp, out, static, arrays, parents, args))

    def _record(
        self,
        xp: Any,
        out: Array,
        static: dict[str, Any],
        arrays: list[Array],
        parents: list[Node | None],
        args: tuple[Any, ...],
    ) -> Node:
        """Make the node of a result: its parents, its rules, what they will need."""
        wanted = tuple([parent is not None for parent in parents])
        rules, unnamed = self._plans.get(wanted) or self._plan(wanted)
        inputs = [arrays] if self.variadic else arrays
        values = [xp, out, *static.values(), *inputs]
        for place in unnamed:
            values[place] = None
        if self._keeps_shapes:
            shapes = [getattr(array, "shape", ()) for array in arrays]
            values += [shapes] if self.variadic else shapes
        constants = () if all(wanted) else _constants(args, arrays, parents)
        return Node(
            self, tuple(parents), rules, values, out.shape, out.dtype, constants
        )

    # What follows runs when something is declared, unusual or wrong.

    def backward(self, *inputs: str | Callable[..., Any]) -> Any:
        """Declare the backward rule of an input, or the joint rule of several.

        `op.backward("x", rule)`, or as a decorator `@op.backward("x")`. A joint rule is
        declared with several names and returns one gradient for each, in that order.

        Args:
            *inputs: names of inputs; a function as the last argument is the rule.

        Raises:
            TypeError: if an input or a name in the rule's signature is not known to the
                op, or the input has a rule already.
        """
        if inputs and callable(inputs[-1]):
            return self._declare(inputs[:-1], inputs[-1])
        return lambda function: self._declare(inputs, function)

    def explain(self, function: Callable[..., str | None]) -> Callable[..., str | None]:
        """Declare, as a decorator, what says why the forward failed.

        Args:
            function: takes what the forward takes, without `xp`; returns the end of the
                error's sentence, or None to leave the array library's own words.
                Without one, an op explains why shapes cannot be broadcast.
        """
        self.explanation = function
        return function

    def implement(self, library: Any, forward: Callable[..., Array]) -> None:
        """Use another forward for the arrays of one library; the rules stay.

        The seam for native kernels: `forward` has the signature of the op's own, which
        stays the readable reference (and the oracle of the tests).

        Args:
            library: the array library, as `array.__array_namespace__()` gives it.
            forward: called as `forward(xp, *arrays, **static)`.
        """
        self.implementations[library] = forward

    def name_of(self, i: int) -> str:
        """Return what the input at position `i` is called."""
        return f"{self.inputs[0]}[{i}]" if self.variadic else self.inputs[i]

    def _declare(self, inputs: tuple[Any, ...], function: Any) -> Any:
        if not inputs:
            raise TypeError(
                f"{self.__name__}: backward() names no input; inputs: {self.inputs}"
            )
        for name in inputs:
            if name not in self.inputs:
                raise TypeError(
                    f"{self.__name__}: no input {name!r}; inputs: {self.inputs}"
                )
            if name in self.rules:
                raise TypeError(
                    f"{self.__name__}: input {name!r} has a backward rule already"
                )
        names = tuple(inspect.signature(function).parameters)
        places = dict(self._places)
        joint = len(inputs) > 1 or self.variadic
        if not joint or self.variadic:
            places["in_shape"] = len(self._places) + self.inputs.index(inputs[0])
        for name in names:
            if name not in places:
                raise TypeError(
                    f"{self.__name__}: the rule for {' and '.join(inputs)} names "
                    f"{name!r}; "
                    f"a rule may name {', '.join(places)}"
                )
        positions = tuple(self.inputs.index(name) for name in inputs)
        rule = Rule(
            function, positions, joint, names, _picker([places[n] for n in names])
        )
        self._keeps_shapes |= "in_shape" in names
        for name in inputs:
            self.rules[name] = rule
        self._plans.clear()
        return function

    def _plan(self, wanted: tuple[bool, ...]) -> Plan:
        """Return the rules for the wanted gradients, and the places not named."""
        names = self.inputs * len(wanted) if self.variadic else self.inputs
        rules: list[Rule] = []
        for name, is_wanted in zip(names, wanted, strict=True):
            if is_wanted and name not in self.rules:
                raise NotImplementedError(
                    f"{self.__name__}: it has no backward rule for {name}, which "
                    "requires a "
                    f"gradient; detach {name}, or declare one with "
                    f"{self.__name__}.backward({name!r}, ...)"
                )
            if is_wanted and self.rules[name] not in rules:
                rules.append(self.rules[name])
        named = {name for rule in rules for name in rule.names}
        arrays = {"out", *self.inputs}
        unnamed = tuple(
            place - 1 for name, place in self._places.items() if name in arrays - named
        )
        if (
            self.variadic
        ):  # its one rule serves as many inputs as there are in this list
            everything = tuple(range(len(wanted)))
            rules = [
                Rule(r.function, everything, True, r.names, r.operands) for r in rules
            ]
        self._plans[wanted] = plan = (tuple(rules), unnamed)
        return plan

    def _bind(
        self, args: tuple[Any, ...], static: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arrays and the static parameters, in the forward's order."""
        count = len(self.inputs)
        arrays = args[:count]
        positional = dict(zip(self.static, args[count:], strict=False))
        bound = {**self._defaults, **positional, **static}
        if (
            not count <= len(args) <= count + len(self.static)
            or len(bound) > len(self._defaults)
            or not static.keys().isdisjoint(positional)
            or any(value is inspect.Parameter.empty for value in bound.values())
        ):  # an input was left out, or the call is wrong; this is slow, and has the words
            try:
                found = self.__signature__.bind(*args, **static)
            except TypeError as error:
                raise TypeError(
                    f"{self.__name__}: {error}; call it as {self!r}"
                ) from None
            found.apply_defaults()
            arrays = tuple(found.arguments[name] for name in self.inputs)
            bound = {name: found.arguments[name] for name in self.static}
        for name, value in bound.items():
            if isinstance(value, _tensor.Tensor):
                raise TypeError(
                    f"{self.__name__}: {name} is a Tensor; {name} is a static parameter "
                    f"that no gradient goes through: give a number or an array "
                    f"({name}.item() or {name}.data)"
                )
        if not self.variadic:
            return arrays, bound
        if not isinstance(arrays[0], list | tuple) or not arrays[0]:
            raise TypeError(
                f"{self.__name__}: {self.inputs[0]} is {_kind(arrays[0])}; "
                "a list of one or more Tensors or arrays is needed"
            )
        return tuple(arrays[0]), bound

    def _plain(self, value: Any, args: tuple[Any, ...]) -> Any:
        """Return an operand that is neither a Tensor nor of one of the usual types."""
        if value is None and self._optional:
            return None
        if isinstance(value, np.float64) and any(
            isinstance(x, _tensor.Tensor) for x in args
        ):
            return float(
                value
            )  # weak, like the float that it is: float32 stays float32
        if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "fiub":
            return np.asarray(value)
        if hasattr(value, "__array_namespace__") and not isinstance(value, np.ndarray):
            return value
        raise TypeError(
            f"{self.__name__}: an operand is {_kind(value)}; "
            "a Tensor, a real array or a number is needed (a list becomes one by "
            "Tensor(...))"
        )

    def _refuse(
        self, error: Exception, arrays: list[Array], static: dict[str, Any]
    ) -> NoReturn:
        """Raise the forward's error again, saying which op failed on which shapes."""
        names = [self.name_of(i) for i in range(len(arrays))]
        given = ", ".join(
            [
                _describe(names, arrays),
                *[f"{name}={value!r}" for name, value in static.items()],
            ]
        )
        reason = self.explanation(*arrays, **static) or str(error)
        kinds = (ValueError, TypeError, IndexError)
        kind = next(kind for kind in kinds if isinstance(error, kind))
        raise kind(f"{self.__name__}: {given}; {reason}") from error

    def __repr__(self) -> str:
        return f"{self.__name__}{self.__signature__}"


def op(forward: Callable[..., Array]) -> Op:
    """Make an op of a forward function; its rules are declared with `.backward`.

    Args:
        forward: `forward(xp, x, y, /, static=default)`: takes the array library `xp`,
            then arrays of that library, then static parameters; returns one new array
            and changes none of its arguments.

    Returns:
        The op, callable with Tensors and with plain arrays.

    Raises:
        TypeError: if `forward` does not have that form.

    Example:
        >>> from pebblegrad.autograd import Tensor, op
        >>> @op
        ... def cube(xp, x, /):
        ...     return x * x * x
        >>> rule = cube.backward("x", lambda g, x: g * 3 * x * x)
        >>> x = Tensor([2.0], requires_grad=True)
        >>> cube(x).backward()
        >>> x.grad
        Tensor([12.], dtype=float32)
    """
    return Op(forward)


def _constants(
    args: tuple[Any, ...], arrays: list[Array], parents: list[Node | None]
) -> tuple[Any, ...]:
    """Return what the graph shall show of the inputs that want no gradient."""
    return tuple([
        array
        if array is None or isinstance(array, NUMBERS)
        else (array.shape, array.dtype, getattr(value, "label", None))
        for value, array, parent in zip(args, arrays, parents, strict=True)
        if parent is None
    ])  # fmt: skip


def _picker(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return a function that picks these places from a tuple, as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple([values[place] for place in places])


def _describe(names: Sequence[str], arrays: Sequence[Array]) -> str:
    """Return "x has shape (2, 3) and y has shape (4,)", for a message."""
    parts = [
        f"{name} has shape {array.shape}"
        if hasattr(array, "shape")
        else f"{name} is {array!r}"
        for name, array in zip(names, arrays, strict=True)
    ]
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]


def _kind(value: Any) -> str:
    """Return what a wrong operand is, for a message."""
    dtype = getattr(value, "dtype", None)
    return f"{type(value).__name__}" + (
        f" of dtype {dtype}" if dtype is not None else ""
    )
