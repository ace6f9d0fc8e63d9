"""Data for training: MNIST, digits without a network, data sets and loaders.

NumPy arrays in, NumPy arrays out; nothing here knows what a Tensor is.

Reading order: `loader` (batches, the part that a training loop sees), `dataset` (arrays
that belong together), `subset` and `splits` (parts of them), `sampling` (which samples,
and how often), `transforms` (what happens to a batch on its way), `labels` (class
numbers and one-hot rows).

Where data come from: `toys`, `toy_regression` and `majority` (made on the spot),
`digits` (in the package), `mnist`, `fashion_mnist`, `kmnist`, `emnist` and `cifar10`
(downloaded; a table and a few lines each), `csv_file` and `tables`, `image_folder`,
`text`, `npz`, `archives` (one's own files) and `idx` (the format of MNIST).

The machinery below them: `_images` (pixels to inputs), `_mnist_like` (four idx files),
`_columns` (fields to an array), `_toys` (the checks of the toy sets), `_cache` (which
file is trusted), `_download` (mirrors), `_inflate` and `_members` (no more than
expected, of a gzip file and of an archive), `_whole_file` (nothing half-written),
`_rng` (seeds), `_checks` (arguments that count something), `_calls` (how a transform is
called), `_epoch` (what an epoch follows from), `_prefetch` (a thread that works ahead).

The command ``pebblegrad-data``: `command`, over `_inventory` (what is in the cache).

Importing this package costs what NumPy costs: pooch and tqdm are imported only when a
file has to be looked up or downloaded.
"""

from pebblegrad.data import transforms
from pebblegrad.data.archives import extract_archive
from pebblegrad.data.cifar10 import load_cifar10
from pebblegrad.data.csv_file import read_csv, write_csv
from pebblegrad.data.dataset import ArrayDataset, Dataset
from pebblegrad.data.digits import load_digits
from pebblegrad.data.emnist import load_emnist
from pebblegrad.data.fashion_mnist import load_fashion_mnist
from pebblegrad.data.idx import read_idx, write_idx
from pebblegrad.data.image_folder import load_image_folder
from pebblegrad.data.kmnist import load_kmnist
from pebblegrad.data.labels import one_hot
from pebblegrad.data.loader import DataLoader
from pebblegrad.data.majority import majority_bits, target_generator
from pebblegrad.data.mnist import load_mnist
from pebblegrad.data.npz import read_npz
from pebblegrad.data.sampling import (
    BatchSampler,
    BucketSampler,
    Sampler,
    WeightedRandomSampler,
    balanced_weights,
)
from pebblegrad.data.splits import k_fold, random_split, stratified_split
from pebblegrad.data.subset import ConcatDataset, Subset, concat
from pebblegrad.data.tables import table_arrays
from pebblegrad.data.text import CharVocabulary, windows
from pebblegrad.data.toy_regression import make_regression
from pebblegrad.data.toys import (
    make_blobs,
    make_circles,
    make_moons,
    make_spirals,
    make_xor,
)

__all__ = [
    "ArrayDataset",
    "BatchSampler",
    "BucketSampler",
    "CharVocabulary",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Sampler",
    "Subset",
    "WeightedRandomSampler",
    "balanced_weights",
    "concat",
    "extract_archive",
    "k_fold",
    "load_cifar10",
    "load_digits",
    "load_emnist",
    "load_fashion_mnist",
    "load_image_folder",
    "load_kmnist",
    "load_mnist",
    "majority_bits",
    "make_blobs",
    "make_circles",
    "make_moons",
    "make_regression",
    "make_spirals",
    "make_xor",
    "one_hot",
    "random_split",
    "read_csv",
    "read_idx",
    "read_npz",
    "stratified_split",
    "table_arrays",
    "target_generator",
    "transforms",
    "windows",
    "write_csv",
    "write_idx",
]
