import numpy as np
import pytest

from pebblegrad.autograd import Tensor, is_grad_enabled
from pebblegrad.viz._models import evaluation, input_for, named_parameters


def test_parameters_are_found_in_several_ways(scaled):
    model = scaled([[1.0]])
    names = ["weight", "bias"]

    assert [name for name, _ in named_parameters(model, "who")] == names
    assert named_parameters(dict(model.named_parameters()), "who")[0][0] == "weight"
    assert named_parameters(iter(model.parameters()), "who")[1][0] == "parameter 1"


def test_each_part_gets_its_own_mode_back(scaled):
    model = scaled([[1.0]], scaled([[1.0]]), scaled([[1.0]]))
    model.parts[1].training = False

    with pytest.raises(ZeroDivisionError), evaluation(model):
        inside = [module.training for module in model.modules()]
        recording = is_grad_enabled()
        raise ZeroDivisionError

    assert inside == [False] * 3
    assert not recording
    assert [module.training for module in model.modules()] == [True, True, False]
    assert is_grad_enabled()


def test_a_module_gets_tensors_and_a_function_arrays(scaled):
    array = np.zeros((2, 2))
    given = input_for(scaled([[1.0]]), "who")(array)

    assert type(given) is Tensor
    assert given.dtype == np.float32  # as its weights
    assert input_for(lambda x: x, "who")(array) is array


def test_a_module_of_another_framework_is_told(scaled):
    model = scaled([[1.0]])
    model.parameters = lambda: [np.ones(2)]

    with pytest.raises(
        TypeError, match=r"^who: the parameters of the Scaled are of typ"
    ):
        input_for(model, "who")
