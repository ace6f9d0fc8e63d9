"""`table_arrays`: from columns to X, y and the names of the classes."""

import numpy as np
import pytest

from pebblegrad.data import table_arrays

COLUMNS = {
    "length": np.array([5.1, 7.0, 6.3]),
    "leaves": np.array([3, 4, 3]),
    "species": np.array(["setosa", "versicolor", "setosa"]),
    "price": np.array([0.5, 1.5, 2.5]),
}


def test_a_target_of_text_becomes_the_numbers_of_sorted_classes():
    X, y, classes = table_arrays(COLUMNS, target="species")

    np.testing.assert_allclose(X, [[5.1, 3, 0.5], [7, 4, 1.5], [6.3, 3, 2.5]])
    assert X.dtype == np.float32
    assert (y.tolist(), y.dtype) == ([0, 1, 0], np.int64)
    assert classes == ("setosa", "versicolor")


def test_a_target_of_numbers_stays_as_it_is():
    features = ["leaves", "length"]
    X, y, classes = table_arrays(COLUMNS, "leaves", features=["length"], dtype="f8")
    _, price, _ = table_arrays(COLUMNS, "price", features=features)

    assert (X.shape, X.dtype) == ((3, 1), np.float64)
    assert (y.tolist(), y.dtype, classes) == ([3, 4, 3], np.int64, ())
    assert price.dtype == np.float32


def test_a_table_without_rows_and_lists_as_columns_are_taken():
    X, y, classes = table_arrays({"a": [], "b": np.array([], str)}, "b")

    assert (X.shape, y.shape, classes) == ((0, 1), (0,), ())


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (
            {"target": "colour"},
            ValueError,
            "there is no column 'colour'; needed is one",
        ),
        (
            {"features": ["x"]},
            ValueError,
            "there is no column 'x'; needed is one of 'l",
        ),
        (
            {"features": []},
            ValueError,
            r"the features are \[\] and the target is 'spec",
        ),
        ({"features": ["species"]}, ValueError, "a target that is none of them"),
        (
            {"features": "length"},
            TypeError,
            "features is the string 'length'; needed i",
        ),
        (
            {"target": "price"},
            TypeError,
            "the feature 'species' has dtype <U10; needed",
        ),
        (
            {"dtype": int},
            ValueError,
            "table_arrays: dtype is int64; needed is a float ",
        ),
        (
            {"dtype": None},
            TypeError,
            "table_arrays: dtype is None; needed is a float d",
        ),
    ],
)
def test_wrong_arguments_are_named_with_what_was_needed(options, error, said):
    with pytest.raises(error, match=said):
        table_arrays(COLUMNS, **{"target": "species", **options})


def test_columns_that_differ_in_length_are_refused():
    with pytest.raises(
        ValueError, match=r"the column 'a' has shape \(1,\); needed is \(2"
    ):
        table_arrays({"a": [1], "b": [1, 2]}, "b")


def test_what_is_no_table_is_refused():
    with pytest.raises(
        TypeError, match="columns are of type str; needed is a dict of a"
    ):
        table_arrays("iris.csv", "species")
