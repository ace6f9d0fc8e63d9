import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor, ops
from pebblegrad.viz import plot_neuron


def lines(figure):
    return [np.asarray(line.get_ydata()) for line in figure.axes[0].lines]


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_the_curve_is_the_activation_of_the_line():
    figure = plot_neuron(2.0, -1.0, (-1.0, 3.0), "sigmoid")
    x = figure.axes[0].lines[0].get_xdata()
    curve, line = lines(figure)[:2]

    assert (x[0], x[-1]) == (-1, 3)
    np.testing.assert_array_equal(line, 2 * x - 1)
    np.testing.assert_allclose(curve, 1 / (1 + np.exp(1 - 2 * x)), rtol=1e-12)
    assert legend(figure) == ["sigmoid(2 · x − 1)", "without activation: 2 · x − 1"]


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("relu", [0.0, 0.0, 2.0]),
        ("tanh", np.tanh([-2.0, 0.0, 2.0])),
        (np.tanh, np.tanh([-2.0, 0.0, 2.0])),
        (lambda z: z.relu(), [0.0, 0.0, 2.0]),
        (lambda z: ops.maximum(z, 0.5), [0.5, 0.5, 2.0]),
        (lambda z: np.where(np.asarray(z) > 0, 1.0, 0.0), [0.0, 0.0, 1.0]),
    ],
)
def test_an_activation_is_a_name_or_a_function(activation, expected):
    figure = plot_neuron(1.0, 0.0, [-2.0, 0.0, 2.0], activation)

    np.testing.assert_allclose(lines(figure)[0], expected)


@pytest.mark.parametrize("activation", [None, "linear"])
def test_without_activation_there_is_one_curve(activation):
    figure = plot_neuron(3.0, 1.0, (0, 1), activation)

    assert legend(figure) == ["3 · x + 1"]
    assert lines(figure)[0][[0, -1]].tolist() == [1, 4]


def test_weights_are_tensors_too_and_the_inputs_need_no_order():
    weight = Tensor([[2.0]], requires_grad=True)
    figure = plot_neuron(weight, Tensor(1.0), np.array([3, 1, 2], np.int8), "linear")

    assert lines(figure)[0].tolist() == [3, 5, 7]
    assert weight.grad is None


def test_where_the_activation_bends_is_marked():
    words = [text.get_text() for text in plot_neuron(2, -1, (-4, 4)).axes[0].texts]

    assert words == ["x = 0.5"]
    assert not plot_neuron(2, -10, (-4, 4)).axes[0].texts  # outside
    assert not plot_neuron(0, 1, (-4, 4)).axes[0].texts  # nowhere


def test_a_steep_line_does_not_press_the_curve_flat():
    low, high = plot_neuron(100.0, 0.0, (-5, 5)).axes[0].get_ylim()

    assert high - low < 4


def test_values_too_large_for_paper_leave_gaps():
    figure = plot_neuron(1e200, 0.0, (-1, 1), "relu")
    figure.canvas.draw()

    assert np.isnan(lines(figure)[0]).any()


def test_the_title_can_be_chosen_and_left_out():
    assert plot_neuron(1.0).get_suptitle() == "One neuron"
    assert plot_neuron(1.0, title="$x$").get_suptitle() == "$x$"
    assert plot_neuron(1.0, title="").get_suptitle() == ""


def test_given_axes_are_drawn_into():
    figure = Figure()
    axes = figure.add_subplot()

    assert plot_neuron(1.0, ax=axes) is figure
    assert axes.get_title(loc="left") == "One neuron"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0],), r"weight has shape \(2,\); one finite number was needed"),
        ((np.nan,), "weight is nan; one finite number"),
        ((1.0, np.inf), "bias is inf; one finite number"),
        ((1.0, 0.0, (1.0, 1.0)), "x_range begins and ends at 1; two different ends"),
        ((1.0, 0.0, (0.0, np.inf)), "x_range holds a value that is not finite"),
        ((1.0, 0.0, 5.0), r"x_range has shape \(\); the two ends of a range"),
        ((1.0, 0.0, []), r"x_range has shape \(0,\); the two ends"),
        ((1.0, 0.0, (-1, 1), "gelu"), "activation is 'gelu'; one of linear, .* needed"),
        ((1.0, 0.0, (-1, 1), lambda z: z.sum()), r"returned shape \(\) for shape \(4"),
    ],
)
def test_values_that_cannot_be_drawn_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"^plot_neuron: .*{message}"):
        plot_neuron(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("2",), "weight is of type str; one finite number was needed"),
        ((None,), "weight is of type NoneType"),
        ((1.0, 0.0, "wide"), "x_range is of type str; the two ends of a range"),
        ((1.0, 0.0, (-1, 1), 3), "activation is of type int; a function of a Tensor"),
        (
            (1.0, 0.0, (-1, 1), lambda z: "no"),
            "what activation returned is of type str",
        ),
    ],
)
def test_kinds_that_cannot_be_drawn_are_refused(arguments, message):
    with pytest.raises(TypeError, match=f"^plot_neuron: .*{message}"):
        plot_neuron(*arguments)
