"""Transforms: what happens to a batch between the data set and the model.

A transform takes the arrays of a whole batch and returns the new ones; it never writes
into what it is given. Most change the first array, X, and hand on the others. All that
is random in them comes from the `rng` of the call, so the same transform may serve any
number of threads and processes, and `DataLoader` can prepare the same batch twice.

The names and arguments are those of torchvision, where it has the thing; there, images
are transformed one by one, here all of a batch at once, each with draws of its own.

Reading order: `_transform` (what all share), `compose` (one after the other),
`normalize`, `flip` and `crop` (the simple ones), `affine` (rotating, shifting and
zooming by interpolation), `one_hot` and `mixup` (which change the targets).

Example:
    >>> from pebblegrad.data import DataLoader, load_digits, transforms
    >>> X, y, _, _ = load_digits(flat=False, one_hot=False)
    >>> augment = transforms.Compose(
    ...     [
    ...         transforms.RandomAffine(degrees=10, translate=(0.1, 0.1)),
    ...         transforms.Normalize(0.3, 0.4),
    ...         transforms.MixUp(alpha=0.2, num_classes=10),
    ...     ]
    ... )
    >>> loader = DataLoader((X, y), 64, shuffle=True, rng=0, transform=augment)
    >>> X_batch, y_batch = next(iter(loader))
    >>> X_batch.shape, y_batch.shape
    ((64, 1, 8, 8), (64, 10))
"""

from pebblegrad.data.transforms._transform import Transform
from pebblegrad.data.transforms.affine import RandomAffine, RandomRotation
from pebblegrad.data.transforms.compose import Compose
from pebblegrad.data.transforms.crop import RandomCrop
from pebblegrad.data.transforms.flip import RandomHorizontalFlip, RandomVerticalFlip
from pebblegrad.data.transforms.mixup import MixUp
from pebblegrad.data.transforms.normalize import Normalize
from pebblegrad.data.transforms.one_hot import OneHot

__all__ = [
    "Compose",
    "MixUp",
    "Normalize",
    "OneHot",
    "RandomAffine",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomVerticalFlip",
    "Transform",
]
