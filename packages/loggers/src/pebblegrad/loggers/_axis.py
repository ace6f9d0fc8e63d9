"""An axis: where a value lies on it, which round numbers it bears, and their text.

Two neighbouring numbers of an axis must not read the same. So the decimals come from
their distance, not from their size: 0.693148 and 0.69315 need six, 0.2 and 0.4 one.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from pebblegrad.loggers._reporter import Number

MOST_DECIMALS = 17  # of a float64, in any notation
# So much shorter must powers of ten be, before they replace the usual notation.
WORTH_A_POWER = 3


@dataclass(frozen=True)
class Scale:
    """Where values lie between two ends of a line, evenly or by their logarithm.

    Example:
        >>> scale = Scale(0, 10, 100, 200)
        >>> scale.place(5), scale.ticks(3)
        (150.0, [0.0, 5.0, 10.0])
        >>> Scale(1, 100, 0, 200, logarithmic=True).place(10)
        100.0
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Coordinate of a value."""
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        if low == high:
            return (self.start + self.end) / 2
        if not math.isfinite(high - low):
            value, low, high = value / 2, low / 2, high / 2
        share = (value - low) / (high - low)
        return self.start + share * (self.end - self.start)

    def ticks(self, count: int) -> list[float]:
        """Round numbers in between, some `count` of them."""
        if self.logarithmic:
            first, last = math.log10(self.low), math.log10(self.high)
            every = max(1, round((last - first) / count))
            powers = range(math.floor(first), math.floor(last) + 1, every)
            within = (1, 2, 5) if last - first < 2 else (1,)
            round_ones = [m * 10.0**power for power in powers for m in within]
            return [t for t in round_ones if self.low <= t <= self.high] or [self.low]
        span = self.high - self.low
        if not 1e-300 < span < math.inf:  # one value, or two ends of all numbers
            return [self.low] if span == 0 else [self.low, self.high]
        exponent = math.floor(math.log10(span / count))
        multiple = next(
            (m for m in (1, 2, 5) if span / (m * 10.0**exponent) <= count), 10
        )
        step = multiple * 10.0**exponent
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        # More digits would show that 0.1 is none of the binary numbers.
        decimals = max(0, -exponent)
        ticks = {round(index * step, decimals) for index in range(first, last + 1)}
        margin = 1e-9 * span
        inside = [t for t in ticks if self.low - margin <= t <= self.high + margin]
        return sorted(inside) or [self.low]


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Texts of evenly spaced numbers, with as many decimals as tell them apart.

    Example:
        >>> tick_labels([0.0, 0.5, 1.0]), tick_labels([0.693148, 0.69315])
        (['0.0', '0.5', '1.0'], ['0.693148', '0.693150'])
        >>> tick_labels([0.0, 5e-9, 1e-8]), tick_labels([1e6, 1000002.0])
        (['0', '5e-9', '1e-8'], ['1000000', '1000002'])
    """
    if len(ticks) < 2:
        return [short(tick) for tick in ticks]
    distance = min(b / 2 - a / 2 for a, b in itertools.pairwise(ticks))
    plain = _exact(ticks, "f", distance)
    power = _exact(ticks, "e", distance)
    if plain and (not power or _width(plain) <= _width(power) + WORTH_A_POWER):
        return plain
    return power or [short(tick) for tick in ticks]


def _exact(ticks: Sequence[float], notation: str, distance: float) -> list[str]:
    """Texts with the fewest decimals that read as the numbers; none if none do."""
    for decimals in range(MOST_DECIMALS + 1):
        texts = [f"{tick:.{decimals}{notation}}" for tick in ticks]
        # Relative to their distance: a tick is as exact as its arithmetic.
        if all(
            abs(float(text) - tick) <= 1e-3 * distance
            for text, tick in zip(texts, ticks, strict=True)
        ):
            return texts if notation == "f" else [_without_zeros(t) for t in texts]
    return []


def _width(texts: Sequence[str]) -> int:
    return max(map(len, texts))


def _without_zeros(text: str) -> str:
    """Write 2.50e-09 as 2.5e-9."""
    mantissa, _, power = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    if float(mantissa) == 0:
        return "0"
    return f"{mantissa}e{int(power)}"


def short(number: Number) -> str:
    """Four digits, for a table.

    Example:
        >>> short(0.25), short(123456.0), short(1e-7), short(-0.0), short(2000)
        ('0.25', '1.235e5', '1e-7', '0', '2000')
    """
    if number == 0:
        return "0"
    if not math.isfinite(number):
        return str(number)
    if isinstance(number, int) and abs(number) < 10**7:
        return str(number)
    text = f"{number:.4g}"
    return _without_zeros(text) if "e" in text else text
