"""pebblegrad beside PyTorch: the same inputs through both, and the same numbers out.

These tests need a real torch and are apart from all others for that: no package and no
other test may depend on it. `nox -s parity` makes the environment, in which pip must
find torch. One test function compares many numbers; the line at the end of the run says
how many comparisons (of arrays, element by element) agreed.

Where the two differ on purpose, both answers are asserted, with the reason beside them,
so that it shows here when either side changes.
"""

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor

AGREED = pytest.StashKey[int]()
DIFFERED = pytest.StashKey[int]()


def pytest_configure(config):
    config.stash[AGREED] = config.stash[DIFFERED] = 0
    torch.manual_seed(0)
    torch.set_num_threads(1)


def pytest_terminal_summary(terminalreporter, config):
    terminalreporter.write_line(
        f"parity with PyTorch {torch.__version__}: {config.stash[AGREED]} comparisons "
        f"agreed, {config.stash[DIFFERED]} known differences are as they are known"
    )


def plain(value):
    """Return the array inside a Tensor of either library."""
    if isinstance(value, torch.Tensor):
        return value.numpy(force=True)
    return value.data if isinstance(value, Tensor) else np.asarray(value)


@pytest.fixture
def rng():
    """A generator that starts at the same place in every test."""
    return np.random.default_rng(0)


@pytest.fixture
def agree(request):
    """Assert that two results have one shape, one dtype and the same numbers."""

    def compare(ours, theirs, rtol=1e-12, atol=1e-13, what=""):
        ours, theirs = plain(ours), plain(theirs)
        assert ours.shape == theirs.shape, what
        assert ours.dtype == theirs.dtype, what
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=what)
        request.config.stash[AGREED] += 1

    return compare


@pytest.fixture
def differ(request):
    """Assert what each library gives where it is known that they differ."""

    def compare(ours, theirs, our_numbers, their_numbers):
        np.testing.assert_allclose(plain(ours), our_numbers, rtol=1e-6)
        np.testing.assert_allclose(plain(theirs), their_numbers, rtol=1e-6)
        assert not np.array_equal(plain(ours), plain(theirs), equal_nan=True)
        request.config.stash[DIFFERED] += 1

    return compare


class Both:
    """One function of arrays in both libraries, with its gradients to second order.

    `v` and `us` are the random vectors that gradients are projected on: the second
    gradients are those of the sum of each first gradient times its `u`.
    """

    def __init__(self, agree, rng):
        self.agree = agree
        self.rng = rng

    def __call__(self, ours, theirs, arrays, rtol=1e-10, atol=1e-11, order=2):
        out = ours(*[Tensor(a) for a in arrays])
        v = self.rng.standard_normal(out.shape).astype(out.dtype)
        us = [self.rng.standard_normal(a.shape).astype(a.dtype) for a in arrays]
        found = of_pebblegrad(ours, arrays, v, us, order)
        expected = of_torch(theirs, arrays, v, us, order)
        for (what, one), (_, other) in zip(found, expected, strict=True):
            self.agree(one, other, rtol, atol, what)


def of_pebblegrad(function, arrays, v, us, order):
    """Yield what is compared, and the result of pebblegrad."""
    xs = [Tensor(a, requires_grad=True) for a in arrays]
    out = function(*xs)
    yield "value", out
    out.backward(v, create_graph=order > 1)
    first = [x.grad for x in xs]
    for i, gradient in enumerate(first):
        yield f"gradient of input {i}", gradient
    if order < 2:
        return
    total = Tensor(np.zeros((), out.dtype))
    for x, gradient, u in zip(xs, first, us, strict=True):
        x.grad = None
        total = total + (gradient * Tensor(u)).sum()
    if total.requires_grad:
        total.backward()
    for i, x in enumerate(xs):
        second = np.zeros_like(x.data) if x.grad is None else x.grad
        yield f"second gradient of input {i}", second


def of_torch(function, arrays, v, us, order):
    """Yield what is compared, and the result of PyTorch."""
    xs = [torch.tensor(a, requires_grad=True) for a in arrays]
    out = function(*xs)
    yield "value", out
    first = torch.autograd.grad(out, xs, torch.tensor(v), create_graph=order > 1)
    for i, gradient in enumerate(first):
        yield f"gradient of input {i}", gradient
    if order < 2:
        return
    total = sum((g * torch.tensor(u)).sum() for g, u in zip(first, us, strict=True))
    second = [None] * len(xs)
    if total.requires_grad:
        second = torch.autograd.grad(total, xs, allow_unused=True)
    for i, (x, gradient) in enumerate(zip(xs, second, strict=True)):
        zeros = torch.zeros_like(x)
        yield f"second gradient of input {i}", zeros if gradient is None else gradient


@pytest.fixture
def both(agree, rng):
    """Compare a function in both libraries: value, first and second gradients."""
    return Both(agree, rng)


class SameTraining:
    """A layer of both libraries from one state: as it is, and through ten steps.

    Compared before the first step, after one and after ten: every output, the gradients
    of inputs and parameters, parameters and buffers. The loss is the mean square of the
    outputs, the steps are plain gradient descent.
    """

    def __init__(self, agree):
        self.agree = agree

    def __call__(
        self, ours, theirs, arrays, *, call=None, rtol=1e-9, atol=1e-10, lr=0.05
    ):
        """Compare.

        Args:
            ours: a Module, of the dtype to compare in.
            theirs: PyTorch's module; it gets our state.
            arrays: the inputs; integers get no gradient.
            call: how to call both, if not as `layer(*inputs)`.
            rtol: relative tolerance.
            atol: absolute tolerance.
            lr: of the steps.
        """
        call = call or (lambda layer, *xs: layer(*xs))
        state = {k: torch.tensor(v) for k, v in ours.state_dict().items()}
        theirs.to(next((v.dtype for v in state.values()), torch.float64))
        theirs.load_state_dict(state)
        for step in range(11):
            xs = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
            others = [
                torch.tensor(x.numpy(), requires_grad=x.requires_grad) for x in xs
            ]
            found, expected = outputs(call(ours, *xs)), outputs(call(theirs, *others))
            descend(ours.parameters(), found, lr)
            descend(list(theirs.parameters()), expected, lr)
            if step in (0, 1, 10):
                xs, others = with_gradients(xs), with_gradients(others)
                self.all_agree(f"step {step}", rtol, atol, found, expected)
                self.all_agree(f"inputs, step {step}", rtol, atol, xs, others)
                ours_now, theirs_now = ours.state_dict(), theirs.state_dict()
                assert list(ours_now) == list(theirs_now)
                self.all_agree(
                    f"{list(ours_now)} after step {step}",
                    rtol,
                    atol,
                    ours_now.values(),
                    theirs_now.values(),
                )

    def all_agree(self, what, rtol, atol, found, expected):
        for one, other in zip(found, expected, strict=True):
            self.agree(one, other, rtol, atol, what)


def outputs(out):
    """Return the results of a layer as a flat list."""
    if not isinstance(out, tuple | list):
        return [out]
    return [one for part in out for one in outputs(part)]


def descend(parameters, found, lr):
    """Take a step down the mean square of what was found."""
    for parameter in parameters:
        parameter.grad = None
    sum((out * out).mean() for out in found).backward()
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= lr * parameter.grad.data


def with_gradients(xs):
    """Return the gradients of those that require one."""
    return [x.grad for x in xs if x.requires_grad]


@pytest.fixture
def same_training(agree):
    """Compare a layer in both libraries, through ten steps of training."""
    return SameTraining(agree)


class SameDescent:
    """An optimizer of both libraries, through a hundred steps from the same start.

    Two parameters, a matrix and a vector, each in a group of its own, get the gradient
    of a quadratic around a target, with noise that is the same for both. Compared after
    every step.
    """

    def __init__(self, agree):
        self.agree = agree

    def __call__(
        self,
        ours,
        theirs,
        *,
        steps=100,
        dtype="float64",
        rtol=1e-10,
        atol=1e-12,
        schedule=None,
        shapes=((4, 3), (5,)),
    ):
        """Compare.

        Args:
            ours: makes our optimizer of groups, dicts of "params".
            theirs: makes PyTorch's.
            steps: how many.
            dtype: of the parameters.
            rtol: relative tolerance.
            atol: absolute tolerance.
            schedule: a pair of functions that make a schedule of an optimizer, ours and
                PyTorch's; stepped after each step, and the rates compared too.
            shapes: of the parameters.
        """
        rng = np.random.default_rng(5)
        starts = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
        targets = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
        slopes = [rng.uniform(0.1, 3, shape).astype(dtype) for shape in shapes]
        our_params = [Tensor(start, requires_grad=True) for start in starts]
        their_params = [torch.tensor(start, requires_grad=True) for start in starts]
        optimizer = ours([{"params": [p]} for p in our_params])
        other = theirs([{"params": [p]} for p in their_params])
        schedules = []
        if schedule:
            schedules = [schedule[0](optimizer), schedule[1](other)]
        for step in range(steps):
            for p, q, target, slope in zip(
                our_params, their_params, targets, slopes, strict=True
            ):
                noise = 0.1 * rng.standard_normal(p.shape).astype(dtype)
                p.grad = slope * (p.data - target) + noise
                q.grad = torch.tensor(slope * (q.detach().numpy() - target) + noise)
            optimizer.step()
            other.step()
            for one in schedules:
                one.step()
            for p, q in zip(our_params, their_params, strict=True):
                self.agree(p, q, rtol, atol, f"parameter of {p.shape}, step {step}")
            if schedules:
                groups = zip(optimizer.param_groups, other.param_groups, strict=True)
                for a, b in groups:
                    for key in ("lr", "momentum", "betas"):
                        if key in b:
                            what = f"{key} after step {step}"
                            one, two = (np.asarray(g[key], float) for g in (a, b))
                            self.agree(one, two, rtol, atol, what)


@pytest.fixture
def same_descent(agree):
    """Compare an optimizer, and a schedule if wanted, through a hundred steps."""
    return SameDescent(agree)
