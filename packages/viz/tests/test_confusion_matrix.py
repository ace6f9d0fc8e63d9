import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_confusion_matrix


def matrix(figure):
    return np.asarray(figure.axes[0].images[0].get_array()).tolist()


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def names(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_rows_are_true_and_columns_predicted():
    figure = plot_confusion_matrix([0, 0, 0, 1, 2], [0, 1, 1, 1, 0])

    assert matrix(figure) == [[1, 2, 0], [0, 1, 0], [1, 0, 0]]
    assert texts(figure) == ["1", "2", "0", "0", "1", "0", "1", "0", "0"]
    assert figure.axes[0].get_ylabel() == "true"
    assert figure.get_suptitle() == "Confusion matrix: 40.0 % of 5 right"


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([0, 1, 1], [0, 1, 0]),
        (np.array([[0], [1], [1]]), np.float32([0, 1, 0])),
        ([False, True, True], [False, True, False]),
        (Tensor([0, 1, 1]), Tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])),
    ],
)
def test_classes_are_given_in_several_ways(y_true, y_pred):
    assert matrix(plot_confusion_matrix(y_true, y_pred)) == [[1, 0], [1, 1]]


def test_classes_may_be_any_whole_numbers():
    figure = plot_confusion_matrix([-1, 7], [7, 7])

    assert matrix(figure) == [[0, 1], [0, 1]]
    assert names(figure) == ["-1", "7"]


def test_scores_have_classes_that_nobody_has():
    assert len(matrix(plot_confusion_matrix([0], [[1.0, 0.0, 0.0]]))) == 3


def test_a_matrix_is_drawn_as_it_is():
    assert matrix(plot_confusion_matrix([[5, 1], [0, 3]])) == [[5, 1], [0, 3]]


@pytest.mark.parametrize(
    ("normalize", "expected"),
    [
        ("true", [[75, 25], [0, 0]]),
        ("pred", [[100, 100], [0, 0]]),
        ("all", [[75, 25], [0, 0]]),
    ],
)
def test_shares_are_per_cent_and_of_nothing_zero(normalize, expected):
    figure = plot_confusion_matrix([[3, 1], [0, 0]], normalize=normalize)

    assert matrix(figure) == expected
    assert texts(figure)[-1] == "0"


def test_classes_may_have_names():
    figure = plot_confusion_matrix([0, 1], [0, 1], class_names=["$cat$", "dog"])

    assert names(figure) == ["$cat$", "dog"]


def test_of_many_classes_no_numbers_are_written():
    figure = plot_confusion_matrix(np.arange(50), np.arange(50))
    figure.canvas.draw()

    assert texts(figure) == []
    assert len(names(figure)) == 25


def test_one_class_is_a_picture():
    assert matrix(plot_confusion_matrix([3], [3])) == [[1]]


def test_numbers_can_be_read_on_their_ground():
    figure = plot_confusion_matrix([[90, 1], [1, 90]])
    colors = [text.get_color() for text in figure.axes[0].texts]

    assert colors[0] == colors[3] == "white"
    assert colors[1] == colors[2] != "white"


def test_given_axes_are_drawn_into_without_a_scale():
    figure = Figure()
    axes = figure.add_subplot()

    assert plot_confusion_matrix([0], [0], ax=axes) is figure
    assert len(figure.axes) == 1


def test_classes_may_be_words():
    true, said = ["dog", "cat", "dog"], np.array(["dog", "dog", "cat"])
    figure = plot_confusion_matrix(true, said)
    names = [label.get_text() for label in figure.axes[0].get_xticklabels()]

    assert matrix(figure) == [[0, 1], [1, 1]]
    assert names == ["cat", "dog"]


def test_words_stand_in_the_order_of_class_names_and_of_the_scores():
    figure = plot_confusion_matrix(
        ["dog", "cat"], [[9, 0, 0], [0, 0, 9]], class_names=["dog", "fox", "cat"]
    )
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]

    assert matrix(figure) == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert names == ["dog", "fox", "cat"]


@pytest.mark.parametrize(
    ("arguments", "options", "kind", "message"),
    [
        (([0, 1], [0]), {}, ValueError, "2 classes of samples and y_pred has 1"),
        (([], []), {}, ValueError, "y_true is empty; at least one sample"),
        (([0, 1],), {}, ValueError, r"y_true has shape \(2,\), and y_pred is None"),
        ((np.zeros((2, 3)),), {}, ValueError, r"shape \(2, 3\), and y_pred is None"),
        ((np.zeros((2, 2)),), {}, ValueError, "the matrix holds only zeros"),
        (([[-1]],), {}, ValueError, "the matrix holds what is no count"),
        ((np.eye(2), [0, 1]), {}, ValueError, r"one-hot rows take .argmax\(axis=1\)"),
        (([0], [[np.nan, 1]]), {}, ValueError, "y_pred holds a score that is not fin"),
        (([0], [0.3]), {}, TypeError, r"y_pred holds 0.3; .*take \(p > 0.5\)"),
        (([0], ["a"]), {}, TypeError, "y_pred holds words and y_true does not"),
        ((["a", 0], ["a", "b"]), {}, TypeError, "y_true holds str and int; labels"),
        (
            (["a", "b"], [[1, 2, 3]] * 2),
            {},
            ValueError,
            r"y_true holds the words \['a', 'b'\] and y_pred has shape \(2, 3\)",
        ),
        (
            (["a"], ["a"]),
            {"class_names": ["b"]},
            ValueError,
            "there is a label 'a', and",
        ),
        (
            (["a"], ["a"]),
            {"class_names": ["a", "a"]},
            ValueError,
            "class_names names 'a' twice",
        ),
        (
            ([[1]], None, "a.png"),
            {},
            ValueError,
            "title is 'a.png' and filename is None",
        ),
        (([0], [np.nan]), {}, TypeError, "y_pred holds nan; whole numbers"),
        (
            ([0], [0]),
            {"normalize": True},
            TypeError,
            "normalize is True of type bool; 'true', 'pred' or 'all' was needed",
        ),
        (([0], [0]), {"class_names": ["a", "b"]}, ValueError, "has 2 entries for 1"),
    ],
)
def test_what_are_no_classes_is_refused(arguments, options, kind, message):
    with pytest.raises(kind, match=f"^plot_confusion_matrix: .*{message}"):
        plot_confusion_matrix(*arguments, **options)
