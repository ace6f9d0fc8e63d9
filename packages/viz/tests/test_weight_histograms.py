import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_weight_histograms


def bars(axes):
    (steps,) = axes.patches
    return steps.get_data()


def words(axes):
    return axes.texts[0].get_text()


def test_each_parameter_has_a_panel(scaled):
    figure = plot_weight_histograms(scaled([[1.0, 2.0]], scaled([[0.0, 1.0]])))

    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "weight (1, 2)",
        "bias (1,)",
        "part0.weight (1, 2)",
        "part0.bias (1,)",
    ]
    assert figure.get_suptitle() == "6 weights"


def test_the_bars_are_a_histogram(rng):
    values = rng.normal(size=(30, 20))
    counts, edges, _ = bars(plot_weight_histograms({"w": values}).axes[0])
    expected, places = np.histogram(values, 40)

    np.testing.assert_array_equal(counts, expected)
    np.testing.assert_allclose(edges, places)
    assert words(plot_weight_histograms({"w": [1.0, 3.0]}).axes[0]) == (
        "mean 2, spread 1"
    )


def test_few_values_have_few_bars():
    assert len(bars(plot_weight_histograms({"w": range(9)}).axes[0])[0]) == 6
    assert len(bars(plot_weight_histograms({"w": range(9)}, bins=2).axes[0])[0]) == 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.5], "mean 0.5, spread 0"),
        ([0.0, 0.0], "mean 0, spread 0"),
        (3.0, "mean 3, spread 0"),
        ([1e300, -1e300], "mean 0, spread 1e+300"),
        (np.float16([1, 2, 3]), "mean 2, spread 0.816"),
        ([1.0, np.nan, np.inf], "mean 1, spread 0, 2 not finite"),
        ([np.nan], "no values, 1 not finite"),
        ([], "no values"),
    ],
)
def test_unusual_values_are_pictures_too(values, expected):
    figure = plot_weight_histograms({"w": values})
    figure.canvas.draw()

    assert words(figure.axes[0]) == expected


def test_what_does_not_fit_is_shortened_and_a_fault_is_kept():
    figure = Figure(figsize=(3, 2))
    axes = figure.add_subplot()
    state = {"a long name of a weight": [1.0, 3.0], "b": [1.0, 3.0, np.nan]}
    plot_weight_histograms(state, ax=axes)
    first, second = axes.child_axes

    assert first.get_title(loc="left").startswith("…")
    assert words(first) == "2 ± 1"
    assert words(second) == "1 not finite"


@pytest.mark.parametrize("kind", [list, tuple, lambda ps: (p for p in ps)])
def test_a_list_of_tensors_is_called_by_labels_or_numbers(kind):
    parameters = [Tensor([1.0], label="w"), Tensor([2.0])]
    figure = plot_weight_histograms(kind(parameters))

    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "w (1,)",
        "parameter 1 (1,)",
    ]


def test_of_many_parameters_the_first_and_the_last_are_drawn():
    state = {f"p{i}": [1.0, 2.0] for i in range(30)}
    figure = plot_weight_histograms(state, max_parameters=3)

    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "p0 (2,)",
        "p1 (2,)",
        "p29 (2,)",
    ]
    title = figure.get_suptitle().replace("\n", " ")
    assert title == "60 weights (of 30 parameters 3 are shown)"


def test_given_axes_are_divided():
    axes = Figure().add_subplot()
    plot_weight_histograms({"a": [1.0], "b": [2.0]}, ax=axes)

    assert len(axes.child_axes) == 2


@pytest.mark.parametrize(
    ("model", "options", "kind", "message"),
    [
        (3, {}, TypeError, "model is of type int; a Module, a dict"),
        ("w", {}, TypeError, "model is of type str"),
        ({}, {}, ValueError, "model has no parameters"),
        ({"w": "x"}, {}, TypeError, "parameter w is of type str; real numbers"),
        ({"w": [1j]}, {}, TypeError, "parameter w is of type list with complex"),
        ({"w": [1.0]}, {"bins": 0}, ValueError, "bins is 0; at least 1"),
    ],
)
def test_what_has_no_weights_is_refused(model, options, kind, message):
    with pytest.raises(kind, match=f"^plot_weight_histograms: .*{message}"):
        plot_weight_histograms(model, **options)


def test_numbers_that_no_axis_holds_are_counted():
    figure = plot_weight_histograms({"a": [1e308, -1e308, 1.0, np.nan]})
    figure.canvas.draw()

    assert "3 not finite or above 1e+307" in figure.axes[0].texts[0].get_text()
