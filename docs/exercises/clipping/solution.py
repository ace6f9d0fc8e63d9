"""Gradients that are too long, shortened together."""

import numpy as np


def clip(parameters, max_norm):
    """Shorten the gradients so that their common norm is at most ``max_norm``."""
    gradients = [p.grad.data for p in parameters if p.grad is not None]
    norm = float(np.sqrt(sum(np.sum(g * g) for g in gradients)))
    if norm > max_norm:
        for g in gradients:
            g *= max_norm / norm
    return norm
