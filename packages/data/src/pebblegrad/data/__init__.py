"""Data for training: MNIST, digits without a network, data sets and loaders.

NumPy arrays in, NumPy arrays out; nothing here knows what a Tensor is.

Reading order: `loader` (batches, the part that a training loop sees), `dataset` (arrays
that belong together), `labels` (class numbers and one-hot rows), `mnist` and `digits`
(the data sets, a table and a few lines each), `idx` (the file format that they share).
The machinery below them: `_images` (pixels to inputs), `_cache` (which file is
trusted), `_download` (mirrors), `_inflate` (no more than expected), `_rng` (seeds).

Importing this package costs what NumPy costs: pooch and tqdm are imported only when a
file has to be looked up or downloaded.
"""

from pebblegrad.data.dataset import ArrayDataset, Dataset
from pebblegrad.data.digits import load_digits
from pebblegrad.data.idx import read_idx
from pebblegrad.data.labels import one_hot
from pebblegrad.data.loader import DataLoader
from pebblegrad.data.mnist import load_mnist

__all__ = [
    "ArrayDataset",
    "DataLoader",
    "Dataset",
    "load_digits",
    "load_mnist",
    "one_hot",
    "read_idx",
]
