"""Pictures of networks: how they are built, how they compute, how they learn.

`plot_computation_graph` draws the graph behind a Tensor, `plot_network_architecture`
the layers of a network, `plot_training_history` its curves; the other functions show
data, what a model makes of them, its weights and its gradients. Each returns a
matplotlib ``Figure``, needs no display, leaves nothing open in pyplot, and writes a
PNG, SVG or PDF when it is given a `filename` (`animate_training` a GIF). `explore`
writes a page on which the gradients are walked through, op by op, `graph_text` returns
the graph as text. matplotlib and networkx are imported by the first call that draws,
not by the import of this package.

Reading order: `_neuron.py` (a picture at its simplest), `_functions.py`, `_arrays.py`,
`_options.py`, `_labels.py`, `_models.py` and `_axes.py` (what such pictures share),
`_mosaic.py` (many small images); then any file that is called as its function.
`_history.py` and `_curves.py`; `_architecture.py` and `_layers.py` (what is read from a
model), `_layer_blocks.py`, `_layer_run.py` and `_layer_diagram.py` (a model as boxes);
`_graph_reading.py`, `_graph_parts.py` and `_graph_folding.py` (what is shown of a
graph), `_graph_text.py`; `_computation_graph.py`, `_boxes.py` (what stands in the
boxes), `_layered.py` and `_stacking.py` (where boxes and lines go); `_explorer.py`,
`_explorer_data.py` and the folder `explorer/` (the page); `_paper.py` (figures and
text), `_settings.py` (those of matplotlib), `_target.py` (files), `_colors.py`.
"""

from pebblegrad.viz._activations import plot_activations
from pebblegrad.viz._animation import animate_training
from pebblegrad.viz._architecture import plot_network_architecture
from pebblegrad.viz._attention import plot_attention
from pebblegrad.viz._computation_graph import plot_computation_graph
from pebblegrad.viz._confusion_matrix import plot_confusion_matrix
from pebblegrad.viz._decision_boundary import plot_decision_boundary
from pebblegrad.viz._embedding import plot_embedding
from pebblegrad.viz._explorer import explore
from pebblegrad.viz._feature_maps import plot_feature_maps
from pebblegrad.viz._filters import plot_filters
from pebblegrad.viz._gradient_flow import plot_gradient_flow
from pebblegrad.viz._graph_text import graph_text
from pebblegrad.viz._history import plot_training_history
from pebblegrad.viz._images import plot_images
from pebblegrad.viz._loss_surface import plot_loss_surface
from pebblegrad.viz._lr_schedule import plot_lr_schedule
from pebblegrad.viz._neuron import plot_neuron
from pebblegrad.viz._weight_histograms import plot_weight_histograms

__all__ = [
    "animate_training",
    "explore",
    "graph_text",
    "plot_activations",
    "plot_attention",
    "plot_computation_graph",
    "plot_confusion_matrix",
    "plot_decision_boundary",
    "plot_embedding",
    "plot_feature_maps",
    "plot_filters",
    "plot_gradient_flow",
    "plot_images",
    "plot_loss_surface",
    "plot_lr_schedule",
    "plot_network_architecture",
    "plot_neuron",
    "plot_training_history",
    "plot_weight_histograms",
]
