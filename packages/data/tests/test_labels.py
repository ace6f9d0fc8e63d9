"""`one_hot`."""

import numpy as np
import pytest

from pebblegrad.data import one_hot


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, ">i4"])
def test_each_row_has_a_single_one_at_its_class(dtype):
    rows = one_hot(np.array([2, 0, 2], dtype), 4)

    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, np.eye(4)[[2, 0, 2]])


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (0, 3)])
def test_the_shape_of_the_indices_is_kept_in_front(shape):
    rows = one_hot(np.ones(shape, int), 3, dtype=np.float64)

    assert rows.shape == (*shape, 3)
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows.argmax(axis=-1), np.ones(shape))


def test_an_empty_list_gives_no_rows():
    assert one_hot([], 3).shape == (0, 3)


def test_the_indices_may_be_read_only():
    indices = np.array([1, 0])
    indices.flags.writeable = False

    assert one_hot(indices, 2).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("indices", [[0.0, 1.0], [True, False], ["a"], [1j]])
def test_what_is_not_an_integer_is_refused(indices):
    name = np.asarray(indices).dtype
    with pytest.raises(TypeError, match=f"one_hot: indices have dtype {name}; needed"):
        one_hot(indices, 2)


@pytest.mark.parametrize(
    ("indices", "said"),
    [
        ([0, 3, 9], r"indices\[1\] is 3"),
        ([0, -1], r"indices\[1\] is -1"),
        ([[0, 1], [2, 5]], r"indices\[1, 1\] is 5"),
        (7, "indices is 7"),
    ],
)
def test_an_index_out_of_range_is_named_with_its_place(indices, said):
    with pytest.raises(ValueError, match=rf"one_hot: {said}; needed is 0 <= index < 3"):
        one_hot(indices, 3)


@pytest.mark.parametrize("num_classes", [2.0, True, None, "3"])
def test_a_number_of_classes_that_is_not_an_integer_is_refused(num_classes):
    with pytest.raises(
        TypeError, match=f"one_hot: num_classes is {num_classes!r}; nee"
    ):
        one_hot([0], num_classes)


def test_no_classes_are_refused():
    with pytest.raises(ValueError, match="num_classes is 0; needed is at least 1"):
        one_hot([], 0)


def test_the_number_of_classes_is_taken_from_the_indices_when_it_is_not_given():
    assert one_hot([[2, 0]]).tolist() == [[[0, 0, 1], [1, 0, 0]]]
    assert one_hot(0).tolist() == [1]


def test_no_indices_have_no_number_of_classes():
    with pytest.raises(
        ValueError, match=r"indices have shape \(0,\) and num_classes is not given; nee"
    ):
        one_hot([])


def test_a_negative_index_is_refused_though_the_number_of_classes_is_not_given():
    with pytest.raises(
        ValueError, match=r"one_hot: indices\[1\] is -1; needed is 0 <="
    ):
        one_hot([3, -1])


@pytest.mark.parametrize("dtype", [None, str, object, "M8[s]", "spam"])
def test_a_dtype_that_is_not_one_of_numbers_is_refused(dtype):
    with pytest.raises(
        TypeError, match=r"one_hot: dtype is .*; needed is a dtype of n"
    ):
        one_hot([0], 2, dtype=dtype)


def test_numpys_true_is_no_number_of_classes():
    with pytest.raises(
        TypeError, match=r"num_classes is np.True_; needed is an integer"
    ):
        one_hot([0], np.True_)
