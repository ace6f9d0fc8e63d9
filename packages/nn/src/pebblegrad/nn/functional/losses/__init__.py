"""Losses as functions of a prediction and a target.

Each gives one number, the mean over the batch, unless `reduction` says otherwise.
Targets may be Tensors or arrays and are taken in the dtype of the prediction. A target
whose shape is not the prediction's is refused, never broadcast: `(N, 1)` against `(N,)`
would compare every prediction with every target.
"""

from .binary import binary_cross_entropy, binary_cross_entropy_with_logits, hinge_loss
from .classification import cross_entropy, kl_div, multi_margin_loss, nll_loss
from .ctc import ctc_loss
from .pairs import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    triplet_margin_loss,
)
from .regression import (
    gaussian_nll_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_embedding_loss",
    "cross_entropy",
    "ctc_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "margin_ranking_loss",
    "mse_loss",
    "multi_margin_loss",
    "nll_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "triplet_margin_loss",
]
