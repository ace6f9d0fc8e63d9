import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_attention


def ticks(axes):
    return [
        [label.get_text() for label in labels]
        for labels in (axes.get_yticklabels(), axes.get_xticklabels())
    ]


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (1, 1, 2, 3)], ids=str)
def test_one_head_is_one_image(rng, shape):
    weights = rng.random(shape)
    figure = plot_attention(Tensor(weights, requires_grad=True))
    shown = np.asarray(figure.axes[0].images[0].get_array())

    np.testing.assert_allclose(shown, weights.reshape(2, 3), rtol=1e-6)
    assert ticks(figure.axes[0]) == [["0", "1"], ["0", "1", "2"]]


def test_tokens_stand_at_queries_and_keys():
    axes = plot_attention(np.eye(2), ["$the$", "cat"]).axes[0]

    assert ticks(axes) == [["$the$", "cat"], ["$the$", "cat"]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("key", "query")


def test_keys_may_have_tokens_of_their_own():
    axes = plot_attention(np.ones((1, 2)), ["le"], key_tokens=["the", "a"]).axes[0]

    assert ticks(axes) == [["le"], ["the", "a"]]
    assert ticks(plot_attention(np.ones((1, 2)), ["le"]).axes[0]) == [
        ["le"],
        ["0", "1"],
    ]


def test_heads_are_panels_on_one_scale(rng):
    weights = rng.random((3, 4, 4))
    figure = plot_attention(weights, list("abcd"))
    panels = figure.axes[:3]

    assert [p.get_title(loc="left") for p in panels] == ["head 0", "head 1", "head 2"]
    assert {p.images[0].get_clim() for p in panels} == {(0, weights.max())}
    assert figure.get_suptitle() == "Attention, 3 heads"


def test_of_many_heads_and_tokens_some_are_shown():
    figure = plot_attention(np.ones((20, 90, 90)) / 90, range(90), max_heads=2)
    figure.canvas.draw()
    rows, columns = ticks(figure.axes[0])

    assert figure.get_suptitle() == "Attention, 20 heads (the first 2 are shown)"
    assert 5 < len(rows) < 45
    assert 5 < len(columns) < 45
    assert int(rows[2]) == 2 * int(rows[1])  # evenly thinned


def test_a_weight_that_is_not_a_number_is_said():
    figure = plot_attention([[np.nan, 1.0]])

    title = figure.get_suptitle().replace("\n", " ")
    assert title == "Attention (orange: 1 of 2 not finite)"


def test_weights_of_zero_are_a_picture():
    assert plot_attention([[0.0]]).axes[0].images[0].get_clim() == (0, 1)


def test_given_axes_are_drawn_into_or_divided():
    figure = Figure()
    first, second = figure.subplots(1, 2)
    plot_attention(np.eye(2), ax=first)
    plot_attention(np.ones((3, 2, 2)), ax=second)

    assert len(first.images) == 1
    assert len(second.child_axes) == 3
    assert len(figure.axes) == 2  # no scale beside them


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((np.ones(3),), ValueError, r"weights has shape \(3,\); weights of shape"),
        ((np.ones((2, 1, 3, 3)),), ValueError, r"of the 2 in the batch .*weights\[0\]"),
        ((np.ones((0, 3)),), ValueError, r"weights has shape \(0, 3\)"),
        (([[-1.0]],), ValueError, "weights holds -1; .*not the scores before softmax"),
        ((np.eye(2), ["a"]), ValueError, "tokens has 1 entries for 2 queries"),
        ((np.eye(2), "ab"), TypeError, "tokens is of type str; a list of 2 names"),
        (("a",), TypeError, "weights is of type str"),
    ],
)
def test_what_are_no_weights_is_refused(arguments, kind, message):
    with pytest.raises(kind, match=f"^plot_attention: .*{message}"):
        plot_attention(*arguments)
