"""PyTorch's words for `ops/linalg.py`."""

from torch import linalg


def matrix_norm(x, ord="fro", keepdims=False):
    if 0 in x.shape[-2:]:  # PyTorch has only "fro" of nothing
        ord = "fro"
    return linalg.matrix_norm(x, ord, keepdim=keepdims)


THEIRS = {
    "inv": linalg.inv,
    "solve": linalg.solve,
    "det": linalg.det,
    "slogdet": linalg.slogdet,
    "cholesky": linalg.cholesky,
    "qr": linalg.qr,
    "eigh": linalg.eigh,
    "eigvalsh": linalg.eigvalsh,
    "svd": lambda x: linalg.svd(x, full_matrices=False),
    "svdvals": linalg.svdvals,
    "pinv": lambda x, rtol=None: linalg.pinv(x, rtol=rtol),
    "matrix_norm": matrix_norm,
}
