"""Tiny Micro Torch: its two programs on MNIST, its lists of features, its limits.

The programs run everywhere on a stand-in in MNIST's own format, which holds the digits
that come with `pebblegrad.data`, enlarged; and on the real MNIST too where the variable
PEBBLEGRAD_TEST_MNIST names its folder.
"""

import ast
import gzip
import hashlib
import http.server
import os
import re
import sys
import threading
import tomllib
import types
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pebblegrad import data, nn, optim
from pebblegrad.autograd import Tensor, graph, manual_seed, ops
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.data import _download, mnist
from pebblegrad.loggers import WandbReporter, progress
from pebblegrad.nn import functional as F
from pebblegrad.viz import plot_training_history

IMPORTS = {
    "from autograd import Tensor": "from pebblegrad.autograd import Tensor",
    "from nn import Network, Linear, cross_entropy": (
        "from pebblegrad.nn import Network, Linear, cross_entropy"
    ),
    "from nn import Network, Conv2D, MaxPool2D, Flatten, Linear, cross_entropy": (
        "from pebblegrad.nn import "
        "Network, Conv2D, MaxPool2D, Flatten, Linear, cross_entropy"
    ),
    "from optim import SGD": "from pebblegrad.optim import SGD",
    "from optim import Adam": "from pebblegrad.optim import Adam",
    "from data import load_mnist": "from pebblegrad.data import load_mnist",
}
BLOCKS = ("layout", "mlp", "cnn", "commands", "requirements")
# What the text calls by another name than we do.
RENAMED = {"mnist_conv.py": "mnist_cnn.py"}


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(0)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Make `load_mnist` read enlarged 8 by 8 digits from four idx files."""
    folder = tmp_path / "cache" / "mnist"
    folder.mkdir(parents=True)
    known = []
    X_train, y_train, X_test, y_test = data.load_digits(one_hot=False, flat=False)
    for file, array in zip(
        mnist._MNIST.files,
        (enlarged(X_train), y_train, enlarged(X_test), y_test),
        strict=True,
    ):
        data.write_idx(folder / file.name, array.astype(np.uint8))
        served = (folder / file.name).read_bytes()
        contents = gzip.decompress(served)
        known.append(
            _download.RemoteFile(
                file.name,
                size=len(served),
                sha256=hashlib.sha256(served).hexdigest(),
                contents_size=len(contents),
                contents_sha256=hashlib.sha256(contents).hexdigest(),
            )
        )
    monkeypatch.setattr(mnist, "_MNIST", mnist._MNIST._replace(files=tuple(known)))
    monkeypatch.setenv("PEBBLEGRAD_DATA", str(folder.parent))


def enlarged(images):
    """Draw 8 by 8 images in [0, 1] as 28 by 28 of 0 to 255."""
    large = np.kron(images[:, 0], np.ones((3, 3)))
    return np.pad(np.rint(large * 255), ((0, 0), (2, 2), (2, 2)))


@pytest.fixture
def real(monkeypatch):
    folder = os.environ.get("PEBBLEGRAD_TEST_MNIST")
    if not folder or not Path(folder).is_dir():
        pytest.skip("no real MNIST here: PEBBLEGRAD_TEST_MNIST names no folder")
    monkeypatch.setenv("PEBBLEGRAD_DATA", folder)


@pytest.fixture(params=["stand_in", "real"])
def digits(request):
    request.getfixturevalue(request.param)
    return request.param


def train(names, X, y, batch_size):
    """Train the model of a program for an epoch."""
    model, optimizer = names["model"], names["optimizer"]
    loader = data.DataLoader((X, y), batch_size=batch_size, shuffle=True, rng=0)
    for X_batch, y_batch in loader:
        loss = nn.cross_entropy(model(Tensor(X_batch)), y_batch)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def share_right(names, X, y):
    """Return the share of images whose digit the model of a program finds."""
    answers = names["model"](Tensor(X)).data.argmax(axis=1)
    return (answers == y.argmax(axis=1)).mean()


@pytest.mark.seed("M27", "M28", "M32", "M39", "M43", "M45", "M46", "M49", "M51")
@pytest.mark.seed("C9", "C11", "C12", "C13", "C23")
def test_the_first_program_trains_on_mnist(text, printed, digits):
    names = text.run("mlp")

    lines = [re.fullmatch(r"Epoch (\d+), Loss: (\d\.\d{4})", s) for s in printed()]
    assert [line[1] for line in lines] == [str(epoch) for epoch in range(10)]
    losses = [float(line[2]) for line in lines]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == pytest.approx(np.log(10), abs=0.2)
    assert all(layer.activation == "relu" for layer in names["model"][:2])
    assert names["model"][2].activation is None
    assert all(p.grad is None for p in names["optimizer"].param_groups[0]["params"])
    assert names["loss"].data.shape == ()


@pytest.mark.seed("M29", "M30", "M31", "M32", "M44", "M45", "M52", "C12", "C13")
def test_the_second_program_trains_a_convolutional_network(text, printed, digits):
    loop = text.program("mlp").partition("# Training loop\n")[2]

    names = text.run("cnn")
    # "similar to MLP example": the text leaves it out. Three epochs instead of ten,
    # of 300 images instead of 1,000, which takes a second.
    exec(loop.replace("range(10)", "range(3)").replace("1000", "300"), names)

    losses = [float(line.rpartition(" ")[2]) for line in printed()]
    assert len(losses) == 3
    assert losses[2] < losses[0]
    assert names["X_test"].shape[1:] == (1, 28, 28)
    assert [p.shape for p in names["model"].parameters()] == [
        *[(16, 1, 3, 3), (16,)],
        *[(32, 16, 3, 3), (32,)],
        *[(128, 32 * 7 * 7), (128,)],
        *[(10, 128), (10,)],
    ]


@pytest.mark.seed("M47")
def test_what_is_missing_is_downloaded(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("PEBBLEGRAD_DATA", str(tmp_path / "empty"))
    monkeypatch.setenv("NO_PROXY", "*")
    serve = partial(QuietHandler, directory=tmp_path / "cache" / "mnist")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    mirror = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setattr(mnist, "_MNIST", mnist._MNIST._replace(mirrors=(mirror,)))

    try:
        X_train, _, _, _ = data.load_mnist(progress=False)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert len(X_train) > 1_000
    assert len(list((tmp_path / "empty" / "mnist").iterdir())) >= 4


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.mark.seed("M46", "M48", "M49", "C24")
def test_mnist_arrives_scaled_flat_and_one_hot(digits):
    X_train, y_train, X_test, y_test = data.load_mnist()

    assert X_train.shape[1:] == X_test.shape[1:] == (784,)
    assert (X_train.min(), X_train.max()) == (0, 1)
    assert y_train.shape == (len(X_train), 10)
    np.testing.assert_array_equal(y_test.sum(axis=1), 1)
    assert set(np.unique(y_train)) == {0, 1}
    if digits == "real":
        assert (len(X_train), len(X_test)) == (60_000, 10_000)
    assert "tensorflow" not in sys.modules


@pytest.mark.seed("M55", "C23")
def test_the_mlp_gets_95_percent_of_mnist(real, text):
    X, y, X_test, y_test = data.load_mnist()
    mlp = text.run("mlp", changes={"range(10)": "range(0)"})

    train(mlp, X, y, batch_size=16)

    assert share_right(mlp, X_test, y_test) >= 0.95


@pytest.mark.seed("M55", "C23")
def test_the_mlp_gets_95_percent_of_other_digits_everywhere(stand_in, text):
    X, y, X_test, y_test = data.load_mnist()
    mlp = text.run("mlp", changes={"range(10)": "range(0)"})

    for _ in range(10):  # there are 1,400 of them; an epoch of MNIST has 60,000
        train(mlp, X, y, batch_size=16)

    assert len(X_test) > 300
    assert share_right(mlp, X_test, y_test) >= 0.95


@pytest.mark.seed("M55")
def test_the_cnn_is_better_than_the_mlp_on_the_same_images(digits, text):
    X, y, X_test, y_test = (a[:1_400] for a in data.load_mnist())
    mlp = text.run("mlp", changes={"range(10)": "range(0)"})
    cnn = text.run("cnn")
    images, images_test = (a.reshape(-1, 1, 28, 28) for a in (X, X_test))

    train(mlp, X, y, batch_size=32)
    train(cnn, images, y, batch_size=32)

    of_mlp = share_right(mlp, X_test, y_test)
    assert share_right(cnn, images_test, y_test) > of_mlp > 0.3


@pytest.mark.seed("M01", "M42", "M51", "M52", "M53", "M54", "M56", "C25")
def test_every_file_of_the_layout_has_its_place_here(text, root):
    layout = text.blocks["layout"]
    folders = re.findall(r"^   (\w+)/", layout, re.MULTILINE)
    examples = re.findall(r"^      (\w+\.py)", layout.partition("examples/")[2], re.M)
    commands = re.findall(r"examples/(\w+\.py)", text.blocks["commands"])

    assert folders == "autograd nn optim data reporters examples tests".split()
    for name in ("autograd", "nn", "optim", "data"):
        assert hasattr(__import__(f"pebblegrad.{name}"), name)
    assert len(examples) == 4
    assert set(commands) <= set(examples)
    for name in examples:
        program = root / "examples" / RENAMED.get(name, name)
        assert ast.get_docstring(ast.parse(program.read_text("utf-8"))), name
    assert F.__name__ != nn.layers.__name__
    assert not Path(F.__file__).is_relative_to(Path(nn.layers.__file__).parent)
    for package in ("autograd-core", "nn", "optim", "data", "loggers"):
        assert list((root / "packages" / package / "tests").glob("test_*.py"))


def leaf(*shape, rng):
    return Tensor(rng.uniform(0.5, 1.5, shape), requires_grad=True)


@pytest.mark.seed("M03", "M04", "M05", "M06", "M07", "M08", "M09", "M24", "M26")
def test_operations_broadcast_and_their_gradients_come_back_in_shape(rng):
    x, row, w = leaf(4, 3, rng=rng), leaf(3, rng=rng), leaf(3, 2, rng=rng)

    (((x + row) * row - row) / row + (x**2 @ w).sum()).sum().backward()

    assert (x.grad.shape, row.grad.shape, w.grad.shape) == ((4, 3), (3,), (3, 2))
    check_gradients(
        lambda x, row, w: ((x + row) * row - row) / row + (x**2 @ w).sum(),
        *(t.data for t in (x, row, w)),
    )
    (reused,) = [Tensor([2.0], requires_grad=True)]
    (reused * reused + reused).backward()
    assert reused.grad.item() == 5.0


METHODS = {
    "tanh": lambda x: x.tanh(),
    "relu": lambda x: (x - 1).relu(),
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "sigmoid": lambda x: x.sigmoid(),
    "sum": lambda x: x.sum(axis=0),
    "mean": lambda x: x.mean(axis=1),
    "max": lambda x: x.max(axis=1),
    "reshape": lambda x: x.reshape(2, -1),
    "transpose": lambda x: x.transpose(),
    "pad": lambda x: x.pad(1),
    "clip": lambda x: x.clip(0.8, 1.2),
    "stack": lambda x: ops.stack([x, x * 2]),
}
IN_NUMPY = {
    "relu": lambda a: np.maximum(a - 1, 0),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "sum": lambda a: a.sum(axis=0),
    "mean": lambda a: a.mean(axis=1),
    "max": lambda a: a.max(axis=1),
    "reshape": lambda a: a.reshape(2, -1),
    "pad": lambda a: np.pad(a, 1),
    "clip": lambda a: a.clip(0.8, 1.2),
    "stack": lambda a: np.stack([a, a * 2]),
}


@pytest.mark.seed("M10", "M11", "M12", "M13", "M14", "M15", "M16", "M17", "M18")
@pytest.mark.seed("M19", "M20", "M21", "M22", "M65")
def test_every_method_of_the_list_has_its_value_and_gradient(text, rng):
    part = text.words.partition("- **Activations**")[2].partition("- **Indexing")[0]
    a = rng.uniform(0.5, 1.5, (4, 3))

    assert re.findall(r"`(\w+)\(\)`", part) == list(METHODS)
    for name, method in METHODS.items():
        expected = IN_NUMPY.get(name) or getattr(np, name)
        np.testing.assert_allclose(method(Tensor(a)).data, expected(a), err_msg=name)
        check_gradients(method, a)


@pytest.mark.seed("M23")
def test_numpys_indexing_has_gradients(rng):
    a = rng.random((4, 3))
    mask = a > 0.5

    for index in (([0, 2, 0], [1, 1, 1]), (slice(None, None, -2), None), mask, -1):
        np.testing.assert_array_equal(Tensor(a)[index].data, a[index])
        check_gradients(lambda x, index=index: x[index], a)
    x = Tensor(a, requires_grad=True)
    x[[0, 0, 1]].sum().backward()
    np.testing.assert_array_equal(x.grad.data[:, 0], [2, 1, 0, 0])  # 0 is taken twice


@pytest.mark.seed("M25", "M26")
def test_backward_goes_through_the_graph_in_topological_order():
    x = Tensor([3.0], requires_grad=True, label="x")
    y = x * 2
    out = y * x + y.exp() * 0 + y

    nodes = graph(out)
    out.backward()

    assert all(parent < i for i, node in enumerate(nodes) for parent in node.parents)
    assert x.grad.item() == 4 * 3 + 2


@pytest.mark.seed("M33", "M34", "M35", "M36")
def test_convolution_is_a_matrix_product_of_columns_and_pooling_of_patches(rng):
    x, weight = rng.random((2, 3, 7, 6)), rng.random((4, 3, 3, 2))
    moves = {"stride": 2, "padding": 1}

    out = F.conv2d(Tensor(x), Tensor(weight), **moves)
    pooled = F.max_pool2d(Tensor(x), 2, stride=2)

    columns = F.im2col(Tensor(x), (3, 2), **moves)
    product = Tensor(weight.reshape(4, -1)) @ columns
    np.testing.assert_allclose(out.data.reshape(2, 4, -1), product.data)
    patches = F.im2patches(Tensor(x), 2, stride=2)
    best = patches.data.max(axis=(-2, -1)).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(pooled.data, best)
    check_gradients(lambda x, w: F.conv2d(x, w, **moves), x, weight)
    check_gradients(lambda x: F.im2col(x, (3, 2), **moves), x)
    check_gradients(lambda x: F.im2patches(x, 2, stride=2), x)
    check_gradients(lambda x: F.max_pool2d(x, 2, stride=2), x)


@pytest.mark.seed("M37", "M38", "M40", "M41", "M39", "C11")
def test_the_functions_of_the_list_compute_what_they_are_called(text, rng):
    part = text.words.partition("- **Functional ops**:")[2].partition("###")[0]
    a, classes = rng.standard_normal((5, 3)), rng.integers(0, 3, 5)
    e = np.exp(a)
    share = e / e.sum(axis=1, keepdims=True)
    p, t = share[:, 0], (classes == 0) * 1.0
    surprise = -np.log(share[np.arange(5), classes]).mean()

    listed = re.findall(r"`(\w+)\(\)`", part)
    assert len(listed) == 9
    assert all(hasattr(F, name) for name in listed)
    np.testing.assert_allclose(F.softmax(Tensor(a)).data, share)
    np.testing.assert_allclose(F.sigmoid(Tensor(a)).data, 1 / (1 + np.exp(-a)))
    one_hot = np.eye(3)[classes]
    assert F.cross_entropy(Tensor(a), one_hot).item() == pytest.approx(surprise)
    assert F.cross_entropy(Tensor(a), classes).item() == pytest.approx(surprise)
    squares = ((a - one_hot) ** 2).mean()
    assert F.mse(Tensor(a), one_hot).item() == pytest.approx(squares)
    wanted = -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()
    assert F.binary_cross_entropy(Tensor(p), t).item() == pytest.approx(wanted)


@pytest.mark.seed("M43", "M44")
def test_adams_first_step_is_corrected_for_its_bias():
    p, q = (Tensor([1.0], requires_grad=True, dtype="float64") for _ in range(2))
    p.grad, q.grad = [0.5], [0.5]

    optim.Adam([p], lr=0.01).step()
    optim.SGD([q], lr=0.01).step()

    assert p.item() == pytest.approx(1 - 0.01, abs=1e-8)  # lr, whatever the gradient
    assert q.item() == pytest.approx(1 - 0.01 * 0.5)


@pytest.fixture
def wandb(monkeypatch):
    """A stand-in for the client, which keeps what it is given."""
    client = types.ModuleType("wandb")
    client.rows = []
    client.init = lambda **options: client
    client.define_metric = lambda *names, **options: None
    client.log = client.rows.append
    client.finish = lambda exit_code=0: None
    monkeypatch.setitem(sys.modules, "wandb", client)
    return client


@pytest.mark.seed("M50", "M59")
def test_weights_and_biases_is_a_reporter_and_an_extra(wandb, root):
    with WandbReporter(project="digits") as reporter:
        reporter.log_scalars(1, {"loss": 0.5})

    assert any(row.get("loss") == 0.5 for row in wandb.rows)
    assert "wandb" in extras(root, "loggers")


def extras(root, package):
    path = root / "packages" / package / "pyproject.toml"
    return tomllib.loads(path.read_text("utf-8"))["project"]["optional-dependencies"]


@pytest.mark.seed("M57", "M58", "M60", "M61", "C24")
def test_every_requirement_of_the_list_is_where_it_is_needed_or_nowhere(text, root):
    listed = [line.split()[0] for line in text.blocks["requirements"].splitlines()]
    needed = {}
    for path in root.glob("packages/*/pyproject.toml"):
        project = tomllib.loads(path.read_text("utf-8"))["project"]
        for requirement in project["dependencies"]:
            name = re.match(r"[\w-]+", requirement)[0]
            needed.setdefault(name, set()).add(path.parent.name)

    assert listed == "numpy tensorflow tqdm wandb matplotlib pandas".split()
    assert "tensorflow" in extras(root, "data")
    assert needed["matplotlib"] == {"viz"}
    assert {"data", "loggers"} >= needed["tqdm"]
    assert not {"tensorflow", "wandb", "pandas"} & set(needed)
    assert list(progress([1, 2, 3], disable=True)) == [1, 2, 3]
    figure = plot_training_history([3.0, 1.0, 2.0, 0.5], smoothing=0.5)  # no pandas
    raw, smooth = (line.get_ydata() for line in figure.axes[0].lines[:2])
    assert np.ptp(smooth) < np.ptp(raw) == 2.5
