"""The explorer on real layers: every element that it opens has something to show."""

import json
import re

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.viz import explore


@pytest.mark.parametrize("cell", [nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_the_state_of_a_recurrent_cell_opens_into_a_graph_with_lines(cell, tmp_path):
    x = Tensor(np.random.default_rng(7).normal(size=(6, 3)).astype(np.float32))
    state = cell(3, 8, rng=0)(x)
    hidden = state[0] if isinstance(state, tuple) else state

    page = explore(hidden.sum(), tmp_path / "page.html")
    found = re.search(r'id="data">(.*?)</script>', page.read_text(), re.DOTALL)
    nodes = json.loads(found[1])["nodes"]

    (states,) = (n for n in nodes if (n["op"] or "").endswith("_states"))
    assert len(states["elements"]) == 12
    for view in states["elements"]:
        assert float(view["gradient"]) != 0
        assert any(i["edges"] and not i["isStill"] for i in view["inputs"])
