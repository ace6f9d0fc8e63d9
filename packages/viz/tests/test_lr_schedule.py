import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_lr_schedule


class Halving:
    """As a schedule of pebblegrad.optim, seen from here."""

    def rates(self, steps):
        return [0.5**t for t in range(steps)]


def rates(figure, line=0):
    return figure.axes[0].lines[line].get_ydata().tolist()


@pytest.mark.parametrize(
    "schedule",
    [
        Halving(),
        lambda t: 0.5**t,
        lambda t: Tensor(0.5**t),
        [1, 0.5, 0.25],
        (1.0, 0.5, 0.25, 0.125),
        np.array([1, 0.5, 0.25], np.float16),
        iter([1, 0.5, 0.25]),
    ],
)
def test_whatever_says_its_rates_is_drawn(schedule):
    assert rates(plot_lr_schedule(schedule, 3)) == [1, 0.5, 0.25]


def test_a_list_is_drawn_whole_and_one_rate_is_a_point():
    assert rates(plot_lr_schedule([3, 2, 1])) == [3, 2, 1]
    assert plot_lr_schedule([0.1]).axes[0].lines[0].get_marker() == "o"


def test_several_schedules_have_a_legend():
    figure = plot_lr_schedule({"_half": Halving(), "flat $1$": lambda t: 1}, 2)
    names = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]

    assert names == ["_half", "flat $1$"]
    assert [rates(figure, 0), rates(figure, 1)] == [[1, 0.5], [1, 1]]
    assert len({line.get_linestyle() for line in figure.axes[0].lines}) == 2


def test_the_axis_begins_at_zero_unless_it_is_logarithmic():
    assert plot_lr_schedule([1, 2]).axes[0].get_ylim()[0] == 0
    assert plot_lr_schedule([1, 2], log=True).axes[0].get_yscale() == "log"


def test_the_axes_are_named():
    axes = plot_lr_schedule([1, 2], xlabel="epoch").axes[0]

    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "learning rate")


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((Halving(),), ValueError, "steps is None, and schedule goes on for ever"),
        ((Halving(), 0), ValueError, "steps is 0; at least 1 was needed"),
        ((Halving(), 2.0), TypeError, r"steps is 2.0 of type float; a whole number"),
        ((Halving(), True), TypeError, "steps is True of type bool"),
        ((0.1, 5), TypeError, r"schedule is of type float; an object with rates"),
        (("cosine", 5), TypeError, "schedule is of type str"),
        (({}, 5), ValueError, "schedule is an empty dict"),
        (([],), ValueError, r"schedule gives rates of shape \(0,\)"),
        (([0.1, np.nan],), ValueError, "schedule gives nan at step 1; a finite rate"),
        (({"a": [[1]]},), ValueError, r"schedule\['a'\] gives rates of shape \(1, 1\)"),
        ((lambda t: "x", 2), TypeError, "what schedule gives is of type list with str"),
    ],
)
def test_what_is_no_schedule_is_refused(arguments, kind, message):
    with pytest.raises(kind, match=f"^plot_lr_schedule: .*{message}"):
        plot_lr_schedule(*arguments)


def test_a_logarithmic_axis_needs_positive_rates():
    with pytest.raises(ValueError, match="gives 0 at step 1; a positive finite rate"):
        plot_lr_schedule([1, 0], log=True)


def test_a_rate_holds_for_its_step_and_no_line_slants():
    line = plot_lr_schedule([1.0, 1.0, 0.1, 0.1]).axes[0].lines[0]

    assert line.get_drawstyle() == "steps-post"
    assert line.get_xydata().tolist() == [[0, 1], [1, 1], [2, 0.1], [3, 0.1]]


def test_rates_that_always_change_are_stairs_only_while_they_can_be_seen():
    def style(rates):
        return plot_lr_schedule(rates).axes[0].lines[0].get_drawstyle()

    assert style(np.linspace(1, 0.1, 50)) == "steps-post"
    assert style(np.linspace(1, 0.1, 500)) == "default"
    assert style(np.repeat([1.0, 0.1, 0.01], 500)) == "steps-post"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"log": 1}, "log is 1 of type int; True or False was needed"),
        ({"log": "yes"}, "log is 'yes' of type str"),
        ({"xlabel": 3}, "xlabel is 3 of type int; a string was needed"),
    ],
)
def test_options_of_another_kind_are_refused(options, message):
    with pytest.raises(TypeError, match=f"^plot_lr_schedule: {message}"):
        plot_lr_schedule([1, 2], **options)
