import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor, ops
from pebblegrad.viz import plot_activations


def curves(axes):
    return [np.asarray(line.get_ydata()) for line in axes.lines[:2]]


def test_each_function_has_a_panel_with_its_derivative():
    figure = plot_activations(["tanh", "sigmoid"], x_range=(-2.0, 2.0))
    first, second = figure.axes
    x = first.lines[0].get_xdata()
    s = 1 / (1 + np.exp(-x))

    assert [axes.get_title(loc="left") for axes in figure.axes] == ["tanh", "sigmoid"]
    np.testing.assert_allclose(curves(first), [np.tanh(x), 1 - np.tanh(x) ** 2])
    np.testing.assert_allclose(curves(second), [s, s * (1 - s)])
    assert first.lines[1].get_linestyle() == "--"


def test_without_functions_the_usual_ones_are_drawn():
    titles = [axes.get_title(loc="left") for axes in plot_activations().axes]

    assert titles == ["relu", "sigmoid", "tanh", "softplus"]


@pytest.mark.parametrize(
    ("functions", "names"),
    [
        ("relu", ["relu"]),
        (ops.tanh, ["tanh"]),
        ([lambda x: x * x], ["function"]),
        ({"twice $x$": lambda x: 2 * x}, ["twice $x$"]),
    ],
)
def test_functions_are_given_in_several_ways(functions, names):
    figure = plot_activations(functions)
    figure.canvas.draw()

    assert [axes.get_title(loc="left") for axes in figure.axes] == names


def test_a_function_that_is_flat_has_the_derivative_zero():
    figure = plot_activations([lambda x: Tensor(np.ones(x.shape))])

    assert not curves(figure.axes[0])[1].any()


def test_given_axes_are_divided():
    figure = Figure()
    axes = figure.add_subplot()
    returned = plot_activations(["relu", "tanh"], ax=axes)

    assert returned is figure
    assert [child.get_title(loc="left") for child in axes.child_axes] == [
        "relu",
        "tanh",
    ]


def test_after_an_error_given_axes_are_as_they_were():
    axes = Figure().add_subplot()

    with pytest.raises(ValueError, match=r"activations\[1\] is 'nothing'"):
        plot_activations(["relu", "nothing"], ax=axes)
    assert axes.axison
    assert not axes.child_axes


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"activations": []}, ValueError, "activations is empty; at least one"),
        ({"activations": 3}, TypeError, "activations is of type int; a list of names"),
        ({"activations": [3]}, TypeError, r"activations\[0\] is of type int"),
        (
            {"activations": [lambda x: np.asarray(x.detach())]},
            TypeError,
            "returned ndarray for a Tensor; a Tensor was needed, so that autograd",
        ),
        (
            {"activations": [lambda x: x[:3]]},
            ValueError,
            r"returned shape \(3,\) for shape \(401,\)",
        ),
        ({"x_range": (1, 0)}, ValueError, r"x_range is \[1.0, 0.0\]; the two ends"),
        ({"x_range": (0, np.nan)}, ValueError, "x_range is .*nan"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, kind, message):
    with pytest.raises(kind, match=f"^plot_activations: .*{message}"):
        plot_activations(**options)
