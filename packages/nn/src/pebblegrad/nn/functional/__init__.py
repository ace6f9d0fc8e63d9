"""What layers and losses compute, as functions without state.

Reading order: `linear`, `rectifiers`, `activations`, `losses`.
"""

from . import _numpy_forwards  # noqa: F401  plugs itself in
from .activations import (
    gelu,
    glu,
    hardsigmoid,
    hardswish,
    log_softmax,
    logsigmoid,
    mish,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    tanh,
)
from .adaptive_pooling import adaptive_avg_pool2d, adaptive_max_pool2d
from .attention import attention_weights, scaled_dot_product_attention
from .columns import col2im, fold, im2col, im2patches, unfold
from .convolution import conv1d, conv2d, conv_transpose1d, conv_transpose2d
from .distances import (
    cosine_similarity,
    pairwise_distance,
)
from .dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
)
from .embedding import (
    embedding,
    one_hot,
)
from .interpolation import interpolate
from .linear import (
    bilinear,
    linear,
)
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cross_entropy,
    ctc_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    multi_margin_loss,
    nll_loss,
    poisson_nll_loss,
    smooth_l1_loss,
    triplet_margin_loss,
)
from .losses.regression import mse
from .normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    normalize,
    rms_norm,
)
from .pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from .positional import rotary_embedding, rotate_pairs, sinusoidal_positions
from .rectifiers import (
    celu,
    elu,
    hardtanh,
    leaky_relu,
    prelu,
    relu,
    relu6,
    selu,
)
from .recurrent import gru, lstm, rnn

__all__ = [
    "adaptive_avg_pool2d",
    "adaptive_max_pool2d",
    "alpha_dropout",
    "attention_weights",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "col2im",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "elu",
    "embedding",
    "fold",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "group_norm",
    "gru",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "im2col",
    "im2patches",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "lstm",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "mish",
    "mse",
    "mse_loss",
    "multi_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pairwise_distance",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "rnn",
    "rotary_embedding",
    "rotate_pairs",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "sinusoidal_positions",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
    "triplet_margin_loss",
    "unfold",
]
