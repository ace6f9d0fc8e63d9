"""Teach a tiny GPT to sort digits, and look at what it looks at.

    python examples/transformer_tiny.py
    python examples/transformer_tiny.py --digits 10 --steps 3000

A text is a row of digits, an arrow, and the same digits in order: 52931847>12345789.
Two blocks of a decoder read it from left to right and guess each next letter from those
before it; nobody tells them what sorting is. Rows to be asked are kept out of training,
and an answer counts only if every digit of it is right. After 800 steps, half a
minute, more than 99 % of 1,000 new rows are. The folder `outputs/` then holds a picture
of the attention: which letters the network looks at while it writes.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from pebblegrad.autograd import Tensor, generator, manual_seed, no_grad
from pebblegrad.nn import (
    CausalDecoderLayer,
    Embedding,
    LayerNorm,
    LearnedPositionalEncoding,
    Linear,
    Module,
    Sequential,
    cross_entropy,
)
from pebblegrad.optim import AdamW, CosineAnnealingLR, WarmupLR, clip_grad_norm_
from pebblegrad.viz import plot_attention

LETTERS = "0123456789>"
ARROW = LETTERS.index(">")


class TinyGPT(Module):
    """Letters in, for each place the logits of the letter after it.

    Args:
        length: letters of the longest text.
        width: numbers that stand for a letter.
        heads: of each attention.
        blocks: how many follow each other.
    """

    def __init__(self, length: int, width: int, heads: int, blocks: int) -> None:
        self.letters = Embedding(len(LETTERS), width)
        self.places = LearnedPositionalEncoding(length, width, batch_first=True)
        self.blocks = Sequential(
            *[
                CausalDecoderLayer(
                    width, heads, dropout=0.0, activation="relu", batch_first=True
                )
                for _ in range(blocks)
            ]
        )
        self.norm = LayerNorm(width)
        self.guess = Linear(width, len(LETTERS))

    def forward(self, letters: np.ndarray) -> Tensor:
        """Map letters (N, T) to logits (N, T, K)."""
        x = self.places(self.letters(letters))
        return self.guess(self.norm(self.blocks(x)))


def texts(rows: np.ndarray) -> np.ndarray:
    """Return rows of digits (N, D), each with an arrow and its answer: (N, 2 D + 1)."""
    arrows = np.full((len(rows), 1), ARROW)
    return np.concatenate([rows, arrows, np.sort(rows, axis=1)], axis=1)


def write(model: TinyGPT, rows: np.ndarray) -> np.ndarray:
    """Return what the network writes after rows of digits (N, D) and the arrow: (N, D).

    Letter by letter: each is the most likely one, and is read before the next.
    """
    text = texts(rows)[:, : rows.shape[1] + 1]
    with no_grad():
        for _ in range(rows.shape[1]):
            letters = model(text).data[:, -1].argmax(axis=1)
            text = np.concatenate([text, letters[:, None]], axis=1)
    return text[:, rows.shape[1] + 1 :]


def main() -> None:
    """Learn, ask, look."""
    parser = argparse.ArgumentParser(description="Teach a tiny GPT to sort digits.")
    add = parser.add_argument
    add("--digits", type=int, default=8, help="of a row (default: 8)")
    add("--steps", type=int, default=800, help="(default: 800)")
    add("--seed", type=int, default=0, help="(default: 0)")
    add("--out", type=Path, default=Path("outputs"), help="(default: outputs)")
    options = parser.parse_args()

    manual_seed(options.seed)
    draw, digits = generator(), options.digits
    model = TinyGPT(length=2 * digits, width=64, heads=4, blocks=2)
    optimizer = AdamW(model, lr=3e-3, weight_decay=0.01)
    fall = CosineAnnealingLR(optimizer, max(options.steps - 100, 1))
    schedule = WarmupLR(optimizer, 100, after=fall)

    place_values = 10 ** np.arange(digits)
    asked = draw.integers(0, 10, (1000, digits))
    numbers_asked = np.unique(asked @ place_values)

    started = time.perf_counter()
    for step in range(1, options.steps + 1):
        rows = draw.integers(0, 10, (64, digits))
        rows = rows[~np.isin(rows @ place_values, numbers_asked)]
        text = texts(rows)
        logits = model(text[:, :-1])[:, digits:]  # the guesses from the arrow on
        answers = text[:, digits + 1 :]
        loss = cross_entropy(logits.reshape(-1, len(LETTERS)), answers.ravel())
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 200 == 0 or step == options.steps:
            right = share_right(model, asked[:100])
            print(
                f"step {step}: loss {loss.item():.4f}; right of 100 new rows: "
                f"{right:.0%}; {show(model, asked[step % len(asked)])}"
            )
    seconds = time.perf_counter() - started
    right = share_right(model, asked)
    print(f"{right:.1%} of 1000 new rows are sorted without a mistake, {seconds:.0f} s")

    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "transformer_tiny.png"
    picture(model, asked[0], path)
    print(f"wrote {path}")


def share_right(model: TinyGPT, rows: np.ndarray) -> float:
    """Return the share of rows (N, D) that come back in order, every digit right."""
    same = write(model, rows) == np.sort(rows, axis=1)
    return float(same.all(axis=1).mean())


def show(model: TinyGPT, row: np.ndarray) -> str:
    """Return a row (D,) and what the network writes for it."""
    written = write(model, row[None])[0]
    return spell(row) + ">" + spell(written)


def spell(letters: np.ndarray) -> str:
    """Return the text that numbers of letters stand for."""
    return "".join(LETTERS[i] for i in letters)


def picture(model: TinyGPT, row: np.ndarray, path: Path) -> None:
    """Draw what the last block looks at while it writes the answer to a row (D,)."""
    digits = len(row)
    text = np.concatenate([row, [ARROW], write(model, row[None])[0]])[:-1]
    with no_grad():
        x = model.places(model.letters(text[None]))
        *before, last = model.blocks.layers
        for block in before:
            x = block(x)
        x = last.norm1(x)
        _, weights = last.self_attn(
            x, x, x, average_attn_weights=False, is_causal=True
        )  # (1, heads, T, T)
    plot_attention(
        weights.data[:, :, digits:],
        list(spell(text[digits:])),
        path,
        key_tokens=list(spell(text)),
        title="What each letter looks at (last block)",
    )


if __name__ == "__main__":
    main()
