"""What may be asked and set."""

import operator

try:
    from . import _native
except ImportError as error:
    raise ImportError(
        "pebblegrad.kernels: the compiled module _native is missing or not for this "
        "Python; install pebblegrad-kernels again, or in a checkout run "
        "packages/kernels/build_native.py"
    ) from error

MOST = 64  # threads


def threads() -> int:
    """Return how many threads share the work of a kernel, the caller's included.

    At first it is the number of cores that the process may use, 16 at most.

    Example:
        >>> threads() >= 1
        True
    """
    return _native.threads()


def set_threads(count: int) -> None:
    """Let kernels share their work among so many threads, in the whole process.

    Results stay the same to the bit.

    Args:
        count: from 1 to 64.

    Raises:
        TypeError: if it is no integer.
        ValueError: if it is out of range.

    Example:
        >>> before = threads()
        >>> set_threads(1)
        >>> threads()
        1
        >>> set_threads(before)
    """
    try:
        number = operator.index(count)
    except TypeError:
        raise TypeError(
            f"set_threads: count is {count!r}; an integer from 1 to {MOST} is needed"
        ) from None
    if not 1 <= number <= MOST:
        raise ValueError(f"set_threads: count is {number}; 1 to {MOST} is needed")
    _native.set_threads(number)


def instructions() -> str:
    """Return what the kernels were made for: "avx512", "avx2" or "portable".

    The first of these that the processor has; "portable" is what the compiler makes for
    every processor of its kind, on arm64 with NEON.

    Example:
        >>> instructions() in ("avx512", "avx2", "portable")
        True
    """
    return _native.instructions()
