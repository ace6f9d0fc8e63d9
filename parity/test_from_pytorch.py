"""The tables of docs/from-pytorch.md: each row, in both libraries.

A row of the page is the name of a test here, letter by letter, so none can be added or
changed without its proof.
"""

import inspect
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from pebblegrad import autograd, data, nn, optim
from pebblegrad.autograd import Tensor, grad, no_grad, ops
from pebblegrad.autograd.testing import check_gradients

# torch's own, from inside of torch.func.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")

PAGE = Path(__file__).resolve().parents[1] / "docs" / "from-pytorch.md"
ROWS = {}


def row(first_cell):
    """Declare the test of a row."""

    def declare(function):
        ROWS[first_cell] = function
        return function

    return declare


def parameter(*values):
    return Tensor(list(values), requires_grad=True)


def their_parameter(*values):
    return torch.tensor(list(values), requires_grad=True)


def lacks(thing, *names):
    assert not [name for name in names if hasattr(thing, name)]


# Where things are


@row("`torch.optim.lr_scheduler.StepLR`")
def _():
    theirs = [
        name
        for name, value in vars(torch.optim.lr_scheduler).items()
        if isinstance(value, type) and name.endswith("LR")
    ]
    assert "StepLR" in theirs and len(theirs) > 10
    assert not [name for name in theirs if not hasattr(optim, name)]


@row("`torch.nn.utils.clip_grad_norm_`")
def _():
    p, q = parameter(3.0, 4.0), their_parameter(3.0, 4.0)
    p.grad, q.grad = [3.0, 4.0], torch.tensor([3.0, 4.0])

    assert optim.clip_grad_norm_([p], 1.0) == 5
    assert torch.nn.utils.clip_grad_norm_([q], 1.0).item() == 5
    np.testing.assert_allclose(p.grad.data, q.grad.numpy())


@row("`torch.utils.data.DataLoader(dataset, 32)`")
def _():
    X, y = np.zeros((40, 3), np.float32), np.zeros(40, np.float32)
    dataset = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(y))

    ours = [tuple(x.shape for x in batch) for batch in data.DataLoader((X, y), 32)]
    theirs = [
        tuple(tuple(x.shape) for x in batch)
        for batch in torch.utils.data.DataLoader(dataset, 32)
    ]
    assert ours == theirs == [((32, 3), (32,)), ((8, 3), (8,))]


@row("`torch.func.grad`, `jacrev`, `hessian`, `vjp`")
def _():
    x = np.array([0.5, 2.0])

    for name in ("grad", "hessian"):
        found = getattr(autograd, name)(lambda x: (x**3).sum())(Tensor(x))
        wanted = getattr(torch.func, name)(lambda x: (x**3).sum())(torch.tensor(x))
        np.testing.assert_allclose(found.data, wanted.numpy())
    found = autograd.jacobian(lambda x: x**3)(Tensor(x))
    wanted = torch.func.jacrev(lambda x: x**3)(torch.tensor(x))
    np.testing.assert_allclose(found.data, wanted.numpy())
    _, ours = autograd.vjp(lambda x: x**3, Tensor(x))
    _, theirs = torch.func.vjp(lambda x: x**3, torch.tensor(x))
    found, wanted = ours(Tensor([1.0, 2.0])), theirs(torch.tensor([1.0, 2.0]).double())
    np.testing.assert_allclose(np.ravel(found[0].data), wanted[0].numpy())


@row("`torch.autograd.gradcheck`")
def _():
    x = np.array([0.5, 2.0])

    check_gradients(lambda x: x**3, x, order=3)
    assert torch.autograd.gradcheck(lambda x: x**3, torch.tensor(x, requires_grad=True))


@row("`torch.manual_seed`")
def _():
    autograd.manual_seed(3)
    first = nn.Linear(2, 2).weight.data
    autograd.manual_seed(3)

    np.testing.assert_array_equal(nn.Linear(2, 2).weight.data, first)
    np.testing.assert_array_equal(
        nn.Linear(2, 2, rng=1).weight.data, nn.Linear(2, 2, rng=1).weight.data
    )


@row("`torch.autograd.Function`")
def _():
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g

    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    p, q = parameter(3.0), their_parameter(3.0)
    type("Square", (autograd.Function,), methods).apply(p).backward()
    type("Square", (torch.autograd.Function,), methods).apply(q).backward()

    assert p.grad.item() == q.grad.item() == 6


@row("`torch.save`, `torch.load`")
def _(tmp_path):
    ours = nn.Linear(2, 2, rng=0)
    nn.save(ours, tmp_path / "a.safetensors")
    other = nn.Linear(2, 2, rng=1)
    nn.load(other, tmp_path / "a.safetensors")

    np.testing.assert_array_equal(ours.weight.data, other.weight.data)


# Names that differ


@row("`torch.tensor(data, requires_grad=True)`")
def _():
    assert Tensor([1.0], requires_grad=True).requires_grad
    assert torch.tensor([1.0], requires_grad=True).requires_grad
    with pytest.raises(TypeError, match="requires_grad"):
        torch.Tensor([1.0], requires_grad=True)
    lacks(autograd, "tensor")


@row("`torch.cat(xs, dim=0)`")
def _():
    found, wanted = ops.concat([Tensor([1.0])] * 2, axis=0), torch.ones(1)

    np.testing.assert_array_equal(found.data, torch.cat([wanted] * 2, dim=0).numpy())
    assert "cat" not in dir(ops)
    for total in (Tensor([[1.0, 2.0]]).sum(dim=1), Tensor([[1.0, 2.0]]).sum(axis=1)):
        assert total.item() == 3


@row("`x.clamp(0, 1)`")
def _():
    found = Tensor([-1.0, 0.5, 2.0]).clip(0, 1)

    np.testing.assert_array_equal(
        found.data, torch.tensor([-1.0, 0.5, 2.0]).clamp(0, 1).numpy()
    )
    lacks(found, "clamp")


@row("`x.view(3, 1)`")
def _():
    x = Tensor(np.arange(3.0))

    assert x.reshape(3, 1).shape == tuple(torch.arange(3.0).view(3, 1).shape)
    assert np.shares_memory(x.reshape(3, 1).data, x.data)
    lacks(x, "view")


@row("`x.numel()`, `x.size()`")
def _():
    x, y = Tensor(np.ones((2, 3))), torch.ones(2, 3)

    assert x.size == y.numel() and x.shape == tuple(y.size())
    lacks(x, "numel")


@row("`x.double()`, `x.to(torch.float64)`")
def _():
    x = Tensor([1.0])

    assert x.astype("float64").dtype == np.float64
    assert nn.Linear(1, 1).to("float64").weight.dtype == np.float64
    assert torch.ones(1).double().dtype == torch.ones(1).to(torch.float64).dtype
    lacks(x, "double", "to")


@row("`x.requires_grad_()`")
def _():
    x = Tensor([1.0])
    x.requires_grad = True

    assert x.requires_grad and torch.ones(1).requires_grad_().requires_grad
    lacks(x, "requires_grad_")


@row("`nn.Parameter(t)`")
def _():
    class Model(nn.Module):
        def __init__(self):
            self.one = parameter(1.0)
            self.several = [parameter(2.0), {"a": (parameter(3.0),)}]

    names = [name for name, _ in Model().named_parameters()]
    assert names == ["one", "several.0", "several.1.a.0"]
    lacks(nn, "Parameter")
    assert torch.nn.Parameter(torch.ones(1)).requires_grad


@row('`self.register_buffer("mean", t)`')
def _():
    class Model(nn.Module):
        def __init__(self):
            self.mean = Tensor([1.0])

    assert [name for name, _ in Model().named_buffers()] == ["mean"]
    assert list(Model().state_dict()) == ["mean"]
    lacks(Model(), "register_buffer")


@row("`super().__init__()`")
def _():
    def init(self):
        self.layer = self.library.Linear(1, 1)

    ours = type("Ours", (nn.Module,), {"__init__": init, "library": nn})
    theirs = type("Theirs", (torch.nn.Module,), {"__init__": init, "library": torch.nn})

    assert len(ours().parameters()) == 2
    with pytest.raises(AttributeError, match=r"before Module.__init__"):
        theirs()


@row('`x.cuda()`, `x.to("cuda")`, `x.device`')
def _():
    lacks(Tensor([1.0]), "cuda", "to", "device", "cpu")
    with pytest.raises(TypeError, match="dtype is 'cuda'"):
        nn.Linear(1, 1).to("cuda")


@row("`x.add_(1)` and all names that end in `_`")
def _():
    in_place = [n for n in dir(Tensor) if n.endswith("_") and not n.startswith("_")]

    assert in_place == []
    assert torch.ones(1).add_(1).item() == 2


@row("`x.max(dim=1)`, values and indices")
def _():
    x, y = Tensor([[1.0, 5.0]]), torch.tensor([[1.0, 5.0]])
    values, indices = y.max(dim=1)

    assert x.max(dim=1).item() == values.item()
    assert x.argmax(dim=1).item() == indices.item()


@row("`torch.split(x, 2)`, pieces of 2")
def _():
    x = np.arange(6.0)

    assert [len(piece) for piece in ops.split(Tensor(x), 2)] == [3, 3]
    assert [len(piece) for piece in torch.split(torch.tensor(x), 2)] == [2, 2, 2]
    assert [len(piece) for piece in ops.chunk(Tensor(x), 2)] == [
        len(piece) for piece in torch.chunk(torch.tensor(x), 2)
    ]


@row("`x.repeat(2)`, the whole again")
def _():
    x = [1.0, 2.0]

    assert torch.tensor(x).repeat(2).tolist() == [1, 2, 1, 2]
    assert Tensor(x).repeat(2).data.tolist() == [1, 1, 2, 2]
    assert ops.tile(Tensor(x), 2).data.tolist() == [1, 2, 1, 2]


# What is not here


def same(ours, theirs):
    """Compare a Tensor with one of torch."""
    np.testing.assert_array_equal(ours.data, theirs.numpy())


SQUARE = np.array([[3.0, 1.0], [2.0, 4.0]])


@row("`x.clone()`")
def _():
    x = Tensor(SQUARE)

    lacks(x, "clone")
    assert not np.shares_memory(x.data.copy(), x.data)
    np.testing.assert_array_equal(x.data.copy(), torch.tensor(SQUARE).clone().numpy())


@row("`x.float()`, `x.to(...)`, `x.type(...)`")
def _():
    lacks(Tensor(SQUARE), "float", "to", "type")
    ours, theirs = Tensor(SQUARE).astype("float32"), torch.tensor(SQUARE).float()
    assert dtypes(ours, theirs) == ("float32", "float32")


@row("`x.expand(3, 2)`")
def _():
    x = Tensor([1.0, 2.0])

    lacks(x, "expand")
    same(ops.broadcast_to(x, (3, 2)), torch.tensor([1.0, 2.0]).expand(3, 2))


@row("`x.gather(1, index)`")
def _():
    x, index = Tensor(SQUARE), np.array([[1], [0]])

    lacks(x, "gather")
    same(
        ops.take_along_axis(x, index, axis=1),
        torch.tensor(SQUARE).gather(1, torch.tensor(index)),
    )


@row("`x.chunk`, `x.split`, `x.unbind`")
def _():
    x, y = Tensor(SQUARE), torch.tensor(SQUARE)

    lacks(x, "chunk", "split", "unbind")
    for ours, theirs in [
        (ops.chunk(x, 2), y.chunk(2)),
        (ops.split(x, 2), y.split(1)),
        (ops.unstack(x), y.unbind()),
    ]:
        for one, other in zip(ours, theirs, strict=True):
            same(one, other)


@row("`x.topk`, `x.sort`, `x.where`, `x.flip`, `x.roll` as methods")
def _():
    x, y = Tensor(SQUARE), torch.tensor(SQUARE)

    lacks(x, "topk", "sort", "where", "flip", "roll")
    same(ops.topk(x, 1)[0], y.topk(1).values)
    same(ops.sort(x), y.sort().values)
    same(ops.where(SQUARE > 2, x, 0.0), y.where(y > 2, 0.0))
    same(ops.flip(x, axis=0), y.flip(0))
    same(ops.roll(x, 1, axis=0), y.roll(1, 0))


@row("`x.softmax(dim)`, `x.log_softmax(dim)`")
def _():
    x, y = Tensor(SQUARE), torch.tensor(SQUARE)

    lacks(x, "softmax", "log_softmax")
    np.testing.assert_allclose(nn.softmax(x, 1).data, y.softmax(1).numpy())
    np.testing.assert_allclose(nn.log_softmax(x, 1).data, y.log_softmax(1).numpy())


@row("`x.add(y)`, `x.mul(y)`, `x.matmul(y)`, `x.eq(y)`")
def _():
    x, y = Tensor(SQUARE), torch.tensor(SQUARE)

    lacks(x, "add", "sub", "mul", "div", "matmul", "eq", "ne", "lt", "gt")
    same(x + x, y.add(y))
    same(x * x, y.mul(y))
    same(x @ x, y.matmul(y))
    np.testing.assert_array_equal(x == x, y.eq(y).numpy())


@row("`x.tolist()`")
def _():
    lacks(Tensor(SQUARE), "tolist")
    assert Tensor(SQUARE).data.tolist() == torch.tensor(SQUARE).tolist()


@row("`x.dim()`, `x.grad_fn`")
def _():
    x, y = parameter(1.0) * 2, their_parameter(1.0) * 2

    lacks(x, "dim", "grad_fn")
    assert x.ndim == y.dim() == 1
    assert "multiply" in repr(x.node) and "Mul" in y.grad_fn.name()


@row("`torch.func.jacfwd`, `vmap`")
def _():
    x = np.array([0.5, 2.0])

    lacks(autograd, "jacfwd", "vmap")
    found = autograd.jacobian(lambda x: x**3)(Tensor(x))
    wanted = torch.func.jacfwd(lambda x: x**3)(torch.tensor(x))
    np.testing.assert_allclose(found.data, wanted.numpy())
    batch = np.arange(12.0).reshape(3, 2, 2)
    wanted = torch.func.vmap(torch.mm)(torch.tensor(batch), torch.tensor(batch))
    same(Tensor(batch) @ Tensor(batch), wanted)


@row(
    "`nn.Conv3d`, `nn.PixelShuffle`, `nn.EmbeddingBag`, `nn.Transformer`, lazy and "
    "padding layers"
)
def _():
    lacks(nn, "Conv3d", "PixelShuffle", "EmbeddingBag", "Transformer")
    lacks(nn, *(n for n in dir(torch.nn) if n.startswith("Lazy")))
    lacks(nn, *(n for n in dir(torch.nn) if n[:-2].endswith("Pad")))
    lacks(nn.functional, "pad")
    assert nn.TransformerEncoder and nn.TransformerDecoder
    assert ops.pad(Tensor(SQUARE), 1).shape == tuple(
        torch.nn.functional.pad(torch.tensor(SQUARE), (1, 1, 1, 1)).shape
    )


@row("`num_workers`, `collate_fn`, `pin_memory` of a loader")
def _():
    names = {"num_workers", "collate_fn", "pin_memory"}

    ours = inspect.signature(data.DataLoader).parameters
    theirs = inspect.signature(torch.utils.data.DataLoader.__init__).parameters
    assert not names & {*ours} and names <= {*theirs}


@row("`torch.compile`, `torch.jit`, `torch.cuda`")
def _():
    names = "compile", "jit", "cuda"
    lacks(autograd, *names)
    lacks(nn.Module, *names)
    assert all(hasattr(torch, name) for name in names)


# Numbers and dtypes


def dtypes(ours, theirs):
    """Return the names of two dtypes."""
    return str(ours.dtype), str(theirs.dtype).removeprefix("torch.")


@row("`torch.tensor([1, 2])`, here `Tensor([1, 2])`")
def _():
    assert dtypes(Tensor([1, 2]), torch.tensor([1, 2])) == ("float32", "int64")


@row("`full((2,), 3)`")
def _():
    assert dtypes(ops.full((2,), 3), torch.full((2,), 3)) == ("float32", "int64")


@row("`float32` with a 0-d `float64`")
def _():
    ours = Tensor([1.0]) + Tensor(np.array(1.0))
    theirs = torch.ones(1) + torch.tensor(1.0, dtype=torch.float64)

    assert dtypes(ours, theirs) == ("float64", "float32")


@row("`float32` with an `int64` array")
def _():
    ours = Tensor([1.0]) + Tensor(np.array([1]))
    theirs = torch.ones(1) + torch.tensor([1])

    assert dtypes(ours, theirs) == ("float64", "float32")


@row("`int64 / int64`")
def _():
    ours = Tensor(np.array([1])) / Tensor(np.array([2]))
    theirs = torch.tensor([1]) / torch.tensor([2])

    assert dtypes(ours, theirs) == ("float64", "float32")


@row("`float32 @ float64`")
def _():
    one, two = np.ones((2, 2), np.float32), np.ones((2, 2))

    assert (Tensor(one) @ Tensor(two)).dtype == np.float64
    with pytest.raises(RuntimeError, match="same dtype"):
        torch.tensor(one) @ torch.tensor(two)


@row("`x.std()`, `x.var()`")
def _():
    x = [1.0, 2.0, 4.0]

    for name in ("std", "var"):
        ours, theirs = getattr(Tensor(x), name), getattr(torch.tensor(x), name)
        assert ours().item() == pytest.approx(theirs(correction=0).item())
        assert ours(correction=1).item() == pytest.approx(theirs().item())
        assert ours().item() < theirs().item()


@row("`x > 1`, `x == y`")
def _():
    x, y = Tensor([1.0]), torch.ones(1)

    for mask in (x > 1, x == Tensor([1.0])):
        assert type(mask) is np.ndarray and mask.dtype == bool
    assert isinstance(y > 1, torch.Tensor)


@row("`x[::-1]`")
def _():
    assert Tensor([1.0, 2.0])[::-1].data.tolist() == [2, 1]
    with pytest.raises(ValueError, match="step must be greater than zero"):
        torch.ones(2)[::-1]


@row("`nn.Softmax()` without `dim`")
def _():
    x = np.zeros((2, 3, 4))

    assert nn.Softmax()(Tensor(x)).data.flat[0] == 1 / 4
    with pytest.warns(UserWarning, match="Implicit dimension choice"):
        theirs = torch.nn.Softmax()(torch.tensor(x))
    assert theirs.flatten()[0] == 1 / 2


@row("the gradient of `x.max(dim=0)` at a tie")
def _():
    y = their_parameter(1.0, 1.0)
    y.max(dim=0).values.backward()

    assert y.grad.tolist() == [1, 0]
    assert grad(lambda x: x.max(dim=0))(Tensor([1.0, 1.0])).data.tolist() == [0.5, 0.5]


@row("`cross_entropy(logits, [1])`")
def _():
    theirs = torch.nn.functional.cross_entropy

    found = nn.cross_entropy(Tensor([[1.0, 2.0]]), [1]).item()
    assert found == pytest.approx(
        theirs(torch.tensor([[1.0, 2.0]]), torch.tensor([1])).item()
    )
    with pytest.raises(TypeError, match="must be Tensor, not list"):
        theirs(torch.tensor([[1.0, 2.0]]), [1])


@row("`cross_entropy` with a one-hot array of integers")
def _():
    logits, one_hot = Tensor([[1.0, 2.0]]), np.array([[0, 1]])

    found = nn.cross_entropy(logits, one_hot).item()
    assert found == nn.cross_entropy(logits, [1]).item()
    with pytest.raises(RuntimeError, match="floating point"):
        torch.nn.functional.cross_entropy(
            torch.tensor([[1.0, 2.0]]), torch.tensor(one_hot)
        )


# Where PyTorch is silent


@row("`mse_loss` of (3, 1) with (3,)")
def _():
    with pytest.raises(ValueError, match="broadcasting would compare"):
        nn.mse_loss(Tensor(np.ones((3, 1))), np.ones(3))
    with pytest.warns(UserWarning, match="target size"):
        torch.nn.functional.mse_loss(torch.ones(3, 1), torch.ones(3))


@row("a Tensor without a gradient, given to an optimizer")
def _():
    with pytest.raises(ValueError, match="has no gradient"):
        optim.Adam([Tensor([1.0])])
    torch.optim.Adam([torch.ones(1)])


@row("a parameter that is given twice")
def _():
    p, q = parameter(1.0), their_parameter(1.0)
    q.grad = torch.ones(1)

    with pytest.raises(ValueError, match="comes twice"):
        optim.SGD([p, p], lr=0.25)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        theirs = torch.optim.SGD([q, q], lr=0.25)
    theirs.step()
    assert q.item() == 0.5


@row("a write into `.data` that a graph has kept")
def _():
    def gradient(x):
        y = x.exp()
        loss = (y * y).sum()
        y.data[0] = 5.0
        loss.backward()
        return x.grad

    with pytest.raises(RuntimeError, match=r"y.data\[0\] = 5.0"):
        gradient(parameter(1.0))
    assert gradient(their_parameter(1.0)).item() != pytest.approx(2 * np.exp(2), 0.1)


@row("a state that does not fit")
def _():
    def outcome(library, error):
        make = lambda last: library.Sequential(  # noqa: E731
            library.Linear(2, 2), library.Linear(2, last)
        )
        model, other = make(2), make(3)
        before = model.state_dict()["0.weight"].tolist()
        with pytest.raises(error):
            model.load_state_dict(other.state_dict())
        return before == model.state_dict()["0.weight"].tolist()

    assert outcome(nn, ValueError)
    assert not outcome(torch.nn, RuntimeError)


@row("softmax in front of `cross_entropy`")
def _():
    x = parameter(1.0, 2.0).reshape(1, 2)
    with pytest.warns(nn.LintWarning, match="logits is what softmax gave"):
        nn.cross_entropy(nn.softmax(x), [1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        theirs = their_parameter(1.0, 2.0).reshape(1, 2)
        torch.nn.functional.cross_entropy(theirs.softmax(dim=1), torch.tensor([1]))


@row("a step without `zero_grad` since the last")
def _():
    def grads(p, optimizer):
        for _ in range(2):
            (2 * p).sum().backward()
            optimizer.step()
        return p.grad.item()

    p, q = parameter(1.0), their_parameter(1.0)
    with pytest.warns(UserWarning, match="zero_grad") as caught:
        assert grads(p, optim.SGD([p], lr=0.1)) == 4
    assert len(caught) == 1
    assert grads(q, torch.optim.SGD([q], lr=0.1)) == 4


@row("a sign of 0 in `margin_ranking_loss`")
def _():
    with pytest.raises(ValueError, match="1 and -1 are needed"):
        nn.margin_ranking_loss(np.ones(1), np.zeros(1), [0.0])
    zero = torch.zeros(1)
    torch.nn.functional.margin_ranking_loss(torch.ones(1), zero, zero)


# Writing


@row("`x[0] = 1.0`")
def _():
    x, y = Tensor([0.0]), torch.zeros(1)
    y[0] = 1.0

    with pytest.raises(TypeError, match=r"x.data\[...\].*ops.where"):
        x[0] = 1.0
    assert y.item() == 1


@row("`b = a; a += 1`")
def _():
    def second(a):
        b = a
        a += 1
        return b.item()

    assert second(Tensor([1.0])) == 1
    assert second(torch.ones(1)) == 2


@row("`w += 1` of a leaf that requires a gradient")
def _():
    for w, switch in [(parameter(1.0), no_grad), (their_parameter(1.0), torch.no_grad)]:
        with pytest.raises(RuntimeError):
            w += 1
        same = w
        with switch():
            w += 1
        assert same is w and w.item() == 2 and w.requires_grad


@row("`x.data`")
def _():
    assert type(Tensor([1.0]).data) is np.ndarray
    assert type(torch.ones(1).data) is torch.Tensor


@row("`np.sin(x)` of an `x` that requires a gradient")
def _():
    x = parameter(0.0)
    np.sin(x).backward()

    assert x.grad.item() == 1
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        np.sin(their_parameter(0.0))


@row("`model.parameters()`")
def _():
    assert type(nn.Linear(1, 1).parameters()) is list
    assert iter(theirs := torch.nn.Linear(1, 1).parameters()) is theirs


@row("`model.state_dict()`")
def _():
    ours, theirs = nn.Linear(1, 1), torch.nn.Linear(1, 1)
    array = ours.state_dict()["weight"]

    assert type(array) is np.ndarray
    assert not np.shares_memory(array, ours.weight.data)
    assert theirs.state_dict()["weight"].data_ptr() == theirs.weight.data_ptr()


@row("`SGD(params)`")
def _():
    assert torch.optim.SGD([their_parameter(1.0)]).param_groups[0]["lr"] == 0.001
    with pytest.raises(TypeError, match="'lr'"):
        optim.SGD([parameter(1.0)])


@row("a rate set by hand under a schedule")
def _():
    def rate(library, schedules, p):
        optimizer = library.SGD([p], lr=0.1)
        schedule = schedules.ExponentialLR(optimizer, 0.5)
        optimizer.step()
        optimizer.param_groups[0]["lr"] = 8.0
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*they are overwritten")
            schedule.step()
        return optimizer.param_groups[0]["lr"]

    assert rate(optim, optim, parameter(1.0)) == 0.05
    assert rate(torch.optim, torch.optim.lr_scheduler, their_parameter(1.0)) == 4


def rows_of_the_page():
    lines = re.findall(r"^\| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [line for line in lines if line not in ("PyTorch", "not here", "what")]


def test_the_page_has_the_rows_that_are_tested_here_in_order():
    assert rows_of_the_page() == list(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_says_what_both_libraries_do(name, tmp_path):
    test = ROWS[name]

    test(tmp_path) if test.__code__.co_argcount else test()


def test_weights_travel_as_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    (block,) = re.findall(r":caption: in PyTorch\n\n(.*?)^```$", text, re.M | re.S)
    layers = nn.Linear(3, 8, rng=0), nn.ReLU(), nn.Linear(8, 2, rng=1)
    ours = nn.Sequential(*layers)
    nn.save(ours, "model.safetensors")

    names = {}
    exec(block, names)
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    with torch.no_grad():
        theirs = names["model"](torch.tensor(x)).numpy()
    back = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
    nn.load(back, "back.safetensors")

    np.testing.assert_allclose(ours(Tensor(x)).data, theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(ours(Tensor(x)).data, back(Tensor(x)).data)
