import numpy as np
import pytest
from matplotlib.figure import Figure

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_decision_boundary
from pebblegrad.viz._decision_boundary import shades

X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
y = np.array([0, 1, 0, 1])


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def image(figure):
    return np.asarray(figure.axes[0].images[0].get_array())


def winners(figure):
    """Return which channel each place has least of: 0 is class 1's, 2 is class 0's."""
    return image(figure).argmax(axis=-1)


def borders(figure):
    """Return the points of all lines between classes."""
    paths = [c.get_paths() for c in figure.axes[0].collections if hasattr(c, "levels")]
    return np.concatenate([p.vertices for paths_ in paths for p in paths_])


def draw(model, labels=y, **options):
    return plot_decision_boundary(model, X, labels, **{"resolution": 21} | options)


@pytest.mark.parametrize(
    "model",
    [
        lambda x: x[:, 0] * 8 - 4,  # one logit
        lambda x: (x[:, :1] * 8 - 4).astype(np.float16),
        lambda x: np.stack([4 - 8 * x[:, 0], 0 * x[:, 0]], axis=1),  # two logits
        lambda x: 1 / (1 + np.exp(4 - 8 * x[:, 0])),  # one probability
        lambda x: np.stack([x[:, 0] < 0.5, x[:, 0] >= 0.5], axis=1).astype(float),
        lambda x: Tensor(x)[:, 0] * 8 - 4,
    ],
    ids=["logit", "column", "logits", "probability", "probabilities", "Tensor"],
)
def test_the_border_is_where_the_classes_are_equal(model):
    figure = draw(model)

    np.testing.assert_allclose(borders(figure)[:, 0], 0.5, atol=0.04)
    assert legend(figure) == ["0 (2 points)", "1 (2 points)"]
    assert (winners(figure)[:, 0] == 2).all()
    assert (winners(figure)[:, -1] == 0).all()


@pytest.mark.parametrize("dtype", [bool, np.int8, np.float32])
def test_labels_are_whole_numbers_of_any_kind(dtype):
    figure = draw(lambda x: (x[:, 0] > 0.5).astype(dtype))

    np.testing.assert_allclose(borders(figure)[:, 0], 0.5, atol=0.05)
    assert len(legend(figure)) == 2


def test_places_are_the_stronger_the_surer_the_model_is():
    shares = np.array([[[0.5, 0.5], [0.75, 0.25], [1.0, 0.0], [0.0, 1.0]]])
    colors = shades(shares)[0]

    assert colors[0].tolist() == [1, 1, 1]
    np.testing.assert_allclose(colors[1], (1 + colors[2]) / 2)
    np.testing.assert_allclose(colors[2], 1 - 0.5 * (1 - np.array([0, 114, 178]) / 255))
    assert colors[3].argmax() == 0


def test_three_classes_have_a_border_each_and_a_class_may_be_missing():
    figure = draw(lambda x: np.stack([-x[:, 0], x[:, 0] - 1, x[:, 1] - 5], axis=1))

    assert legend(figure)[2] == "2 (0 points)"
    assert len(figure.axes[0].images) == 1


def test_points_that_are_wrong_have_a_ring():
    figure = draw(lambda x: x[:, 0] - 0.5, [0, 1, 1, 1])
    rings = figure.axes[0].collections[-1]

    assert legend(figure)[-1] == "wrong (1 of 4)"
    assert rings.get_offsets().tolist() == [[0, 1]]
    assert len(rings.get_facecolors()) == 0


@pytest.mark.parametrize(
    "labels",
    [
        [[0], [1], [0], [1]],
        [0.0, 1.0, 0.0, 1.0],
        [False, True, False, True],
        [[1, 0], [0, 1], [1, 0], [0, 1]],
        Tensor([0, 1, 0, 1]),
    ],
)
def test_true_classes_are_given_in_several_ways(labels):
    assert legend(draw(lambda x: x[:, 0] - 0.5, labels)) == [
        "0 (2 points)",
        "1 (2 points)",
    ]


@pytest.mark.parametrize("labels", [[-1, 1, -1, 1], [3, 8, 3, 8]])
def test_one_score_tells_any_two_classes_apart(labels):
    low, high = sorted(set(labels))

    assert legend(draw(lambda x: x[:, 0] - 0.5, labels)) == [
        f"{low} (2 points)",
        f"{high} (2 points)",
    ]


def test_a_module_gets_tensors_in_evaluation_and_is_left_as_it_was(scaled):
    model = scaled([[-4.0, 0.0], [4.0, 0.0]], scaled(np.eye(2)))
    model.parts[0].training = False
    draw(model)

    assert set(model.seen) == {(Tensor, np.dtype("float32"), False)}
    assert (model.training, model.parts[0].training) == (True, False)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_method_of_a_module_runs_in_evaluation_too(scaled):
    class Classifier(scaled):
        def predict(self, x):
            return self(x).data.argmax(axis=1)

    model = Classifier([[-4.0, 0.0], [4.0, 0.0]])
    draw(model.predict)

    assert {training for _, _, training in model.seen} == {False}
    assert model.training


def test_after_an_error_a_module_is_in_training_again(scaled):
    model = scaled([[1.0, 0.0, 0.0]])

    with pytest.raises(ValueError, match="matmul"):
        draw(model)
    assert model.training


def test_a_function_gets_arrays_of_the_dtype_of_the_points_in_batches():
    seen = []

    def model(x):
        seen.append((type(x), x.dtype, len(x)))
        return x[:, 0] - 0.5

    plot_decision_boundary(model, np.float32(X), y, resolution=10, batch_size=40)

    assert seen == [(np.ndarray, np.float32, n) for n in (40, 40, 24)]


def test_a_score_that_is_not_finite_is_grey_and_said():
    figure = draw(lambda x: np.where(x[:, 0] > 0.5, np.nan, -1.5 - x[:, 1]))
    pixels = image(figure)

    np.testing.assert_allclose(pixels[:, -1], [[0.75, 0.77, 0.79]] * 21)
    assert "grey: no finite score, 47.6 %" in figure.get_suptitle()
    assert legend(figure)[-1] == "wrong (2 of 4)"


def test_a_model_without_a_border_is_a_picture():
    for model in (lambda x: 0 * x[:, 0] - 2.5, lambda x: x[:, 0] * np.nan):
        draw(model).canvas.draw()


def test_what_the_numbers_are_can_be_said():
    half = image(draw(lambda x: 0 * x[:, 0] + 0.25, output="logits"))[0, 0]
    quarter = image(draw(lambda x: 0 * x[:, 0] + 0.25, output="probabilities"))[0, 0]

    assert half.argmax() == 0  # sigmoid(0.25) is above a half: class 1
    assert quarter.argmax() == 2


def test_a_class_that_is_ruled_out_has_no_share():
    figure = draw(lambda x: np.stack([0 * x[:, 0], np.full(len(x), -np.inf)], axis=1))

    assert (winners(figure) == 2).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int64])
def test_points_of_any_kind_and_a_single_one_are_drawn(dtype):
    for points in (X.astype(dtype), X[:1].astype(dtype)):
        figure = plot_decision_boundary(
            lambda x: x[:, 0] - 0.5, points, [0] * len(points), resolution=5
        )
        figure.canvas.draw()

        assert legend(figure)[0].startswith(f"0 ({len(points)} point")


def test_words_can_be_chosen():
    figure = draw(
        lambda x: x[:, 0] - 0.5,
        title="$x$",
        class_names=["no", "yes"],
        xlabel="petal",
        ylabel="sepal",
    )

    assert figure.get_suptitle() == "$x$"
    assert legend(figure)[0] == "no (2 points)"
    assert figure.axes[0].get_xlabel() == "petal"


def test_given_axes_are_drawn_into():
    figure = Figure()
    axes = figure.subplots(1, 2)[1]

    assert draw(lambda x: x[:, 0] - 0.5, ax=axes) is figure
    assert len(axes.images) == 1


def score(x):
    return x[:, 0] - 0.5


@pytest.mark.parametrize(
    ("model", "points", "labels", "options", "message"),
    [
        (score, np.zeros((4, 3)), y, {}, r"X has shape \(4, 3\); .*plot_embedding"),
        (score, np.zeros((0, 2)), [], {}, r"X has shape \(0, 2\)"),
        (score, np.zeros(4), y, {}, r"X has shape \(4,\)"),
        (score, [[0, np.inf]], [0], {}, r"X\[0\] is \[0.0, inf\]; finite"),
        (score, X, [0, 1], {}, r"y has shape \(2,\); \(4,\) whole numbers"),
        (score, X, [0, 1, 0.5, 1], {}, "y holds 0.5"),
        (score, X, np.ones((4, 2)), {}, r"y has shape \(4, 2\) and is not one-hot"),
        (
            score,
            X,
            [0, 1, 2, 3],
            {},
            "one score .*tells two classes apart, and y holds 0,",
        ),
        (
            lambda x: x,
            X,
            [0, 1, 2, 1],
            {},
            "y holds the class 2 and the model gives sc",
        ),
        (
            lambda x: x[:3],
            X,
            y,
            {},
            r"returned shape \(3, 2\) for points of shape \(445",
        ),
        (lambda x: x.sum(), X, y, {}, r"model returned shape \(\)"),
        (
            score,
            X,
            y,
            {"output": "labels"},
            "'labels' and the model gives -0.65; whole",
        ),
        (lambda x: x, X, y, {"output": "labels"}, "gives 2 numbers for each point"),
        (score, X, y, {"output": "probabilities"}, "model gives -0.65; numbers from 0"),
        (lambda x: x, X, y, {"output": "probabilities"}, "gives -0.15; numbers from 0"),
        (score, X, y, {"output": "scores"}, "output is 'scores'; 'auto'"),
        (score, X, y, {"resolution": 1}, "resolution is 1; at least 2"),
        (score, X, y, {"margin": -1}, "margin is -1; at least 0"),
        (
            score,
            X,
            y,
            {"class_names": ["a"]},
            "class_names has 1 entries for 2 classes",
        ),
    ],
)
def test_shapes_and_values_that_do_not_fit_are_refused(
    model, points, labels, options, message
):
    with pytest.raises(ValueError, match=f"^plot_decision_boundary: .*{message}"):
        plot_decision_boundary(model, points, labels, **{"resolution": 21} | options)


@pytest.mark.parametrize(
    ("model", "labels", "message"),
    [
        (None, y, "model is of type NoneType, which cannot be called"),
        (
            lambda x: np.where(x[:, 0] > 0, "a", "b"),
            y,
            "model says 'b' and y holds num",
        ),
        (lambda x: None, y, "what model returned is of type NoneType"),
        (
            lambda x: x[:, 0],
            ["a", 0, "a", 0],
            "y holds str and int; labels of one kind were needed",
        ),
    ],
)
def test_kinds_that_do_not_fit_are_refused(model, labels, message):
    with pytest.raises(TypeError, match=f"^plot_decision_boundary: .*{message}"):
        plot_decision_boundary(model, X, labels)


def test_classes_may_be_words_and_scores_are_in_their_order():
    figure = draw(lambda x: np.stack([-x[:, 0], x[:, 0] - 1], 1), ["b", "a", "b", "a"])

    assert legend(figure)[:2] == ["a (2 points)", "b (2 points)"]


def test_a_model_may_say_words_as_those_of_scikit_learn_do():
    figure = draw(
        lambda x: np.where(x[:, 0] > 0.5, "right", "left"),
        np.where(X[:, 0] > 0.5, "right", "left"),
    )

    assert [entry.split()[0] for entry in legend(figure)] == ["left", "right"]
    assert set(np.unique(winners(figure))) == {0, 2}


def test_a_word_that_only_the_model_says_is_a_class_of_no_points():
    figure = draw(lambda x: np.where(x[:, 0] > 0.5, "b", "new"), ["a", "b", "a", "b"])

    assert legend(figure)[:3] == ["a (2 points)", "b (2 points)", "new (0 points)"]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"class_names": ["a"]},
            ValueError,
            "there is a label 'b', and class_names is",
        ),
        ({"class_names": "ab"}, TypeError, "class_names is of type str; a list of the"),
        (
            {"class_names": ["a", "b", "c"]},
            ValueError,
            "scores of 2 classes and the lab",
        ),
        ({"title": "a.png"}, ValueError, "title is 'a.png' and filename is None"),
        ({"margin": True}, TypeError, "margin is True of type bool; one finite number"),
        ({"xlabel": None}, TypeError, "xlabel is None of type NoneType; a string was"),
        ({"output": 1}, TypeError, "output is 1 of type int; 'auto', 'logits', 'prob"),
    ],
)
def test_words_and_options_that_do_not_fit_are_refused(options, kind, message):
    with pytest.raises(kind, match=f"^plot_decision_boundary: .*{message}"):
        draw(lambda x: x, ["a", "b", "a", "b"], **options)


def test_large_scores_are_no_labels():
    figure = draw(lambda x: (x[:, 0] - 0.5) * 1e200)

    assert legend(figure)[:2] == ["0 (2 points)", "1 (2 points)"]
