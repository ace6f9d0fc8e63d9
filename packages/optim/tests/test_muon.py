"""Muon, against numbers worked by hand and against the algorithm of its post."""

import inspect
import math
import re

import numpy as np
import pytest

from pebblegrad.optim import Adam, Muon
from pebblegrad.optim._blocks import BLOCK
from pebblegrad.optim.muon import orthogonalized

# Gradients are set by hand here, and some are used again on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:.*count in two steps:UserWarning")

POST = (3.4445, -4.7750, 2.0315)
CUBIC = (1.5, -0.5, 0.0)  # Newton and Schulz's own, which goes all the way to 1


def test_three_steps_worked_by_hand(parameter):
    p = parameter([[1.0, 0.0], [0.0, 1.0]])
    optimizer = Muon(
        [p],
        lr=0.5,
        weight_decay=0.5,
        momentum=0.5,
        nesterov=False,
        ns_coefficients=CUBIC,
        ns_steps=1,
    )
    # A diagonal matrix stays one, with the polynomial of each entry, and one iteration
    # takes 0.6 to 0.9 - 0.108 = 0.792, and 0.8 to 1.2 - 0.256 = 0.944.
    steps = [
        # g    b = b/2 + g/2    b / |b| after the iteration    p = 3p/4 - o/2
        ((3.0, 4.0), (1.5, 2.0), (0.792, 0.944), (0.354, 0.278)),
        ((6.5, 4.0), (4.0, 3.0), (0.944, 0.792), (-0.2065, -0.1875)),
        ((-10.0, 5.0), (-3.0, 4.0), (-0.792, 0.944), (0.241125, -0.612625)),
    ]

    for gradient, b, o, expected in steps:
        p.grad = np.diag(gradient)
        before = p.data.copy()
        optimizer.step()

        np.testing.assert_array_equal(
            optimizer.state_dict()["state"][0]["b"], np.diag(b)
        )
        np.testing.assert_allclose(p.data, 0.75 * before - 0.5 * np.diag(o), rtol=1e-14)
        np.testing.assert_allclose(p.data, np.diag(expected), rtol=1e-14)


def newton_schulz(g):
    """Return five iterations with the post's coefficients, as the post writes them."""
    x = g / (np.linalg.norm(g) + 1e-7)
    if g.shape[0] > g.shape[1]:
        return newton_schulz(g.T).T
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (1, 6), (6, 1), (1, 1)])
def test_many_steps_follow_the_algorithm_of_the_post(nesterov, shape, parameter, rng):
    p = parameter(rng.standard_normal(shape))
    optimizer = Muon([p], lr=0.02, weight_decay=0.0, nesterov=nesterov)
    theta, momentum = p.data.copy(), np.zeros(shape)
    scale = math.sqrt(max(1, shape[0] / shape[1]))

    for _ in range(30):
        g = rng.standard_normal(shape)
        p.grad = g
        optimizer.step()
        momentum = 0.95 * momentum + g
        o = newton_schulz(g + 0.95 * momentum if nesterov else momentum)
        theta -= 0.02 * scale * o

        # The post adds 1e-7 to the length, of its longer sum, where PyTorch and
        # pebblegrad take 1e-7 as the least length.
        np.testing.assert_allclose(p.data, theta, rtol=1e-5, atol=1e-7)


def test_a_large_matrix_is_orthogonalized_whole(parameter, rng):
    shape = (3, BLOCK)
    p = parameter(np.zeros(shape))
    g = rng.standard_normal(shape)
    p.grad = g

    Muon([p], lr=1.0).step()

    np.testing.assert_allclose(p.data, -newton_schulz(g), rtol=1e-6, atol=1e-9)


# Orthogonalization


@pytest.mark.parametrize("shape", [(4, 7), (7, 4), (5, 5)])
def test_cubic_iterations_reach_the_nearest_orthonormal_matrix(shape, rng):
    x = rng.standard_normal(shape)
    u, _, vt = np.linalg.svd(x, full_matrices=False)

    found = orthogonalized(x, CUBIC, 1e-7, 50)

    np.testing.assert_allclose(found, u @ vt, atol=1e-12)


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (32, 32)])
def test_the_posts_coefficients_bring_singular_values_near_one(shape, rng):
    x = rng.standard_normal(shape)
    u, _, vt = np.linalg.svd(x, full_matrices=False)

    found = orthogonalized(x, POST, 1e-7, 5)

    values = u.T @ found @ vt.T  # diagonal: the directions are those of x
    np.testing.assert_allclose(values, np.diag(np.diag(values)), atol=1e-12)
    assert np.all(np.diag(values) > 0.3)  # the smallest need more iterations
    assert np.median(np.diag(values)) > 0.65
    assert np.all(np.diag(values) < 1.21)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_are_where_the_polynomial_brings_them(dtype):
    start = np.array([0.8, 0.5, 0.3, 0.1, 0.05])
    start = start / np.linalg.norm(start)
    expected = start.copy()
    for _ in range(5):
        expected = 3.4445 * expected - 4.7750 * expected**3 + 2.0315 * expected**5

    found = orthogonalized(np.diag(start).astype(dtype), POST, 1e-7, 5)

    assert found.dtype == dtype
    np.testing.assert_allclose(found, np.diag(expected), rtol=1e-4, atol=1e-6)
    assert np.all((expected > 0.65) & (expected < 1.21))


def test_orthogonalization_leaves_its_input_and_takes_views(rng):
    whole = rng.standard_normal((8, 12))
    x = whole[::2, ::-3].T
    x.flags.writeable = False
    before = x.copy()

    found = orthogonalized(x, POST, 1e-7, 5)

    np.testing.assert_array_equal(x, before)
    expected = orthogonalized(before, POST, 1e-7, 5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (2, 3)])
def test_nothing_and_zeros_stay_what_they_are(shape, parameter):
    p = parameter(np.zeros(shape), np.zeros(shape))

    Muon([p], lr=0.1).step()

    assert p.shape == shape
    assert not p.data.any()


def test_what_is_shorter_than_eps_is_not_lengthened_by_division(parameter):
    p = parameter([[0.0]], [[1e-3]])

    Muon([p], lr=1.0, eps=1.0, ns_coefficients=(1.0, 0.0, 0.0)).step()

    # Nesterov's: 0.95 * 0.05 * g + 0.05 * g, divided by eps in place of its length.
    np.testing.assert_allclose(p.item(), -1e-3 * 0.0975, rtol=1e-12)


def test_a_gradient_of_nan_is_seen(parameter):
    p = parameter([[1.0, 2.0]], [[np.nan, 1.0]])

    Muon([p]).step()

    assert np.isnan(p.data).all()


# Options


def test_the_length_of_a_step_is_that_of_the_rate_and_the_shape(parameter, rng):
    def step(shape, **options):
        p = parameter(np.zeros(shape), rng.standard_normal(shape))
        # With the cubic, a step is orthonormal, and its root mean square is known.
        Muon([p], lr=0.1, ns_coefficients=CUBIC, ns_steps=60, **options).step()
        return np.sqrt(np.mean(p.data**2))

    wide, tall = (4, 16), (16, 4)
    np.testing.assert_allclose(step(wide), 0.1 / math.sqrt(16))
    np.testing.assert_allclose(step(tall), 0.1 / math.sqrt(16) * math.sqrt(16 / 4))
    for shape in (wide, tall):
        one, same = step(shape), step(shape, adjust_lr_fn="original")
        np.testing.assert_allclose(one, same)
        adams = step(shape, adjust_lr_fn="match_rms_adamw")
        np.testing.assert_allclose(adams, 0.1 * 0.2)


def test_the_weight_decay_is_decoupled_and_not_adjusted_to_the_shape(parameter):
    p = parameter([[3.0], [4.0]], [[0.0], [0.0]])

    Muon([p], lr=0.5, weight_decay=0.2).step()

    np.testing.assert_allclose(p.data, [[2.7], [3.6]], rtol=1e-15)


def test_maximize_climbs_but_still_decays(parameter, rng):
    start, g = rng.standard_normal((2, 3, 2))
    up, down = parameter(start, g), parameter(start, -g)

    Muon([up], maximize=True).step()
    Muon([down]).step()

    np.testing.assert_array_equal(up.data, down.data)
    assert np.sum((up.data - 0.9999 * start) * g) > 0


def test_the_defaults_are_pytorchs(parameter):
    defaults = {
        name: option.default
        for name, option in inspect.signature(Muon).parameters.items()
    }

    assert repr(Muon([parameter([[1.0]])])) == "Muon(<1 parameter>, lr=0.001)"
    assert list(defaults.items()) == [
        ("params", inspect.Parameter.empty),
        ("lr", 0.001),
        ("weight_decay", 0.1),
        ("momentum", 0.95),
        ("nesterov", True),
        ("ns_coefficients", (3.4445, -4.7750, 2.0315)),
        ("eps", 1e-7),
        ("ns_steps", 5),
        ("adjust_lr_fn", None),
        ("maximize", False),
    ]


# What is refused


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 3), (8, 1, 3, 3)])
def test_what_is_no_matrix_is_refused_with_what_to_use(shape, parameter):
    message = re.escape(
        f"Muon: parameter 1 has shape {shape}; a matrix is needed: give Muon the "
        "parameters with ndim == 2, and train the others with another optimizer, AdamW "
        "say"
    )

    with pytest.raises(ValueError, match=f"^{message}$"):
        Muon([parameter([[1.0]]), parameter(np.zeros(shape))])


def test_a_group_that_is_refused_leaves_the_optimizer_as_it_is(parameter):
    optimizer = Muon([parameter([[1.0]])])

    with pytest.raises(ValueError, match=r"^Muon: parameter 0 has shape \(2,\)"):
        optimizer.add_param_group({"params": [parameter([1.0, 2.0])]})
    assert len(optimizer.param_groups) == 1

    optimizer.add_param_group({"params": iter([parameter([[2.0]])]), "lr": 0.5})
    assert [len(group["params"]) for group in optimizer.param_groups] == [1, 1]


def test_matrices_by_muon_and_the_rest_by_adam(parameter, model):
    weight, bias = parameter([[1.0, 2.0]], [[1.0, 1.0]]), parameter([1.0], [1.0])
    net = model(weight, bias)

    matrices = Muon([p for p in net.parameters() if p.ndim == 2], lr=0.1)
    rest = Adam([p for p in net.parameters() if p.ndim != 2], lr=0.1)
    matrices.step()
    rest.step()

    assert np.all(weight.data < [[1.0, 2.0]])
    assert bias.item() < 1.0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"lr": -0.1}, ValueError, r"lr is -0\.1; it must be at least 0, finite"),
        ({"weight_decay": -1}, ValueError, r"weight_decay is -1; it must be at least"),
        ({"momentum": 1.0}, ValueError, r"momentum is 1\.0; .* and below 1"),
        ({"nesterov": 1}, TypeError, r"nesterov is 1; True or False is needed"),
        ({"ns_coefficients": (1, 2)}, TypeError, r"ns_coefficients is \(1, 2\); three"),
        ({"ns_coefficients": 3.4}, TypeError, r"ns_coefficients is 3\.4; three number"),
        (
            {"ns_coefficients": (1.5, "b", 0)},
            TypeError,
            r"ns_coefficients\[1\] is 'b'; a number is needed",
        ),
        (
            {"ns_coefficients": (1.5, -0.5, math.inf)},
            ValueError,
            r"ns_coefficients\[2\] is inf; it must be finite",
        ),
        ({"eps": -1e-7}, ValueError, r"eps is -1e-07; it must be at least 0, finite"),
        ({"ns_steps": 0}, ValueError, r"ns_steps is 0; it must be at least 1"),
        (
            {"ns_steps": 100},
            ValueError,
            r"ns_steps is 100; it must be below 100; 5 are",
        ),
        ({"ns_steps": 5.0}, TypeError, r"ns_steps is 5\.0; an integer is needed"),
        ({"adjust_lr_fn": "rms"}, ValueError, r"adjust_lr_fn is 'rms'; 'original', 'm"),
        ({"maximize": 1}, TypeError, r"maximize is 1; True or False is needed"),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^Muon: {message}"):
        Muon([parameter([[1.0]])], **options)
