import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.viz import plot_embedding
from pebblegrad.viz._embedding import principal_components


def places(figure):
    return [np.asarray(c.get_offsets()) for c in figure.axes[0].collections]


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_the_components_are_those_of_the_covariance(rng):
    points = rng.normal(size=(50, 6)) * [5, 1, 1, 3, 1, 1]
    found, shares = principal_components(points)
    values, directions = np.linalg.eigh(np.cov(points.T))
    expected = (points - points.mean(axis=0)) @ directions[:, [-1, -2]]

    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-12)
    np.testing.assert_allclose(shares, values[[-1, -2]] / values.sum())


def test_the_picture_does_not_depend_on_the_sign_of_the_decomposition(rng):
    points = rng.normal(size=(20, 3))
    found, _ = principal_components(points)
    directions = np.linalg.lstsq(points - points.mean(axis=0), found, rcond=None)[0]

    assert (directions[np.abs(directions).argmax(axis=0), [0, 1]] > 0).all()


def test_the_axes_say_how_much_they_hold(rng):
    figure = plot_embedding([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0], [3.0, 4.0]])
    axes = figure.axes[0]

    assert axes.get_xlabel() == "component 1 (64 % of variance)"
    assert axes.get_ylabel() == "component 2 (36 % of variance)"
    assert figure.get_suptitle() == "4 vectors of 2 numbers"
    assert axes.get_aspect() == 1


def test_groups_have_colours_markers_and_a_legend(rng):
    points = rng.normal(size=(6, 4)).astype(np.float32)
    figure = plot_embedding(points, [10, 2, 10, 2, 2, 10])
    all_places, _ = principal_components(points.astype(np.float64))

    assert legend(figure) == ["2", "10"]
    np.testing.assert_allclose(places(figure)[0], all_places[[1, 3, 4]])
    np.testing.assert_allclose(places(figure)[1], all_places[[0, 2, 5]])


@pytest.mark.parametrize(
    "labels", [["a", "b"], np.array([0.0, 1.0]), Tensor([0, 1]), [False, True]]
)
def test_labels_are_of_any_kind(labels):
    assert len(legend(plot_embedding(np.eye(2), labels))) == 2


def test_texts_stand_beside_their_points():
    figure = plot_embedding(np.eye(3), texts=np.array(["$a$", "b", "c"]))
    texts = figure.axes[0].texts

    assert [text.get_text() for text in texts] == ["$a$", "b", "c"]
    np.testing.assert_allclose([text.xy for text in texts], places(figure)[0])


@pytest.mark.parametrize(
    "vectors", [np.zeros((1, 5)), np.ones((4, 3)), np.zeros((3, 1)), np.eye(1)], ids=str
)
def test_points_that_do_not_differ_are_a_picture(vectors):
    figure = plot_embedding(vectors)
    figure.canvas.draw()

    assert not places(figure)[0].any()
    assert figure.axes[0].get_xlabel() == "component 1 (0 % of variance)"


def test_an_embedding_is_read_by_its_weight(scaled):
    figure = plot_embedding(scaled(np.eye(3)))

    assert len(places(figure)[0]) == 3


def test_rows_that_are_not_finite_are_left_out_and_said():
    vectors = np.array([[0.0, 1.0], [np.nan, 1.0], [1.0, 1.0]])
    figure = plot_embedding(vectors, ["a", "b", "c"], texts=["x", "y", "z"])

    assert legend(figure) == ["a", "c"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["x", "z"]
    assert figure.get_suptitle().endswith("(1 left out: not finite)")


@pytest.mark.parametrize(
    ("vectors", "options", "kind", "message"),
    [
        (np.ones(3), {}, ValueError, r"vectors has shape \(3,\); \(N, D\) was needed"),
        (np.ones((0, 3)), {}, ValueError, r"vectors has shape \(0, 3\)"),
        ([[np.nan]], {}, ValueError, "none of the 1 rows is finite"),
        (np.eye(2), {"labels": [1]}, ValueError, "labels has 1 entries for 2 points"),
        (np.eye(2), {"texts": ["a"]}, ValueError, "texts has 1 entries for 2 points"),
        (
            np.eye(30),
            {"labels": range(30)},
            ValueError,
            "labels names 30 groups; at most 20 .* texts=",
        ),
        ("words", {}, TypeError, "vectors is of type str"),
        (np.eye(2), {"labels": "ab"}, TypeError, "labels is of type str"),
    ],
)
def test_what_are_no_points_is_refused(vectors, options, kind, message):
    with pytest.raises(kind, match=f"^plot_embedding: .*{message}"):
        plot_embedding(vectors, **options)


def test_a_colour_that_comes_again_is_hollow():
    figure = plot_embedding(np.eye(9), [str(i) for i in range(9)])
    first, *_, again, _ = figure.axes[0].collections

    assert again.get_edgecolor().tolist() == first.get_facecolor().tolist()
    assert again.get_facecolor()[0].tolist() == [1, 1, 1, 1]


def test_words_of_numpy_are_groups():
    names = np.array(["dog", "cat", "dog"])

    assert legend(plot_embedding(np.eye(3), names)) == ["cat", "dog"]


def test_a_files_name_in_place_of_the_labels_is_told():
    with pytest.raises(
        TypeError, match=r"labels is of type str; .*; say filename='a.p"
    ):
        plot_embedding(np.eye(3), "a.png")


def test_numbers_of_any_size_are_drawn():
    for size in (1e-200, 1e90):
        figure = plot_embedding(np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]]) * size)
        figure.canvas.draw()

        assert "component 1 (9" in figure.axes[0].get_xlabel()
