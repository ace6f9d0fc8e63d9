"""Deep learning with single numbers, in pure Python: the first chapter.

A `Tensor` here is one number that remembers what it was computed from; `backward()`
walks back along that and leaves a gradient everywhere. Neurons, layers and training are
built from nothing else. It needs no other package.

Reading order: `tensor.py` (the whole engine), `dot.py`, `module.py`, `neuron.py`,
`layer.py`, `mlp.py` (what networks are made of), `activations.py`, `losses.py`,
`optimizer.py` (training), `majority.py` (something to learn), and `_graph.py`,
`_trace.py` and `_formulas.py` (the graph to look at). The README names the rest.
"""

from ._graph import GraphNode, graph, kept_gradients, values
from ._trace import Step, trace
from .activations import LeakyRelu, Relu, Sigmoid, Softmax, Tanh
from .dot import dot
from .layer import Layer, Linear
from .losses import cross_entropy, mse_loss
from .majority import binary_round, target_generator
from .mlp import MLP
from .module import Module
from .neuron import Neuron
from .optimizer import MiniOptimizer
from .tensor import Tensor

__all__ = [
    "MLP",
    "GraphNode",
    "Layer",
    "LeakyRelu",
    "Linear",
    "MiniOptimizer",
    "Module",
    "Neuron",
    "Relu",
    "Sigmoid",
    "Softmax",
    "Step",
    "Tanh",
    "Tensor",
    "binary_round",
    "cross_entropy",
    "dot",
    "graph",
    "kept_gradients",
    "mse_loss",
    "target_generator",
    "trace",
    "values",
]
