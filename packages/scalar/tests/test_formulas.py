import ast
import inspect

import pytest

from pebblegrad.scalar import Tensor, _formulas, graph
from pebblegrad.scalar import tensor as engine


@pytest.fixture
def forgotten():
    """Read the sources anew, in the test and after it."""
    caches = (_formulas.rule_for, _formulas._written)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_every_operation_that_the_engine_names_has_a_rule():
    named = {
        call.args[2].value
        for call in ast.walk(ast.parse(inspect.getsource(engine)))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Tensor"
        if len(call.args) > 2
        if isinstance(call.args[2], ast.Constant)
    }

    assert named | {"dot"} == set(_formulas._written())
    assert len(named) == 11


@pytest.mark.parametrize(
    ("op", "formulas"),
    [
        ("+", ("g", "g")),
        ("-", ("g", "-g")),
        ("/", ("g * (1 / y)", "g * (-out / y)")),
        ("tanh", ("g * (1 - out * out)",)),
        ("relu", ("g * (0 if x <= 0 else 1)",)),
        ("dot", ("g * y1", "g * y2", "g * x1", "g * x2")),
    ],
)
def test_a_formula_is_the_text_of_the_derivative(op, formulas):
    assert _formulas.rule_for(op, len(formulas)).formulas == formulas


def test_without_sources_a_graph_is_still_shown(monkeypatch, forgotten):
    def missing(_):
        raise OSError("could not get source code")

    monkeypatch.setattr(inspect, "getsource", missing)

    assert graph(Tensor(2.0) * 3)[-1].formulas == ("g * dx1", None)


def test_an_operation_of_somebody_else_s_under_one_of_our_names():
    assert _formulas.rule_for("relu", 3).formulas == ("g * dx1", "g * dx2", "g * dx3")
