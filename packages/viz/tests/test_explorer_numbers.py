"""Arrays as text: exact, of any size and layout."""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.viz import explore
from pebblegrad.viz._explorer_numbers import Pool, number_text


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_number_is_read_back_as_it_was(dtype, rng):
    numbers = (rng.normal(size=200) * 10.0 ** rng.integers(-7, 4, 200)).astype(dtype)
    edges = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).tiny], dtype)

    for number in [*numbers, *edges]:
        again = dtype(number_text(number))

        assert np.array_equal(again, number, equal_nan=True)
        assert np.signbit(again) == np.signbit(number)


def test_odd_sizes_and_layouts_are_shown(tmp_path, read, array):
    base = np.arange(12.0).reshape(3, 4)
    base.flags.writeable = False
    values = {
        "none": np.zeros((0, 3)),
        "one": np.ones((1, 1, 1)),
        "number": np.float32(2.5),
        "view": base[:, ::-2],
        "bad": np.array([np.nan, np.inf, -np.inf]),
    }
    pool = Pool(64)
    places = {name: pool.add(value) for name, value in values.items()}

    for name, value in values.items():
        entry = pool.entries[places[name]]
        assert entry["shape"] == list(np.shape(value))
        np.testing.assert_array_equal(
            np.array(entry["texts"], value.dtype).reshape(value.shape), value
        )
    x = Tensor(np.zeros((0, 3)), requires_grad=True, label="x")
    data = read(explore(x.sum(), tmp_path / "page.html"))
    assert array(data, data["nodes"][0]["gradient"]).shape == (0, 3)
