import numpy as np
import pytest

from pebblegrad.viz import plot_feature_maps


@pytest.fixture
def model(scaled):
    return scaled([[3.0]], scaled([[2.0]]))


def arrays(figure):
    return [np.asarray(image.get_array()) for image in figure.axes[0].images]


@pytest.mark.parametrize("shape", [(4, 5), (1, 4, 5), (1, 1, 4, 5)], ids=str)
def test_the_maps_are_what_the_layer_gives(model, rng, shape):
    image = rng.random(shape).astype(np.float32)
    figure = plot_feature_maps(model, image, "part0")

    np.testing.assert_array_equal(arrays(figure), [2 * image.reshape(4, 5)])
    assert figure.axes[0].get_title() == "part0 (Scaled): 1 map of 4 × 5"


def test_a_layer_is_a_module_or_its_name(model, rng):
    image = rng.random((6, 4, 5)).astype(np.float32)

    np.testing.assert_array_equal(
        arrays(plot_feature_maps(model, image, model.parts[0])), 2 * image
    )
    np.testing.assert_allclose(
        arrays(plot_feature_maps(model, image, model)), 6 * image
    )


def test_the_model_is_left_as_it_was(model, rng):
    model.parts[0].training = False
    plot_feature_maps(model, rng.random((4, 4)), "part0")

    assert model.hooks == model.parts[0].hooks == ()
    assert (model.training, model.parts[0].training) == (True, False)
    assert model.seen[-1][2] is False  # it ran in evaluation
    assert all(parameter.grad is None for parameter in model.parameters())


def test_after_an_error_the_model_is_left_as_it_was(model):
    def fail(*_):
        raise ZeroDivisionError("in the model")

    model.parts[0].register_forward_hook(fail)
    with pytest.raises(ZeroDivisionError, match="in the model"):
        plot_feature_maps(model, np.zeros((4, 4)), model.parts[0])

    assert len(model.parts[0].hooks) == 1
    assert model.training


def test_a_hook_is_removed_as_pytorch_does_it_too(model):
    class Handle:
        def __init__(self, remove):
            self.remove = remove

    plain = model.register_forward_hook
    model.register_forward_hook = lambda hook: Handle(plain(hook))
    plot_feature_maps(model, np.zeros((4, 4)), model)

    assert model.hooks == ()


def test_what_is_left_out_is_said(model):
    figure = plot_feature_maps(model, np.zeros((5, 2, 2)), "part0", max_maps=3)

    assert len(figure.axes[0].images) == 3
    assert figure.axes[0].texts[-1].get_text() == "3 of 5 maps"


def test_a_layer_that_is_not_called_is_told(model, scaled):
    model.named_modules = lambda: [("", model), ("idle", scaled([[1.0]]))]

    with pytest.raises(
        RuntimeError, match=r"did not call idle \(Scaled\); a layer that"
    ):
        plot_feature_maps(model, np.zeros((4, 4)), "idle")


def test_a_layer_that_gives_no_maps_is_told(scaled):
    class Flat(scaled):
        def __call__(self, x):
            return super().__call__(x.reshape(1, -1)[:, :1])

    with pytest.raises(ValueError, match=r"Flat returned shape \(1, 1\); \(1, C, H, W"):
        model = Flat([[1.0]])
        plot_feature_maps(model, np.zeros((4, 4)), model)


@pytest.mark.parametrize(
    ("image", "layer", "kind", "message"),
    [
        (
            np.zeros((2, 1, 4, 4)),
            "part0",
            ValueError,
            r"image has shape \(2, 1, 4, 4\)",
        ),
        (np.zeros(4), "part0", ValueError, r"image has shape \(4,\); one image"),
        (np.zeros((0, 4)), "part0", ValueError, r"image has shape \(0, 4\)"),
        ("digit.png", "part0", TypeError, "image is of type str"),
        (np.zeros((4, 4)), "conv", ValueError, "layer is 'conv'; one of part0 was"),
        (np.zeros((4, 4)), 0, TypeError, "layer is of type int; a module of the model"),
    ],
)
def test_what_cannot_be_shown_is_refused(model, image, layer, kind, message):
    with pytest.raises(kind, match=f"^plot_feature_maps: .*{message}"):
        plot_feature_maps(model, image, layer)


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match="model is of type int, which cannot be called"):
        plot_feature_maps(3, np.zeros((4, 4)), "part0")
