import time

import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_training_history


def data(line):
    return np.asarray(line.get_ydata(), float)


def legend(figure):
    found = figure.axes[0].get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def test_a_list_is_one_curve_over_its_steps():
    figure = plot_training_history([0.9, 0.5, 0.3], xlabel="epoch")
    (axes,) = figure.axes
    (line,) = axes.lines

    assert data(line).tolist() == [0.9, 0.5, 0.3]
    assert line.get_xdata().tolist() == [0, 1, 2]
    assert axes.get_xlabel() == "epoch"
    assert axes.get_ylabel() == "loss"
    assert axes.get_title(loc="left") == "Training history"
    assert legend(figure) == []


@pytest.mark.parametrize(
    "losses",
    [
        (0.5, 0.25),
        np.array([0.5, 0.25], np.float32),
        [Tensor([0.5]), Tensor(0.25, requires_grad=True)],
        [np.float32(0.5), np.array(0.25)],
        Tensor([0.5, 0.25], requires_grad=True),
        {"loss": [0.5, 0.25]},
        ([0, 1], [0.5, 0.25]),
        (np.arange(2), Tensor([0.5, 0.25])),
    ],
    ids=lambda losses: type(losses).__name__,
)
def test_whatever_holds_numbers_is_read(losses):
    figure = plot_training_history(losses)

    assert data(figure.axes[0].lines[0]).tolist() == [0.5, 0.25]
    assert figure.axes[0].lines[0].get_xdata().tolist() == [0, 1]


def test_an_iterator_is_read_once():
    figure = plot_training_history(iter([0.5, 0.25]))

    assert data(figure.axes[0].lines[0]).tolist() == [0.5, 0.25]


def test_the_title_is_shown_and_an_empty_one_is_not():
    assert plot_training_history([1], "XOR").axes[0].get_title(loc="left") == "XOR"
    assert plot_training_history([1], "").axes[0].get_title(loc="left") == ""


def test_accuracy_gets_an_axis_of_its_own():
    figure = plot_training_history({"loss": [2.3, 0.4], "test accuracy": [0.1, 0.9]})
    left, right = figure.axes

    assert [data(line).tolist() for line in left.lines] == [[2.3, 0.4]]
    assert [data(line).tolist() for line in right.lines] == [[0.1, 0.9]]
    assert (left.get_ylabel(), right.get_ylabel()) == ("loss", "test accuracy")
    assert legend(figure) == ["loss", "test accuracy (right axis)"]


@pytest.mark.parametrize(
    ("curves", "on_right"),
    [
        ({"train loss": [1, 2], "test loss": [3, 2]}, []),
        ({"train accuracy": [0.1, 0.2], "test accuracy": [0.1, 0.3]}, []),
        ({"loss": [1.0, 0.5], "learning rate": [1e-3, 1e-4]}, ["learning rate"]),
        ({"loss": [1e4, 2e4], "rate": [1, 2], "decay": [2, 3]}, ["rate", "decay"]),
        ({"loss": [1, 2], "pace": [1, 2]}, []),  # the letters "ac" are not a word
        ({"loss": [1, 2], "vacc": [1, 2]}, []),
        ({"loss": [1, 2], "val_acc": [0.1, 0.2]}, ["val_acc"]),
        ({"loss": [1, 2], "zero": [0, 0]}, []),
        ({"loss": [np.nan], "rate": [1]}, []),
    ],
)
def test_curves_that_read_better_apart_go_to_the_right(curves, on_right):
    figure = plot_training_history(curves)
    names = [name for name in legend(figure) if name.endswith("(right axis)")]

    assert names == [f"{name} (right axis)" for name in on_right]


def test_right_may_be_chosen():
    curves = {"a": [1, 2], "b": [1, 2], "accuracy": [1, 2]}

    assert len(plot_training_history(curves, right=[]).axes) == 1
    assert legend(plot_training_history(curves, right=["b"])) == [
        "a",
        "b (right axis)",
        "accuracy",
    ]


def test_smoothing_shows_the_raw_curve_behind_its_average():
    figure = plot_training_history([1.0, 3.0, 3.0], smoothing=0.5)
    raw, average = figure.axes[0].lines[:2]

    assert data(raw).tolist() == [1, 3, 3]
    # By hand: 0.5 / 0.5, (0.25 + 1.5) / 0.75, (0.125 + 0.75 + 1.5) / 0.875.
    np.testing.assert_allclose(data(average), [1, 1.75 / 0.75, 2.375 / 0.875])
    assert raw.get_alpha() < 0.5
    assert raw.get_zorder() < average.get_zorder()
    assert legend(figure) == ["loss", "faint: before smoothing by 0.5"]


def test_a_value_that_is_not_finite_leaves_a_gap_and_a_cross():
    figure = plot_training_history([1.0, np.nan, 2.0, np.inf, -np.inf, 3.0, 4.0])
    curve, crosses = figure.axes[0].lines

    np.testing.assert_array_equal(
        data(curve), [1, np.nan, 2, np.nan, np.nan, 3, 4], strict=True
    )
    assert crosses.get_xdata().tolist() == [1, 3, 4]
    assert crosses.get_marker() == "x"
    assert legend(figure) == ["loss (×: 3 of 7 not finite)"]


def test_a_value_alone_between_gaps_is_a_dot_in_a_long_curve():
    losses = [np.nan if i % 2 else float(i) for i in range(100)]
    curve = plot_training_history(losses).axes[0].lines[0]

    assert curve.get_marker() == "o"
    assert curve.get_markevery() == list(range(0, 100, 2))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("smoothing", [0, 0.9])
@pytest.mark.parametrize("losses", [[np.nan], [np.nan, np.inf], [0.0, -1.0], [1e308]])
def test_curves_with_nothing_to_draw_are_pictures_too(log, smoothing, losses):
    figure = plot_training_history(losses, log=log, smoothing=smoothing)
    figure.canvas.draw()

    assert len(figure.axes) == 1


def test_values_that_are_off_the_axis_are_counted():
    figure = plot_training_history([1.0, 1e308, -1e308])

    assert legend(figure) == ["loss (×: 2 of 3 off the axis)"]


def test_a_logarithmic_axis_says_what_it_cannot_show():
    figure = plot_training_history([1.0, 0.1, 0.0, -1.0], log=True)

    assert figure.axes[0].get_yscale() == "log"
    np.testing.assert_array_equal(
        data(figure.axes[0].lines[0]), [1, 0.1, np.nan, np.nan]
    )
    assert legend(figure) == ["loss (×: 2 of 4 not finite or not positive)"]


def test_one_point_is_visible():
    curve = plot_training_history([0.5]).axes[0].lines[0]

    assert curve.get_marker() == "o"
    assert curve.get_markevery() == [0]


def test_a_hundred_thousand_points_take_moments(rng, tmp_path):
    losses = rng.normal(size=100_000).tolist()
    start = time.process_time()
    figure = plot_training_history(losses, filename=tmp_path / "a.svg", smoothing=0.99)

    assert time.process_time() - start < 10  # about 1 s: a net, not a benchmark
    assert data(figure.axes[0].lines[0]).tolist() == losses
    assert (tmp_path / "a.svg").stat().st_size < 1_000_000


def test_text_is_literal_and_names_may_begin_with_an_underscore(tmp_path):
    curves = {"_loss $a$": [1, 2], "a_b^c <\\β₁>": [2, 3]}
    figure = plot_training_history(
        curves, "$5 & $6", tmp_path / "a.svg", xlabel="$x$", ylabel="$y_1$"
    )

    assert legend(figure) == ["_loss $a$", "a_b^c <\\β₁>"]
    assert figure.axes[0].get_title(loc="left") == "$5 & $6"
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for text in ("_loss $a$", "$5 &amp; $6", "$x$", "$y_1$"):
        assert f">{text}</text>" in svg


def test_nothing_is_clipped_and_nothing_covers_the_legend(overlaps):
    curves = {f"a rather long name of run {i}": [i, i + 1, i + 0.5] for i in range(12)}
    title = "A title that says in many words what everybody can see in the picture"
    figure = plot_training_history(curves, title, right=[next(iter(curves))])
    figure.canvas.draw()
    left, right = figure.axes
    parts = [
        left.get_legend().get_window_extent(),
        left._left_title.get_window_extent(),
        left.get_window_extent(),
        left.xaxis.label.get_window_extent(),
        right.yaxis.label.get_window_extent(),
    ]

    for part in parts:
        assert 0 <= part.x0 and part.x1 <= figure.bbox.x1
        assert 0 <= part.y0 and part.y1 <= figure.bbox.y1
    assert overlaps(parts) == []


def test_given_axes_are_drawn_into():
    figure = Figure()
    first, second = figure.subplots(1, 2)
    returned = plot_training_history([1, 2], ax=second)

    assert returned is figure
    assert not first.lines
    assert data(second.lines[0]).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ([], r"losses is empty; at least one value was needed"),
        ({}, r"losses is an empty dict; at least one curve"),
        ({"loss": []}, r"losses\['loss'\] is empty"),
        ({"loss": ([1], [1, 2])}, r"losses\['loss'\] has 1 steps and 2 values"),
        (([np.nan], [1]), r"a step that is not a finite number"),
    ],
)
def test_empty_and_unequal_curves_are_refused(losses, message):
    with pytest.raises(ValueError, match=f"^plot_training_history: .*{message}"):
        plot_training_history(losses)


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        (3.0, "losses is of type float; a list of numbers was needed"),
        ("0.1", "losses is of type str; a list of numbers"),
        (["0.1"], r"losses\[0\] is of type str; a number was needed"),
        ([1.0, None], r"losses\[1\] is of type NoneType"),
        ([Tensor([1.0, 2.0])], r"losses\[0\] is of type Tensor and shape \(2,\)"),
        ([1j], r"losses\[0\] is of type complex"),
        (np.zeros((2, 2)), r"array of shape \(2, 2\) and dtype float64"),
        ({1: [1.0]}, "losses has the key 1 of type int"),
        ({"a": {"b": 1}}, r"losses\['a'\] is of type dict"),
    ],
)
def test_what_is_not_numbers_is_refused(losses, message):
    with pytest.raises(TypeError, match=f"^plot_training_history: .*{message}"):
        plot_training_history(losses)


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match=r"smoothing is 1; .* less than 1 was needed"):
        plot_training_history([1], smoothing=1)
    with pytest.raises(TypeError, match="smoothing is of type str"):
        plot_training_history([1], smoothing="0.9")
    with pytest.raises(ValueError, match=r"right names \['b'\]; .* called \['a'\]"):
        plot_training_history({"a": [1]}, right=["b"])
    with pytest.raises(ValueError, match="right names every curve"):
        plot_training_history({"a": [1]}, right="a")
    with pytest.raises(TypeError, match="title is of type int"):
        plot_training_history([1], 3)


def test_a_window_is_the_mean_of_the_last_values_as_in_pandas():
    values = [4.0, 8.0, np.nan, 0.0, 2.0, np.inf, 6.0]
    figure = plot_training_history(values, window=3)
    average = figure.axes[0].lines[1]

    # pandas: Series(values).rolling(3, min_periods=1).mean(), with NaN for infinity,
    # and without the value where there was none.
    np.testing.assert_allclose(data(average), [4, 6, np.nan, 4, 1, np.nan, 4])
    assert legend(figure)[-1] == "faint: before the mean of 3 values"


@pytest.mark.parametrize("window", [1, None])
def test_a_window_of_one_changes_nothing(window):
    figure = plot_training_history([1.0, 3.0], window=window)

    assert data(figure.axes[0].lines[0]).tolist() == [1, 3]
    assert legend(figure) == []


def test_a_window_longer_than_the_curve_is_the_mean_so_far():
    figure = plot_training_history([1.0, 3.0, 5.0], window=100)

    assert data(figure.axes[0].lines[1]).tolist() == [1, 2, 3]


def test_large_values_do_not_blur_the_small_ones_after_them():
    figure = plot_training_history([1e20, 1.0, 2.0, 3.0], window=2)

    assert data(figure.axes[0].lines[1])[2:].tolist() == [1.5, 2.5]


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), 0.5])
def test_smoothing_is_a_number_of_any_kind(number):
    figure = plot_training_history([1.0, 3.0], smoothing=number)

    np.testing.assert_allclose(data(figure.axes[0].lines[1]), [1, 1.75 / 0.75])


@pytest.mark.parametrize("name", ["lr", "learning rate", "learning_rate", "LR", "lr/0"])
def test_a_learning_rate_has_an_axis_of_its_own_whatever_its_size(name):
    left, right = plot_training_history({"loss": [0.2, 0.1], name: [0.1, 0.1]}).axes

    assert (left.get_ylabel(), right.get_ylabel()) == ("loss", name)


def test_a_learning_rate_stands_outside_of_an_accuracy():
    history = {"loss": [2.0, 1.0], "lr": [0.1, 0.01], "val_accuracy": [0.1, 0.9]}
    figure = plot_training_history(history)
    figure.canvas.draw()
    labels = [axes.get_ylabel() for axes in figure.axes]
    ends = [axes.yaxis.get_tightbbox() for axes in figure.axes[1:]]

    assert labels == ["loss", "val_accuracy", "lr"]
    assert legend(figure) == ["loss", "lr (outer axis)", "val_accuracy (right axis)"]
    assert ends[0].x1 <= ends[1].x0
    assert ends[1].x1 <= figure.bbox.x1


def test_rates_alone_and_words_with_the_letters_stay_left():
    assert len(plot_training_history({"lr": [1, 2], "lr_bias": [3, 4]}).axes) == 1
    assert len(plot_training_history({"loss": [1, 2], "ctrl": [3, 4]}).axes) == 1


def test_any_mapping_is_read():
    class History(dict):
        pass

    assert len(plot_training_history(History(loss=[1.0, 2.0])).axes[0].lines) == 1


def test_line_breaks_in_texts_do_not_warn():
    figure = plot_training_history(
        {"a\nb": [1, 2]}, "First\nsecond", xlabel="x\ny", ylabel="y\tz"
    )
    figure.canvas.draw()

    assert figure.axes[0].get_title(loc="left") == "First\nsecond"
    assert figure.axes[0].get_xlabel() == "x y"
    assert legend(figure) == ["a b"]


def test_wrong_windows_are_refused():
    with pytest.raises(ValueError, match="window is 0; at least 1 was needed"):
        plot_training_history([1], window=0)
    with pytest.raises(TypeError, match=r"window is 2.5 of type float; a whole number"):
        plot_training_history([1], window=2.5)
    with pytest.raises(
        ValueError, match=r"smoothing is 0.5 and window is 3; one of the"
    ):
        plot_training_history([1], window=3, smoothing=0.5)
    with pytest.raises(
        ValueError, match=r"smoothing is 10; .*last 10 values say window"
    ):
        plot_training_history([1], smoothing=10)


def test_a_learning_rate_falls_in_steps_and_a_loss_does_not():
    figure = plot_training_history({"loss": [3, 2, 1], "lr": [0.1, 0.1, 0.01]})
    styles = [axes.lines[0].get_drawstyle() for axes in figure.axes]

    assert styles == ["default", "steps-post"]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"title": "run.png"},
            ValueError,
            "title is 'run.png' and filename is None, so",
        ),
        ({"title": "Run.SVG"}, ValueError, "say filename='Run.SVG'"),
        ({"log": 1}, TypeError, "log is 1 of type int; True or False was needed"),
        ({"right": 3}, TypeError, r"right is 3 of type int; .* the curves \['loss'\]"),
        ({"xlabel": None}, TypeError, "xlabel is None of type NoneType; a string was"),
        ({"ylabel": 5}, TypeError, "ylabel is 5 of type int; a string was needed"),
    ],
)
def test_slips_and_options_of_another_kind_are_refused(options, kind, message):
    with pytest.raises(kind, match=f"^plot_training_history: .*{message}"):
        plot_training_history([1, 2], **options)


def test_a_title_may_end_like_a_file_if_a_file_is_named(tmp_path):
    figure = plot_training_history([1, 2], "cat.png", tmp_path / "a.png")

    assert figure.axes[0].get_title(loc="left") == "cat.png"
