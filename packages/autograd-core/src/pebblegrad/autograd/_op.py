"""`@op`: an op is a forward function and one backward rule per input.

    @op
    def multiply(xp, x, y, /):
        return x * y

    multiply.backward("x", lambda g, y: g * y)
    multiply.backward("y", lambda g, x: g * x)

A forward's parameters before `/` are arrays (after `xp`, the library they belong to),
those behind it are static. A rule says what it needs by naming it: `g` is the gradient
of the output, and `out`, `xp`, `in_shape`, the inputs and the static parameters may be
named (`in_shape` only in the rule of one input). These names also decide what the graph
keeps alive: `add` names no operand and keeps none. Read `Op.call` first (usual calls
take a shorter way to the same, see `_usual_call.py`), then the loop in `_engine.py`.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, NoReturn, overload

import numpy as np

from . import _anomaly, _arguments, _memory, _tensor, _value  # some import this one
from ._kernels import kernel_for
from ._modes import modes
from ._namespace import Array, namespace
from ._node import Node
from ._rule import RESERVED, Rule, read_rule
from ._usual_call import constant, usual_call
from ._writes import noted, stamp

_PLAIN = frozenset({float, int, bool})  # operands taken as they are

_preparing = threading.RLock()

# The rules to run, then for the output and for each input whether one of them names it.
Plan = tuple[Any, ...]


class Op:
    """A differentiable function of arrays, made by `@op`.

    Called with plain arrays it returns a plain array. Called with a Tensor among its
    inputs it returns a Tensor, which remembers how it was made if any input requires a
    gradient. An input with the default None may be left out.

    Attributes:
        inputs: the names of its arrays.
        static: the names of its static parameters.
        rules: for each input that has one, its backward rule.
        variadic: whether it takes one list of arrays, as `concat` does. Its forward is
            written with `*arrays`; in a rule `arrays` is the list, `in_shape` the list
            of their shapes, and the result the list of their gradients.
        parts: the two ops that it is, if `fuse` made it; else none.
        ending: the rule of the second, which each gradient goes through first.
        fused: the ops that it is a part of.
    """

    __slots__ = ("__call__", "__dict__", "__weakref__")
    __name__: str
    __qualname__: str
    fused: Collection[Op] = ()

    def __init__(self, forward: Callable[..., Array]) -> None:
        functools.update_wrapper(self, forward)
        signature = inspect.signature(forward)
        parameters = list(signature.parameters.values())[1:]
        kinds = inspect.Parameter
        arrays = [
            p
            for p in parameters
            if p.kind in (kinds.POSITIONAL_ONLY, kinds.VAR_POSITIONAL)
        ]
        static = [p for p in parameters if p not in arrays]
        variadic = any(p.kind is kinds.VAR_POSITIONAL for p in arrays)
        if (
            next(iter(signature.parameters), None) != "xp"
            or not arrays
            or (variadic and len(arrays) > 1)
            or any(p.kind is kinds.VAR_KEYWORD for p in static)
            or any(p.name in RESERVED for p in parameters)
        ):
            raise TypeError(
                f"{self.__name__}: its forward is {self.__name__}{signature}; "
                "(xp, arrays..., /, static...) or (xp, /, *arrays, static...) is "
                f"needed, and but for xp no name may be one of {', '.join(RESERVED)}"
            )
        self.forward = forward
        self.implementations: dict[Any, Callable[..., Array]] = {}
        self.explanation: Callable[..., str | None] = lambda *shapes, **static: None
        self.inputs = tuple(p.name for p in arrays)
        self.optional = tuple(p.default for p in arrays)
        self.static = tuple(p.name for p in static)
        self.defaults = {p.name: p.default for p in static}
        self.variadic = variadic
        self.rules: dict[str, Rule] = {}
        self.__signature__ = signature.replace(
            parameters=[_of_kind(kinds.POSITIONAL_ONLY, p) for p in arrays]
            + [_of_kind(kinds.POSITIONAL_OR_KEYWORD, p) for p in static]
        )
        # A call with just so many arguments needs no binding.
        binds = self.variadic or inspect.Parameter.empty in self.defaults.values()
        self._plain_count = -1 if binds else len(arrays)
        # Where things are in (g, *node.values); shapes come last, if any rule asks.
        names = ("g", "xp", "out", *self.static, *self.inputs)
        self._places = {name: place for place, name in enumerate(names)}
        self.keeps_shapes = False
        self.plans: dict[tuple[bool, ...], Plan] = {}
        self._may_have_kernel = True
        self.parts: tuple[Op, ...] = ()
        self.ending: Rule | None = None
        self.__call__ = self._first_call  # type: ignore[method-assign]

    if TYPE_CHECKING:

        @overload
        def __call__(
            self, x: _value.Value, /, *args: Any, **static: Any
        ) -> _tensor.Tensor: ...
        @overload
        def __call__(
            self, x: Any, y: _value.Value, /, *args: Any, **static: Any
        ) -> _tensor.Tensor: ...
        @overload
        def __call__(self, *args: Any, **static: Any) -> Any: ...
        def __call__(self, *args: Any, **static: Any) -> Any: ...

    def _first_call(self, *args: Any, **static: Any) -> Any:
        """Write the function that all calls will go to, and call it."""
        if not _memory.asked:
            _memory.keep()
        self.forward_for(np)
        with _preparing:
            self.__call__ = usual_call(self)  # type: ignore[method-assign]
        return self(*args, **static)

    def forward_for(self, library: Any) -> Callable[..., Array]:
        """Return the forward for arrays of a library; a kernel, if there is one."""
        present = self.implementations.get(library, self.forward)
        if library is not np or not self._may_have_kernel:
            return present
        found = kernel_for(self.forward, present)
        with _preparing:
            if self._may_have_kernel:
                self._may_have_kernel = False
                if found is not present:
                    self.implementations[np] = found
        return self.implementations.get(np, self.forward)

    def call(self, *args: Any, **static: Any) -> Any:
        """Compute and record; what a call does, for every kind of argument."""
        if self.parts and modes.anomaly:  # which of the two is at fault?
            first, last = self.parts
            return last(first(*args, **static))
        if static or len(args) != self._plain_count:
            args, static = _arguments.bind(self, args, static)
        else:
            static = self.defaults

        arrays: list[Array] = []
        parents: list[Node | None] = []
        any_tensor = any_wanted = False
        for value in args:
            if isinstance(value, _tensor.Tensor):
                any_tensor = True
                arrays.append(value._array)
                parents.append(value.node)
                if value.node is not None:
                    any_wanted = True
            else:
                kind = type(value)
                if kind is np.ndarray:
                    usual = value.dtype.kind in "fiub"
                else:
                    usual = kind in _PLAIN
                if not usual:
                    value = _arguments.usable(self, len(arrays), value, args)
                arrays.append(value)
                parents.append(None)

        xp = np if type(arrays[0]) is np.ndarray else namespace(arrays)
        try:
            out = self.implementations.get(xp, self.forward)(xp, *arrays, **static)
        except Exception as error:
            self.fail(error, arrays, static)

        if not any_tensor:
            return out
        if isinstance(out, np.generic):  # NumPy returns 0-d results as scalars
            out = np.asarray(out)
        if modes.anomaly:
            _anomaly.check_result(self, out, arrays)
        if not (any_wanted and modes.recording):
            return _tensor.wrap(out, None)
        is_float = type(out) is np.ndarray and out.dtype.kind == "f"
        if not is_float and not _arguments.is_float(self, out):
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
        rules, *keep = self.plans.get(wanted) or self.plan(wanted)
        inputs = [arrays] if self.variadic else arrays
        kept = [
            value if is_named else None
            for value, is_named in zip([out, *inputs], keep, strict=True)
        ]
        values = [xp, kept[0], *static.values(), *kept[1:]]
        if self.keeps_shapes:
            shapes = [getattr(array, "shape", ()) for array in arrays]
            values += [shapes] if self.variadic else shapes
        constants = tuple(
            [
                constant(value, array)
                for value, array, parent in zip(args, arrays, parents, strict=True)
                if parent is None
            ]
        )
        node = Node(
            self, tuple(parents), rules, values, out.shape, out.dtype, constants
        )
        if modes.anomaly:
            _anomaly.remember(node)
        if noted:
            stamp(node)
        return node

    # What follows runs when something is declared, unusual or wrong.

    def fail(
        self, error: Exception, arrays: list[Array], static: dict[str, Any]
    ) -> NoReturn:
        """Raise the error of a forward again, with words if it is one of the call."""
        faults: tuple[type[Exception], ...] = (ValueError, TypeError, IndexError)
        if not all(hasattr(array, "shape") for array in arrays if array is not None):
            faults += (AttributeError,)  # else it is the forward's fault
        if isinstance(error, faults):
            first = self.parts[0] if self.parts else self
            _arguments.refuse(first, error, arrays, static)
        raise error

    def backward(self, *inputs: str | Callable[..., Any]) -> Any:
        """Declare the backward rule of an input, or the joint rule of several.

        `op.backward("x", rule)`, or as a decorator `@op.backward("x")`. A joint rule is
        declared with several names and returns one gradient for each, in that order.

        A rule returns a new array, `g`, an operand, or a view of one of these, and
        writes into none of them.

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
            function: takes the shapes of the arrays, as tuples, and the static
                parameters as the forward does; returns the end of the error's sentence,
                or None to leave the array library's own words.
        """
        self.explanation = function
        return function

    def implement(
        self,
        library: Any,
        forward: Callable[..., Array],
        *,
        may_be_replaced: bool = False,
    ) -> None:
        """Use another forward for the arrays of one library; the rules stay.

        `forward` has the signature of the op's own, which stays the readable reference
        (and the oracle of the tests).

        Args:
            library: the array library, as `array.__array_namespace__()` gives it.
            forward: called as `forward(xp, *arrays, **static)`.
            may_be_replaced: whether a compiled kernel, if one is installed, goes before
                it, and gets it to fall back on. They are looked for at the op's first
                call: see `_kernels.py`.

        Raises:
            TypeError: if `fuse` made the op: it computes by the forwards of its parts.
        """
        if self.parts:
            raise TypeError(
                f"implement: {self.__name__} is two ops in one; give another forward "
                f"to {self.parts[0].__name__} or {self.parts[1].__name__}"
            )
        self.implementations[library] = forward
        for one in (self, *self.fused):
            if library is np and not may_be_replaced:
                one._may_have_kernel = False
                if one is not self:
                    one.implementations.pop(np, None)  # a kernel that does both
            one.__call__ = one._first_call  # type: ignore[method-assign]

    def name_of(self, i: int) -> str:
        """Return what the input at position `i` is called."""
        return f"{self.inputs[0]}[{i}]" if self.variadic else self.inputs[i]

    def _declare(self, inputs: tuple[Any, ...], function: Any) -> Any:
        if not inputs or len(set(inputs)) < len(inputs):
            raise TypeError(
                f"{self.__name__}: backward names {inputs or 'no input'}; name each "
                "input that the rule is for once, as in "
                f"backward({self.inputs[0]!r}, rule)"
            )
        for name in inputs:
            if name not in self.inputs or name in self.rules:
                has = "has a rule already" if name in self.rules else "is not an input"
                raise TypeError(
                    f"{self.__name__}: backward({name!r}): {name} {has}; "
                    f"the inputs are {', '.join(self.inputs)}"
                )
        positions = tuple(self.inputs.index(name) for name in inputs)
        joint = self.variadic or len(positions) > 1
        places = dict(self._places)
        if len(positions) == 1:
            places["in_shape"] = len(places) + positions[0]
        who = f"{self.__name__}: the rule for {' and '.join(inputs)}"
        rule = read_rule(who, function, positions, joint, places)
        self.keeps_shapes |= "in_shape" in rule.names
        self.rules.update(dict.fromkeys(inputs, rule))
        self.plans.clear()
        self.__call__ = self._first_call  # type: ignore[method-assign]
        return function

    def plan(self, wanted: tuple[bool, ...]) -> Plan:
        """Return the rules for the wanted gradients, and what they name."""
        rules: list[Rule] = []
        for i in [i for i, is_wanted in enumerate(wanted) if is_wanted]:
            name = self.inputs[0 if self.variadic else i]
            if name not in self.rules:
                raise NotImplementedError(
                    f"{self.__name__}: {name} requires a gradient, and there is no "
                    f"backward rule for it; detach() it, or declare a rule with "
                    f"{self.__name__}.backward({name!r}, ...)"
                )
            if self.rules[name] not in rules:
                rules.append(self.rules[name])
        named = {name for rule in rules for name in rule.names}
        if self.ending is not None:
            named.update(self.ending.names)
        keep = tuple(name in named for name in ("out", *self.inputs))
        if self.variadic:  # the one rule serves as many inputs as the list has
            rules = [rule.for_all(len(wanted)) for rule in rules]
        self.plans[wanted] = plan = tuple(rules), *keep
        return plan

    # An op is a function: to copy what holds one is not to copy it, and `pickle` takes
    # what has its name.

    def __copy__(self) -> Op:
        return self

    def __deepcopy__(self, memo: Any) -> Op:
        return self

    def __reduce__(self) -> str:
        return self.__qualname__

    def __repr__(self) -> str:
        return f"{self.__name__}{self.__signature__}"


def _of_kind(kind: Any, parameter: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter of this kind; most are, and a copy takes microseconds."""
    return parameter if parameter.kind is kind else parameter.replace(kind=kind)


def op(forward: Callable[..., Array]) -> Op:
    """Make an op of a forward function; its rules are declared with `.backward`.

    Args:
        forward: `forward(xp, x, y, /, static=default)`: takes the array library `xp`,
            then arrays of that library, then static parameters; returns one array, new
            or a view of an operand, and changes none of its arguments.

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
