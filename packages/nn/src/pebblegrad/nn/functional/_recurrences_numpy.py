"""The loops over time of `_recurrences.py` on NumPy's arrays: every step in buffers.

The formulas are those of the ops and their rules there, and the tests compare the two.
What differs is where the numbers go. A step of 32 sequences and 128 units is some
twenty passes over 16 KB, each less than a microsecond: what it costs to make an array
for each, to start a call, and to gather the parts of several arrays in one, is as much
again. So nothing is made inside of the loops: each pass writes into what the loop has.

    sigmoid(a) = (1 + tanh(a / 2)) / 2

lets one call of `tanh`, which NumPy computes eight or more numbers at a time, make all
the gates of a step, and it cannot overflow.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# The arrays are those of an op: of any float dtype.

import numpy as np

from pebblegrad.autograd import replaceable


def lstm_states(xp, projected, weight_hh, h=None, c=None, /):
    """The forward of the op `lstm_states`."""
    steps, batch, rows = projected.shape
    size = rows // 4
    weight = np.ascontiguousarray(weight_hh.T)
    out = _room(6, steps, (batch, size), (projected, weight_hh, h, c))
    out[0, 0] = 0 if h is None else h
    out[0, 1] = 0 if c is None else c
    half = np.array([0.5, 0.5, 1, 0.5], out.dtype).reshape(4, 1, 1)  # i, f, new, o
    rest = 1 - half
    a = np.empty((batch, rows), out.dtype)
    by_gate = a.reshape(batch, 4, size).transpose(1, 0, 2)  # the same memory
    entered = np.empty((batch, size), out.dtype)
    for t in range(steps):
        h, c, enter, forget, new, leave = out[t + 1]
        gates = out[t + 1, 2:]
        np.matmul(out[t, 0], weight, out=a)
        np.add(a, projected[t], out=a)
        gates[...] = by_gate
        gates *= half
        np.tanh(gates, out=gates)
        gates *= half
        gates += rest
        np.multiply(forget, out[t, 1], out=c)
        np.multiply(enter, new, out=entered)
        c += entered
        np.tanh(c, out=h)
        h *= leave
    return out


@replaceable
def lstm_gradients(g, out, weight_hh):
    """Return the gradients of all that went into the gates, of `h` and of `c`.

    Args:
        g: the gradient of ``out``.
        out: what `lstm_states` returned, shape (T + 1, 6, N, H).
        weight_hh: shape (4 * H, H).

    Returns:
        Shape (T, N, 4 * H), and (N, H) twice.
    """
    count, _, batch, size = out.shape
    dtype = np.result_type(g, out, weight_hh)
    da = np.empty((count - 1, batch, 4, size), dtype)
    slopes = np.empty((4, batch, size), dtype)
    tanh_c, dc_through_h = np.empty((2, batch, size), dtype)
    dh, dc = g[-1, 0].astype(dtype), g[-1, 1].astype(dtype)
    for t in reversed(range(count - 1)):
        _, c, enter, forget, new, leave = out[t + 1]
        gates = out[t + 1, 2:]
        np.tanh(c, out=tanh_c)
        np.multiply(tanh_c, tanh_c, out=dc_through_h)
        np.subtract(1, dc_through_h, out=dc_through_h)
        dc_through_h *= leave
        dc_through_h *= dh
        dc += dc_through_h

        np.subtract(1, gates, out=slopes)
        slopes *= gates  # of the sigmoids; that of tanh comes in its place
        np.multiply(new, new, out=slopes[2])
        np.subtract(1, slopes[2], out=slopes[2])
        slopes[0] *= new
        slopes[1] *= out[t, 1]
        slopes[2] *= enter
        slopes[3] *= tanh_c
        into = da[t].transpose(1, 0, 2)  # gate by gate, the same memory
        np.multiply(slopes[:3], dc, out=into[:3])
        np.multiply(slopes[3], dh, out=into[3])

        np.matmul(da[t].reshape(batch, 4 * size), weight_hh, out=dh)
        dh += g[t, 0]
        dc *= forget
        dc += g[t, 1]
    return da.reshape(count - 1, batch, 4 * size), dh, dc


def gru_states(xp, projected, weight_hh, h=None, bias_hh=None, /):
    """The forward of the op `gru_states`."""
    steps, batch, rows = projected.shape
    size = rows // 3
    weight = np.ascontiguousarray(weight_hh.T)
    out = _room(5, steps, (batch, size), (projected, weight_hh, h, bias_hh))
    out[0, 0] = 0 if h is None else h
    half = out.dtype.type(0.5)
    b = np.empty((batch, rows), out.dtype)
    by_gate = b.reshape(batch, 3, size).transpose(1, 0, 2)  # the same memory
    for t in range(steps):
        np.matmul(out[t, 0], weight, out=b)
        if bias_hh is not None:
            b += bias_hh
        h, reset, update, new, b_n = out[t + 1]
        b_n[...] = by_gate[2]
        gates = out[t + 1, 1:3]
        np.add(b[:, : 2 * size], projected[t, :, : 2 * size], out=b[:, : 2 * size])
        np.multiply(by_gate[:2], half, out=gates)
        np.tanh(gates, out=gates)
        gates *= half
        gates += half
        np.multiply(reset, b_n, out=new)
        new += projected[t, :, 2 * size :]
        np.tanh(new, out=new)
        np.subtract(out[t, 0], new, out=h)  # (1 - update) * new + update * h
        h *= update
        h += new
    return out


def gru_gradients(g, out, weight_hh):
    """Return the gradients of what went into the gates, from the input and from `h`.

    Args:
        g: the gradient of ``out``.
        out: what `gru_states` returned, shape (T + 1, 5, N, H).
        weight_hh: shape (3 * H, H).

    Returns:
        Shape (T, N, 3 * H) twice, and that of `h`, (N, H).
    """
    count, _, batch, size = out.shape
    dtype = np.result_type(g, out, weight_hh)
    da = np.empty((count - 1, batch, 3, size), dtype)
    db = np.empty_like(da)
    slope, product = np.empty((2, batch, size), dtype)
    dh = g[-1, 0].astype(dtype)
    for t in reversed(range(count - 1)):
        reset, update, new, b_n = out[t + 1, 1:]
        da_r, da_z, da_n = da[t].transpose(1, 0, 2)  # gate by gate, the same memory
        np.subtract(1, update, out=slope)
        slope *= dh
        np.multiply(new, new, out=product)
        np.subtract(1, product, out=product)
        np.multiply(slope, product, out=da_n)

        np.subtract(out[t, 0], new, out=product)
        product *= update
        np.multiply(slope, product, out=da_z)

        np.subtract(1, reset, out=slope)
        slope *= reset
        slope *= b_n
        np.multiply(slope, da_n, out=da_r)
        db[t] = da[t]
        db[t, :, 2] *= reset

        dh *= update
        dh += g[t, 0]
        dh += np.matmul(db[t].reshape(batch, 3 * size), weight_hh, out=product)
    shape = (count - 1, batch, 3 * size)
    return da.reshape(shape), db.reshape(shape), dh


def _room(count, steps, shape, operands):
    """Return room for `count` arrays of all steps, zeros before the first one."""
    dtype = np.result_type(*[array for array in operands if array is not None])
    out = np.empty((steps + 1, count, *shape), dtype)
    out[0] = 0
    return out
