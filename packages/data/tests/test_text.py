"""`CharVocabulary` and `windows`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pebblegrad.data import CharVocabulary, windows

# Lone halves of surrogate pairs too: a Python string may hold them.
TEXT = st.text(st.characters(exclude_categories=()), min_size=1)


@given(TEXT)
def test_what_is_encoded_is_decoded_to_the_same_text(text):
    vocabulary = CharVocabulary(text)

    numbers = vocabulary.encode(text)

    assert numbers.dtype == np.int64
    assert numbers.shape == (len(text),)
    assert set(numbers) == set(range(len(vocabulary)))
    assert vocabulary.decode(numbers) == text


def test_characters_are_numbered_in_their_order_and_several_texts_make_one_alphabet():
    vocabulary = CharVocabulary(["bag\n", "ä😀", ""])

    assert vocabulary.characters == "\nabgä😀"
    assert len(vocabulary) == 6
    assert vocabulary.encode("😀a\n").tolist() == [5, 1, 0]
    assert "ä" in vocabulary
    assert "c" not in vocabulary
    assert "ab" not in vocabulary
    assert 3 not in vocabulary


def test_the_empty_text_is_encoded_and_decoded():
    vocabulary = CharVocabulary("a")

    assert vocabulary.encode("").shape == (0,)
    assert vocabulary.decode([]) == ""


def test_what_is_encoded_may_be_written_into():
    numbers = CharVocabulary("ab").encode("ab")
    numbers[0] = 1

    assert numbers.tolist() == [1, 1]


def test_a_long_vocabulary_is_shown_shortened():
    vocabulary = CharVocabulary("".join(map(chr, range(33, 133))))

    assert repr(CharVocabulary("ba")) == "CharVocabulary('ab')"
    assert repr(vocabulary).endswith("... 40 more)")


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: CharVocabulary(""), ValueError, "the text has no characters; needed"),
        (lambda: CharVocabulary([]), ValueError, "the text has no characters; needed"),
        (lambda: CharVocabulary(3), TypeError, "text is of type int; needed is a str"),
        (
            lambda: CharVocabulary(["a", 3]),
            TypeError,
            r"text\[1\] is of type int; need",
        ),
        (lambda: CharVocabulary(b"ab"), TypeError, r"text\[0\] is of type int; needed"),
        (
            lambda: CharVocabulary("ab").encode("abc"),
            ValueError,
            r"text\[2\] is 'c'; n",
        ),
        (
            lambda: CharVocabulary("b").encode("a"),
            ValueError,
            "needed are the 1 charac",
        ),
        (lambda: CharVocabulary("a").encode(["a"]), TypeError, "text is of type list"),
        (
            lambda: CharVocabulary("a").decode([0, 1]),
            ValueError,
            r"indices\[1\] is 1; ",
        ),
        (
            lambda: CharVocabulary("a").decode([-1]),
            ValueError,
            r"indices\[0\] is -1; n",
        ),
        (
            lambda: CharVocabulary("a").decode([0.0]),
            TypeError,
            "indices have dtype flo",
        ),
        (lambda: CharVocabulary("a").decode([[0]]), ValueError, r"have shape \(1, 1\)"),
        (
            lambda: CharVocabulary("a").decode(0),
            ValueError,
            r"have shape \(\); needed ",
        ),
    ],
)
def test_wrong_texts_and_numbers_are_named_with_what_was_needed(call, error, said):
    with pytest.raises(error, match=said):
        call()


@given(
    st.integers(0, 30), st.integers(1, 10), st.integers(1, 12), st.sampled_from("fi")
)
def test_every_target_is_what_follows_in_the_sequence(size, length, step, kind):
    sequence = np.arange(size, dtype=kind)

    x, y = windows(sequence, length, step=step)

    starts = range(0, size - length, step)
    assert x.shape == y.shape == (len(starts), length)
    assert x.dtype == y.dtype == sequence.dtype
    for row, start in enumerate(starts):
        np.testing.assert_array_equal(x[row], sequence[start : start + length])
        np.testing.assert_array_equal(y[row], x[row] + 1)


def test_windows_copy_nothing_and_cannot_be_written_into():
    sequence = np.arange(1_000_000)

    x, y = windows(sequence, 1000)

    assert np.shares_memory(x, sequence)
    for array in (x, y, *windows(sequence[:3], 9)):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_a_batch_of_windows_is_a_copy_of_its_own():
    x, _ = windows(np.arange(10), 3)

    batch = x[np.array([0, 5])]
    batch[:] = 7

    assert x[0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (([1, 2], 0), ValueError, "windows: length is 0; needed is at least 1"),
        (([1, 2], 1.0), TypeError, "windows: length is 1.0; needed is an integer"),
        (([[1, 2]], 1), ValueError, r"sequence has shape \(1, 2\); needed is one axi"),
        ((7, 1), ValueError, r"sequence has shape \(\); needed is one axis"),
        (("abc", 1), TypeError, "sequence is a string; needed are numbers; encode it"),
    ],
)
def test_wrong_sequences_and_lengths_are_refused(arguments, error, said):
    with pytest.raises(error, match=said):
        windows(*arguments)
    with pytest.raises(ValueError, match="windows: step is 0; needed is at least 1"):
        windows([1, 2, 3], 1, step=0)
