import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor, manual_seed
from pebblegrad.viz import plot_loss_surface
from pebblegrad.viz._loss_surface import filter_normalised


@pytest.fixture
def w(rng):
    return Tensor(rng.normal(size=(3, 4)), requires_grad=True)


def square(w):
    return lambda: (w * w).sum()


def heights(figure):
    return figure.axes[0].collections[0].get_array()


def test_the_middle_is_the_present_loss_and_the_corners_are_as_by_hand(w):
    figure = plot_loss_surface([w], square(w), rng=3, resolution=5, span=0.5)
    rng = np.random.default_rng(3)
    first, second = (filter_normalised([w], rng)[0] for _ in range(2))
    found = heights(figure)

    assert found.shape == (5, 5)
    np.testing.assert_allclose(found[2, 2], (w.data**2).sum(), rtol=1e-6)
    moved = w.data + 0.5 * first - 0.25 * second
    np.testing.assert_allclose(found[1, 4], (moved**2).sum(), rtol=1e-6)


def test_each_filter_of_a_direction_is_as_long_as_the_models(rng):
    w = Tensor(rng.normal(size=(3, 2, 5, 5)), requires_grad=True)
    w.data[1] = 0
    bias = Tensor(rng.normal(size=4), requires_grad=True)
    direction, none = filter_normalised([w, bias], rng)
    norms = [np.sqrt((a**2).sum(axis=(1, 2, 3))) for a in (direction, w.data)]

    np.testing.assert_allclose(*norms, rtol=1e-6)
    assert not direction[1].any()
    assert none is None


def test_the_model_is_left_as_it_was_to_the_last_bit(scaled):
    model = scaled([[1.0, 2.0]], scaled(np.eye(2)))
    model.parts[0].training = False
    model.weight.grad = Tensor([[5.0, 6.0]])
    arrays = [parameter.data for parameter in model.parameters()]
    copies = [array.copy() for array in arrays]
    plot_loss_surface(model, lambda: model(Tensor([[1.0, 1.0]])).sum(), resolution=3)

    for parameter, array, copy in zip(model.parameters(), arrays, copies, strict=True):
        assert parameter.data is array
        assert array.tobytes() == copy.tobytes()
        assert parameter.requires_grad
    assert (model.training, model.parts[0].training) == (True, False)
    assert model.weight.grad.data.tolist() == [[5, 6]]
    assert {training for *_, training in model.seen} == {False}


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_after_an_exception_the_weights_are_what_they_were(scaled, error):
    model = scaled([[1.0, 2.0]])
    array, before = model.weight.data, model.weight.data.copy()
    calls = []

    def loss():
        calls.append(1)
        if len(calls) == 4:
            raise error("in the loss")
        return model(Tensor([[1.0, 1.0]])).sum()

    with pytest.raises(error, match="in the loss"):
        plot_loss_surface(model, loss, resolution=3)

    assert model.weight.data is array
    assert array.tobytes() == before.tobytes()
    assert model.training


def test_read_only_and_half_weights_can_be_moved():
    array = np.ones((2, 2), np.float16)
    array.flags.writeable = False
    w = Tensor(array, requires_grad=True)
    seen = []

    def loss():
        seen.append(w.dtype)
        return float((w.data.astype(float) ** 2).sum())

    plot_loss_surface([w], loss, resolution=3)

    assert set(seen) == {np.dtype("float16")}


def test_the_same_seed_is_the_same_surface(w):
    surfaces = [
        heights(plot_loss_surface([w], square(w), rng=seed, resolution=3))
        for seed in (1, 1, 2, np.random.default_rng(1))
    ]

    assert (surfaces[0] == surfaces[1]).all()
    assert (surfaces[0] == surfaces[3]).all()
    assert (surfaces[0] != surfaces[2]).any()


def test_without_a_seed_it_is_the_default_generators(w):
    surfaces = []
    for _ in range(2):
        manual_seed(5)
        surfaces.append(heights(plot_loss_surface([w], square(w), resolution=3)))

    assert (surfaces[0] == surfaces[1]).all()


def test_losses_that_are_not_finite_are_grey_and_said(w):
    middle = float((w.data**2).sum())

    def loss():
        value = float((w.data**2).sum())
        return value if value <= middle * 1.01 else np.inf

    figure = plot_loss_surface([w], loss, rng=0, resolution=5)
    figure.canvas.draw()
    found = heights(figure)

    assert np.ma.getmaskarray(found).any()
    assert f"{np.ma.getmaskarray(found).sum()} of 25 not finite" in " ".join(
        figure.get_suptitle().split()
    )


def test_a_surface_that_is_flat_is_a_picture(w):
    plot_loss_surface([w], lambda: 2.0, resolution=3).canvas.draw()
    plot_loss_surface([w], lambda: 0, resolution=3, log=None).canvas.draw()


def test_losses_far_apart_have_a_logarithmic_scale(w):
    def steep():
        return float(np.exp((w.data**2).sum()))

    far = plot_loss_surface([w], steep, rng=0, resolution=5)
    near = plot_loss_surface([w], square(w), rng=0, resolution=5)
    chosen = plot_loss_surface([w], square(w), rng=0, resolution=5, log=True)

    assert far.axes[1].get_ylabel() == "loss, logarithmic"
    assert near.axes[1].get_ylabel() == "loss"
    assert chosen.axes[1].get_ylabel() == "loss, logarithmic"


def test_the_present_weights_are_one_of_the_points(w):
    assert heights(plot_loss_surface([w], square(w), resolution=4)).shape == (5, 5)


def test_given_axes_are_drawn_into(w):
    figure = Figure()
    axes = figure.add_subplot()

    assert plot_loss_surface([w], square(w), ax=axes, resolution=3) is figure
    assert len(figure.axes) == 1


@pytest.mark.parametrize(
    ("loss", "options", "kind", "message"),
    [
        (3.0, {}, TypeError, "loss is of type float, which cannot be called"),
        (lambda: None, {}, TypeError, "what loss returned is of type NoneType"),
        (lambda: [1, 2], {}, ValueError, r"loss returned has shape \(2,\); .*its mean"),
        (lambda: np.nan, {}, ValueError, "the loss of the present weights is nan"),
        (lambda: 1.0, {"span": 0}, ValueError, "span is 0; one positive finite number"),
        (lambda: 1.0, {"resolution": 2}, ValueError, "resolution is 2; at least 3"),
    ],
)
def test_what_is_no_loss_is_refused(w, loss, options, kind, message):
    with pytest.raises(kind, match=f"^plot_loss_surface: .*{message}"):
        plot_loss_surface([w], loss, **options)


@pytest.mark.parametrize(
    ("model", "kind", "message"),
    [
        ([Tensor([1.0], requires_grad=True)], ValueError, "no parameter has two axes"),
        (
            [Tensor([[0.0]], requires_grad=True)],
            ValueError,
            "no parameter has two axes",
        ),
        ([np.ones((2, 2))], TypeError, "parameter 0 is of type ndarray; a Tensor"),
        (None, TypeError, "model is of type NoneType"),
    ],
)
def test_what_cannot_be_moved_is_refused(model, kind, message):
    with pytest.raises(kind, match=f"^plot_loss_surface: .*{message}"):
        plot_loss_surface(model, lambda: 1.0)


def test_a_logarithmic_scale_needs_positive_losses_and_leaves_the_weights(w):
    array = w.data

    with pytest.raises(ValueError, match="log is True and the smallest loss is 0"):
        plot_loss_surface([w], lambda: 0.0, log=True, resolution=3)
    with pytest.raises(TypeError, match="rng: 'a' is a str"):
        plot_loss_surface([w], lambda: 1.0, rng="a")
    assert w.data is array


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"log": 1}, TypeError, "log is 1 of type int; True or False was needed"),
        ({"title": "a.pdf"}, ValueError, "title is 'a.pdf' and filename is None"),
        ({"span": True}, TypeError, "span is True of type bool; one positive finite"),
    ],
)
def test_switches_and_slips_are_told(options, kind, message):
    with pytest.raises(kind, match=f"^plot_loss_surface: {message}"):
        plot_loss_surface([], lambda: 1.0, **options)
