import numpy as np
import pytest

from pebblegrad.viz._labels import numbered, order_of, read_words


class Column:
    """As a column of pandas."""

    def to_numpy(self):
        return np.array(["a", "b"], object)


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b"],
        ("a", "b"),
        np.array(["a", "b"]),
        np.array([["a"], ["b"]]),
        np.array(["a", "b"], object),
        Column(),
    ],
)
def test_words_come_in_any_list(values):
    assert read_words(values, "who", "y") == ["a", "b"]


@pytest.mark.parametrize("values", [[1, 2], np.ones(2), [], None, 3, "ab", [[1], [2]]])
def test_what_holds_no_words_is_left_to_others(values):
    assert read_words(values, "who", "y") is None


def test_words_are_counted_in_the_order_that_is_asked_for():
    assert order_of(["b", "a", "b"], None, "who") == ["a", "b"]
    order = order_of(["b", "a"], ("b", "c", "a"), "who")

    assert order == ["b", "c", "a"]
    assert numbered(["a", "b", "a"], order).tolist() == [2, 0, 2]


def test_what_are_no_labels_is_refused():
    with pytest.raises(TypeError, match=r"^who: y holds str and float and int; .*"):
        read_words(["a", 1, 2.0], "who", "y")
    with pytest.raises(ValueError, match=r"^who: y holds words and has shape \(1, 2\)"):
        read_words(np.array([["a", "b"]]), "who", "y")
