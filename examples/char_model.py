"""Teach an LSTM to write sums in words, letter by letter, and let it write.

    python examples/char_model.py
    python examples/char_model.py --epochs 100 --seed 1

The text is all sums of two numbers from 0 to 20, "seven and five is twelve.", in a
random order; one sum in ten is left out to ask for later. The network reads one letter
at a time and guesses the next. It is told nothing of words or numbers: first it
spells, then it writes sentences, and then it begins to add. After 60 epochs a quarter
of the sums that it has never seen are right, where guessing would get one in forty.
"""

import argparse

import numpy as np

from pebblegrad.autograd import generator, manual_seed, no_grad
from pebblegrad.data import DataLoader
from pebblegrad.nn import LSTM, Embedding, Linear, Module, cross_entropy
from pebblegrad.optim import Adam

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
LETTERS = ".abcdefghijklmnopqrstuvwxyz -"  # the full stop is 0, and starts a text
NO_LETTER = -100  # what the losses leave out


def in_words(number: int) -> str:
    """Return the words for a number from 0 to 40."""
    if number < 20:
        return UNITS[number]
    tens, ones = ["twenty", "thirty", "forty"][number // 10 - 2], number % 10
    return f"{tens}-{UNITS[ones]}" if ones else tens


def sums() -> list[tuple[str, str]]:
    """Return every question and its answer, in a random order."""
    pairs = [
        (f"{in_words(a)} and {in_words(b)} is ", f"{in_words(a + b)}.")
        for a in range(21)
        for b in range(21)
    ]
    return [pairs[i] for i in generator().permutation(len(pairs))]


def as_numbers(pairs: list[tuple[str, str]]) -> np.ndarray:
    """Return a row of numbers for each sentence, filled up with NO_LETTER."""
    texts = [f".{question}{answer}" for question, answer in pairs]
    rows = np.full((len(texts), max(map(len, texts))), NO_LETTER)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = [LETTERS.index(letter) for letter in text]
    return rows


class Writer(Module):
    """Letters in, for each place the logits of the letter after it.

    Args:
        width: numbers that stand for a letter, and units of the LSTM.
    """

    def __init__(self, width: int) -> None:
        self.letters = Embedding(len(LETTERS), width)
        self.memory = LSTM(width, width, batch_first=True)
        self.guess = Linear(width, len(LETTERS))

    def forward(self, letters, state=None):
        """Map letters (N, T) to logits (N, T, K), and give the state after them."""
        out, state = self.memory(self.letters(letters), state)
        return self.guess(out), state


def write(model: Writer, start: str, most: int = 40) -> str:
    """Return what the network writes after `start`, up to a full stop."""
    written, state = "", None
    numbers = [LETTERS.index(letter) for letter in f".{start}"]
    with no_grad():
        while len(written) < most and not written.endswith("."):
            logits, state = model(np.array([numbers]), state)
            numbers = [int(logits.data[0, -1].argmax())]
            written += LETTERS[numbers[0]]
    return written


def main() -> None:
    """Learn, and write something after every few epochs."""
    parser = argparse.ArgumentParser(description="Teach an LSTM to add in words.")
    parser.add_argument("--epochs", type=int, default=60, help="(default: 60)")
    parser.add_argument("--seed", type=int, default=0, help="(default: 0)")
    options = parser.parse_args()

    manual_seed(options.seed)
    pairs = sums()
    known, asked = pairs[44:], pairs[:44]
    model = Writer(width=128)
    optimizer = Adam(model.parameters(), lr=3e-3)
    print(f"{len(known)} sums to learn from, {len(asked)} to be asked")

    rows = as_numbers(known)
    loader = DataLoader((rows,), 16, shuffle=True, rng=options.seed)
    for epoch in range(1, options.epochs + 1):
        losses = []
        for (batch,) in loader:
            logits, _ = model(np.maximum(batch[:, :-1], 0))
            loss = cross_entropy(logits.reshape(-1, len(LETTERS)), batch[:, 1:].ravel())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if epoch % 10 == 0 or epoch == options.epochs:
            question, _ = asked[epoch % len(asked)]
            print(
                f"epoch {epoch}: loss {np.mean(losses):.3f}; "
                f"{question}{write(model, question)}"
            )

    right = sum(write(model, question) == answer for question, answer in asked)
    print(f"{right} of {len(asked)} sums that it had not seen are right")


if __name__ == "__main__":
    main()
