"""What all metrics have in common: batches, states, errors, what `fit` takes."""

import numpy as np
import pytest

from pebblegrad import nn, optim
from pebblegrad.autograd import Tensor
from pebblegrad.train import Checkpoint, evaluate, fit, metrics
from pebblegrad.train.metrics import (
    F1,
    MAE,
    MSE,
    R2,
    RMSE,
    Accuracy,
    ConfusionMatrix,
    Mean,
    MeanOf,
    Metric,
    Precision,
    Recall,
    TopK,
    as_metric,
)


def half_wrong(output, target):
    """Return the mean over a batch of what is no metric of ours."""
    return float(np.mean(np.asarray(output).argmax(axis=1) != target))


OF_CLASSES = [
    Accuracy,
    lambda: TopK(2),
    Precision,
    Recall,
    F1,
    lambda: F1(average="micro"),
    lambda: F1(average="weighted"),
    lambda: F1(average=None),
    lambda: ConfusionMatrix(4),
    lambda: MeanOf(half_wrong),
]
OF_NUMBERS = [MAE, MSE, RMSE, R2]


@pytest.fixture
def classes(rng):
    return rng.standard_normal((50, 4)), rng.integers(0, 4, 50)


@pytest.fixture
def numbers(rng):
    return rng.standard_normal((50, 3)), rng.standard_normal((50, 3))


def in_batches(metric, output, target, size):
    for start in range(0, len(target), size):
        metric.update(output[start : start + size], target[start : start + size])
    return metric.compute()


@pytest.mark.parametrize("make", OF_CLASSES)
@pytest.mark.parametrize("size", [1, 7, 49])
def test_uneven_batches_give_the_number_of_the_whole(make, classes, size):
    whole = in_batches(make(), *classes, 50)

    # The last digit of a sum of batch means may differ.
    np.testing.assert_allclose(in_batches(make(), *classes, size), whole, rtol=1e-14)


@pytest.mark.parametrize("make", OF_NUMBERS)
@pytest.mark.parametrize("size", [1, 7, 49])
def test_uneven_batches_of_numbers_give_the_number_of_the_whole(make, numbers, size):
    whole = in_batches(make(), *numbers, 50)

    np.testing.assert_allclose(in_batches(make(), *numbers, size), whole, rtol=1e-13)


@pytest.mark.parametrize("make", OF_CLASSES + OF_NUMBERS)
def test_reset_forgets_everything(make, classes, numbers):
    data = numbers if make in OF_NUMBERS else classes
    metric, fresh = make(), make()

    metric.update(*(a[:20] for a in data))
    metric.reset()

    assert metric.state_dict().keys() == fresh.state_dict().keys()
    np.testing.assert_array_equal(
        in_batches(metric, *data, 50), in_batches(fresh, *data, 50)
    )


@pytest.mark.parametrize("make", OF_CLASSES + OF_NUMBERS)
def test_a_state_goes_on_where_it_was_saved(make, classes, numbers):
    output, target = numbers if make in OF_NUMBERS else classes
    first, whole, resumed = make(), make(), make()
    first.update(output[:20], target[:20])
    state = first.state_dict()

    first.update(output[:20], target[:20])  # what comes later does not change the state
    resumed.load_state_dict(state)
    resumed.update(output[20:], target[20:])
    whole.update(output[:20], target[:20])
    whole.update(output[20:], target[20:])

    np.testing.assert_array_equal(resumed.compute(), whole.compute())


def test_the_state_of_another_metric_is_refused_and_changes_nothing():
    metric = MAE()
    metric.update([1.0], [3.0])

    with pytest.raises(ValueError, match=r"mae: the state has .*; it lacks _sum: give"):
        metric.load_state_dict(R2().state_dict())

    assert metric.compute() == 2.0


@pytest.mark.parametrize("make", OF_CLASSES + OF_NUMBERS)
def test_no_samples_are_an_error_that_says_so(make):
    metric = make()

    with pytest.raises(RuntimeError, match="there are no samples yet"):
        metric.compute()


@pytest.mark.parametrize("make", OF_CLASSES)
def test_a_batch_of_no_samples_changes_nothing(make, classes):
    metric = make()
    whole = in_batches(make(), *classes, 50)

    with np.errstate(invalid="ignore"):
        metric.update(classes[0], classes[1])
        if not isinstance(metric, MeanOf):  # the function itself warns of its mean
            metric.update(classes[0][:0], classes[1][:0])

    np.testing.assert_array_equal(metric.compute(), whole)


@pytest.mark.parametrize("make", OF_NUMBERS)
def test_a_batch_of_no_numbers_changes_nothing(make, numbers):
    metric = make()

    metric.update(*numbers)
    before = metric.compute()
    metric.update(numbers[0][:0], numbers[1][:0])

    assert metric.compute() == before


@pytest.mark.parametrize("make", OF_CLASSES + OF_NUMBERS)
def test_an_error_leaves_the_sums_as_they_were(make, classes, numbers):
    data = numbers if make in OF_NUMBERS else classes
    metric = make()
    metric.update(*data)
    before = metric.compute()

    with pytest.raises((TypeError, ValueError)):
        metric.update(data[0], data[1][:-1])

    np.testing.assert_array_equal(metric.compute(), before)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_float_dtype_gives_a_python_float(dtype):
    output = np.array([[0.5, 1.0], [1.0, 0.5]], dtype)

    for found in (metrics.accuracy(output, [1, 1]), metrics.mae(output, output)):
        assert type(found) is float


def test_tensors_and_arrays_of_any_layout_and_read_only_give_the_same(rng):
    scores = rng.standard_normal((6, 4))
    target = rng.integers(0, 4, 6)
    frozen = scores.copy()
    frozen.flags.writeable = False
    turned = np.asfortranarray(scores)[::1]
    strided = np.repeat(scores, 2, axis=0)[::2]
    expected = metrics.f1(scores, target)

    for given in (frozen, turned, strided, scores.tolist(), Tensor(scores)):
        assert metrics.f1(given, target) == expected
    tensor = Tensor(scores, requires_grad=True)
    assert metrics.f1(tensor, Tensor(target)) == expected


def test_the_repr_is_the_call_that_makes_it():
    assert repr(Accuracy()) == "Accuracy()"
    assert (
        repr(F1(average=None, zero_division=1)) == "F1(average=None, zero_division=1.0)"
    )
    assert repr(TopK(3)) == "TopK(k=3, name='top3')"
    assert repr(ConfusionMatrix(3, normalize="true")) == (
        "ConfusionMatrix(num_classes=3, normalize='true')"
    )
    assert repr(Mean("loss")) == "Mean(name='loss')"


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ("accuracy", Accuracy, "accuracy"),
        ("f1", F1, "f1"),
        ("mae", MAE, "mae"),
        ("mse", MSE, "mse"),
        ("precision", Precision, "precision"),
        ("r2", R2, "r2"),
        ("recall", Recall, "recall"),
        ("rmse", RMSE, "rmse"),
        ("top5", TopK, "top5"),
        ("top_3", TopK, "top3"),
        (metrics.rmse, RMSE, "rmse"),
        (metrics.f1, F1, "f1"),
        (metrics.top_k, TopK, "top5"),
        (half_wrong, MeanOf, "half_wrong"),
        (nn.mse_loss, MeanOf, "mse_loss"),
        (nn.MSELoss(), MeanOf, "MSELoss"),
    ],
)
def test_a_metric_may_be_given_in_many_ways(given, kind, name):
    metric = as_metric(given)

    assert type(metric) is kind
    assert metric.name == name


def test_a_metric_stands_for_itself():
    metric = F1(average="micro")

    assert as_metric(metric) is metric


class Nameless(Metric):
    pass


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("acc", ValueError, r"the metric is 'acc'; give one of accuracy, f1, mae"),
        ("top0", ValueError, r"the metric is 'top0'; give one of"),
        ("confusion_matrix", ValueError, r"or an object such as ConfusionMatrix\(10\)"),
        (
            Accuracy,
            TypeError,
            r"the metric is the class Accuracy; give .* Accuracy\(\)",
        ),
        (Nameless(), TypeError, r"the metric, a Nameless, has no name; set name ="),
        (Mean(), TypeError, "the metric is a Mean, which is updated with a number"),
        (3, TypeError, "the metric is a int; a name, a Metric, or a function"),
        (None, TypeError, "the metric is a NoneType; a name, a Metric"),
        (lambda output, target: 0.0, ValueError, "a lambda, which has no name to rep"),
    ],
)
def test_what_is_no_metric_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        as_metric(given)


@pytest.mark.parametrize(
    ("output", "target", "error", "message"),
    [
        (None, [0], TypeError, "accuracy: output is a NoneType; a Tensor or an array"),
        ([[1.0, 2.0]], "0", TypeError, "accuracy: target is a str; a Tensor or an arr"),
        ([[1.0], [1.0, 2.0]], [0, 1], ValueError, "rows have different lengths"),
        (np.ones((1, 2), complex), [0], TypeError, "output has dtype complex128; real"),
        ([["a", "b"]], [0], TypeError, "output has dtype <U1; real numbers"),
        (
            1.0,
            [0],
            ValueError,
            r"output has shape \(\); the first axis must be the sam",
        ),
        (np.ones((3, 2)), [0, 1], ValueError, r"output has shape \(3, 2\) and target "),
    ],
)
def test_what_is_no_batch_is_refused(output, target, error, message):
    with pytest.raises(error, match=message):
        metrics.accuracy(output, target)


class Worst(Metric):
    """A metric as a user writes it, without a constructor."""

    name = "worst"

    def reset(self):
        self.worst = 0.0

    def update(self, output, target):
        self.worst = max(self.worst, float(np.abs(output.data - target).max()))

    def compute(self):
        return self.worst


def test_metrics_of_all_kinds_go_through_fit_checkpoint_and_evaluate(tmp_path, rng):
    X = rng.standard_normal((22, 3)).astype(np.float32)
    y = X @ np.array([[1.0], [2.0], [-1.0]], np.float32)

    def run(epochs, folder, resume=False):
        model = nn.Linear(3, 1, rng=0)
        history = fit(
            model,
            (X, y),
            loss=nn.mse_loss,
            optimizer=optim.SGD(model, lr=0.01),
            epochs=epochs,
            metrics=["r2", MAE(), nn.l1_loss, Worst()],
            callbacks=[Checkpoint(tmp_path / folder, resume=resume)],
            batch_size=8,  # 8, 8 and 6
            rng=0,
            progress=False,
            lint=False,
        )
        return model, history

    model, whole = run(3, "whole")
    run(1, "parts")
    _, resumed = run(3, "parts", resume=True)

    assert {name: whole[name] for name in whole} == {n: resumed[n] for n in resumed}
    assert set(whole) == {"loss", "r2", "mae", "l1_loss", "worst", "lr"}
    np.testing.assert_allclose(whole["mae"], whole["l1_loss"], rtol=1e-6)
    found = evaluate(model, (X, y), metrics=["mae", "rmse"], batch_size=8)
    np.testing.assert_allclose(
        found["mae"], np.abs(model(Tensor(X)).data - y).mean(), rtol=1e-6
    )
