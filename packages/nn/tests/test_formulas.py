"""The formulas that pictures of a network show: mathematics, or words beside it."""

import ast
import builtins
import importlib
import pkgutil
import re

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Op, Tensor, graph, ops
from pebblegrad.nn import functional as F


def modules():
    """Return all modules in which ops are declared."""
    for package in (ops, F):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def declared_ops():
    """Return each op once, by name."""
    found = {}
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, Op):
                found[f"{value.__module__}.{value.__name__}"] = value
    return found


def tensor(rng, *shape):
    return Tensor(rng.normal(size=shape).astype(np.float32), requires_grad=True)


def rules(result):
    """Return the formulas of a graph: by op, those of its inputs that have one."""
    return {
        node.op: {
            name: formula
            for name, formula in zip(node.inputs, node.formulas, strict=True)
            if formula is not None
        }
        for node in graph(result)
        if node.kind == "op"
    }


def test_no_op_has_a_name_that_only_its_file_knows():
    names = [op.__name__ for op in declared_ops().values()]

    assert len(names) > 100
    assert [name for name in names if name.startswith("_")] == []


@pytest.mark.parametrize("op", declared_ops().values(), ids=lambda op: op.__name__)
def test_every_function_in_a_formula_is_public_and_explained(op):
    from pebblegrad.autograd._formula import formula, helpers

    for rule in op.rules.values():
        words = helpers(rule.function)
        for call in ast.walk(ast.parse(formula(rule.function))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                name = call.func.id
                assert not name.startswith("_")
                assert hasattr(builtins, name) or re.match(
                    r"\S.+", words[name].sentence
                ), name


def test_a_linear_layer_shows_products_of_matrices(rng):
    found = rules(nn.Linear(3, 2, rng=0)(tensor(rng, 4, 3)))

    assert found["linear"] == {
        "x": "matrix_product(g, weight)",
        "weight": "matrix_product(as_rows(g).mT, as_rows(x))",
        "bias": "g",
    }


def test_pooling_has_the_names_of_the_field(rng):
    x = tensor(rng, 1, 2, 4, 4)

    assert rules(F.max_pool2d(x, 2))["max_pool"] == {
        "x": "max_unpool(g, argmax_pool(x, out, windows), windows)"
    }
    assert rules(F.avg_pool2d(x, 2))["sum_pool"] == {"x": "sum_unpool(g, windows)"}


def test_the_gate_of_gelu_is_called_what_it_is(rng):
    x = tensor(rng, 3)

    assert "normal_cdf" in rules(F.gelu(x))
    assert "normal_cdf_by_tanh" in rules(F.gelu(x, "tanh"))


def test_activations_and_losses_show_what_a_book_shows(rng):
    x = tensor(rng, 2, 3)

    assert rules(x.tanh())["tanh"] == {"x": "g * (1 - out * out)"}
    assert rules(x.sigmoid())["sigmoid"] == {"x": "g * (out * (1 - out))"}
    assert rules(x.relu())["relu"] == {"x": "where_positive(g, out)"}
    assert rules(F.log_softmax(x))["log_softmax"] == {
        "x": "g - xp.exp(out) * xp.sum(g, axis=dim, keepdims=True)"
    }
