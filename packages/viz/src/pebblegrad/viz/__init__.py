"""Pictures of networks: how they are built, how they compute, how they learn.

`plot_computation_graph` draws the graph behind a Tensor, `plot_network_architecture`
the layers of a network, `plot_training_history` its curves. Each returns a matplotlib
``Figure``, needs no display, leaves nothing open in pyplot, and writes a PNG, SVG or
PDF when it is given a `filename`. matplotlib and networkx are imported by the first
call, not by the import of this package.

Reading order: `_history.py` and `_curves.py`; `_architecture.py` and `_layers.py` (what
is read from a model); `_computation_graph.py`, `_boxes.py` (what stands in the boxes),
`_layered.py` and `_stacking.py` (where boxes and lines go); `_paper.py` (figures and
text), `_target.py` (files), `_colors.py`.
"""

from pebblegrad.viz._architecture import plot_network_architecture
from pebblegrad.viz._computation_graph import plot_computation_graph
from pebblegrad.viz._history import plot_training_history

__all__ = [
    "plot_computation_graph",
    "plot_network_architecture",
    "plot_training_history",
]
