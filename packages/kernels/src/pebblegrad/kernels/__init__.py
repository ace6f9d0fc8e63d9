"""Compiled kernels for pebblegrad: the same results, sooner.

There is nothing to call. Once installed, the kernels are found by an entry point and
take the place of NumPy in convolution, products of matrices, pooling, norms, softmax,
cross-entropy, the LSTM, activations, embeddings, SGD and Adam; without them all runs as
before. Set the environment variable PEBBLEGRAD_KERNELS to 0 to do without.

Reading order: `table`, `convolution`, then of the sources `c/kernels.h`, `c/call.c` and
`c/convolution.inc`.
"""

from ._settings import instructions, set_threads, threads

__all__ = ["instructions", "set_threads", "threads"]
