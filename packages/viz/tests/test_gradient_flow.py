import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_gradient_flow


def tensor(gradient):
    data = np.zeros(np.shape(gradient), np.float64)
    parameter = Tensor(data, requires_grad=True)
    if gradient is not None:
        parameter.grad = Tensor(np.asarray(gradient, np.float64))
    return parameter


def widths(figure):
    return [bar.get_width() for bar in figure.axes[0].patches]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize(
    ("measure", "expected"), [("norm", 5.0), ("mean", 3.5), ("max", 4.0)]
)
def test_a_bar_is_the_size_of_a_gradient(measure, expected):
    figure = plot_gradient_flow({"w": tensor([3.0, -4.0])}, measure=measure)

    assert widths(figure) == [expected]
    assert measure in figure.axes[0].get_xlabel() or measure == "max"


def test_after_backward_a_model_has_a_bar_for_each_parameter(scaled):
    model = scaled([[1.0, 2.0]])
    model(Tensor([[3.0, 4.0]])).sum().backward()
    figure = plot_gradient_flow(model)
    axes = figure.axes[0]

    assert widths(figure) == [5, 1]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["weight", "bias"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first on top
    assert axes.get_xscale() == "log"


def test_what_has_no_bar_says_why():
    parameters = {
        "fine": tensor([1.0]),
        "none": tensor(None),
        "zero": tensor([0.0, 0.0]),
        "wrong": tensor([np.nan, 1.0, np.inf]),
        "empty": tensor(np.zeros((0, 3))),
    }
    figure = plot_gradient_flow(parameters)

    assert widths(figure) == [1]
    assert texts(figure) == [
        "1",
        "no gradient",
        "all zero",
        "2 of 3 elements not finite",
        "no elements",
    ]


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("size", [1e-310, 1e-200, 1e200])
def test_gradients_of_any_size_are_drawn(size, log):
    figure = plot_gradient_flow(
        {"w": tensor([size, size]), "b": tensor([1.0])}, log=log
    )
    figure.canvas.draw()

    assert widths(figure)[0] == pytest.approx(size * 2**0.5, rel=1e-9)


def test_gradients_that_are_all_zero_are_a_picture():
    figure = plot_gradient_flow([tensor([0.0])])
    figure.canvas.draw()

    assert texts(figure) == ["all zero"]


def test_a_long_name_keeps_its_end():
    name = "encoder.layers.0.attention.query.projection.weight"
    figure = plot_gradient_flow({name: tensor([1.0])})
    (label,) = figure.axes[0].get_yticklabels()

    assert label.get_text().startswith("…")
    assert label.get_text().endswith("query.projection.weight")


@pytest.mark.parametrize(
    ("model", "options", "kind", "message"),
    [
        (
            [tensor(None)] * 2,
            {},
            RuntimeError,
            "none of the 2 parameters has a gradient",
        ),
        ({"w": np.ones(3)}, {}, TypeError, "w is of type ndarray, which has no grad"),
        (
            [tensor([1.0])],
            {"measure": "sum"},
            ValueError,
            "measure is 'sum'; 'norm', 'mean' or 'max' was needed",
        ),
        ([tensor([1.0])], {"measure": ["sum"]}, TypeError, r"measure is \['sum'\] of"),
        ([tensor([1.0])], {"log": 1}, TypeError, "log is 1 of type int; True or False"),
        (None, {}, TypeError, "model is of type NoneType"),
        ([], {}, ValueError, "model has no parameters"),
    ],
)
def test_what_has_no_gradients_is_refused(model, options, kind, message):
    with pytest.raises(kind, match=f"^plot_gradient_flow: .*{message}"):
        plot_gradient_flow(model, **options)
