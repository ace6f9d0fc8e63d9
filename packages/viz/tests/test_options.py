import numpy as np
import pytest

from pebblegrad.viz._options import check_text, check_word, read_flag


@pytest.mark.parametrize("value", [True, False, np.True_])
def test_a_switch_is_true_or_false(value):
    assert read_flag(value, "who", "log") is bool(value)


@pytest.mark.parametrize("value", [0, 1, 1.0, "yes", None, [True], np.ones(2)])
def test_what_is_no_switch_is_refused(value):
    with pytest.raises(TypeError, match=r"^who: log is .*; True or False was needed$"):
        read_flag(value, "who", "log")


def test_a_word_is_one_of_those_that_are_known():
    check_word("b", "who", "mode", ("a", "b"))
    with pytest.raises(ValueError, match=r"^who: mode is 'c'; 'a' or 'b' was needed$"):
        check_word("c", "who", "mode", ("a", "b"))
    with pytest.raises(TypeError, match=r"^who: mode is \['a'\] of type list; 'a' or"):
        check_word(["a"], "who", "mode", ("a", "b"))


def test_a_text_is_a_string():
    check_text("", "who", "xlabel")
    with pytest.raises(
        TypeError, match=r"^who: xlabel is None of type NoneType; a str"
    ):
        check_text(None, "who", "xlabel")
