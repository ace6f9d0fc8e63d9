"""Compiled kernels for pebblegrad: the same results, sooner.

There is nothing to call. Once installed, the kernels are found by an entry point and
take the place of NumPy in convolution, pooling, norms, the gradient of embeddings,
`relu`, SGD and Adam; without them all runs as before. Set the environment variable
PEBBLEGRAD_KERNELS to 0 to do without.

Reading order: `table`, `convolution`, then `c/convolution.inc` of the sources.
"""

from ._settings import instructions, set_threads, threads

__all__ = ["instructions", "set_threads", "threads"]
