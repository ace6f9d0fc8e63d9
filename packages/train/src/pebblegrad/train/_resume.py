"""What the rest of a run depends on: gathered for a checkpoint, and put back.

Everything that a step reads and changes has its place here; what is forgotten here is
what would make a resumed run differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pebblegrad.autograd import Tensor

if TYPE_CHECKING:
    from ._loop import Loop

INTERRUPTED = "interrupted"


def state_of(loop: "Loop") -> dict[str, Any]:
    """Return all that the rest of the run depends on."""
    run = loop.run
    return {
        "epoch": run.history.epochs,  # the complete ones, in `on_epoch_end` too
        "batch": run.batch,
        "step": run.step,
        "stopped": None if run.stopped == INTERRUPTED else run.stopped,
        "history": run.history.state_dict(),
        "seconds": loop.seconds,
        "loss": loop.mean_loss.state_dict(),
        "metrics": [[m.name, m.state_dict()] for m in loop.metrics],
        "model": run.model.state_dict(),
        "trainable": [name for name, _ in run.model.named_parameters()],
        "modes": [module.training for module in run.model.modules()],
        "beside the model": [p.data.copy() for p in _beside_the_model(loop)],
        "optimizer": run.optimizer.state_dict(),
        "loader": _loaders_state(loop),
        "validation": (
            loop.validation.state_dict()
            if callable(getattr(loop.validation, "state_dict", None))
            else None
        ),
        "generators": loop.generators.state_dict(),
        "callbacks": [
            [type(callback).__name__, callback.state_dict()]
            for callback in loop.callbacks
        ],
    }


def restore(loop: "Loop", state: Mapping[str, Any]) -> None:
    """Take over what `state_of` returned.

    Raises:
        ValueError: if this run is made otherwise than that one was; nothing is
            changed then.
    """
    trainable = [name for name, _ in loop.run.model.named_parameters()]
    _same("parameters to train", trainable, state["trainable"])
    callbacks = [type(callback).__name__ for callback in loop.callbacks]
    _same("callbacks", callbacks, [name for name, _ in state["callbacks"]])
    metrics = [metric.name for metric in loop.metrics]
    _same("metrics", metrics, [name for name, _ in state["metrics"]])
    columns = state["history"]["columns"]
    _same("numbers of an epoch", loop.run.names, columns or loop.run.names)
    before = state_of(loop)
    try:
        _take(loop, state)
    except BaseException:
        _take(loop, before)
        raise


def _take(loop: "Loop", state: Mapping[str, Any]) -> None:
    run = loop.run
    run.model.load_state_dict(state["model"])
    for module, training in zip(run.model.modules(), state["modes"], strict=True):
        module.training = training
    for p, values in zip(
        _beside_the_model(loop), state["beside the model"], strict=True
    ):
        p.data[...] = values
    run.optimizer.load_state_dict(state["optimizer"])
    run.loader.load_state_dict(state["loader"])
    loop.place = None
    if state["validation"] is not None:
        loop.validation.load_state_dict(state["validation"])
    for callback, (_, of_callback) in zip(
        loop.callbacks, state["callbacks"], strict=True
    ):
        callback.load_state_dict(of_callback)
    loop.mean_loss.load_state_dict(state["loss"])
    for metric, (_, of_metric) in zip(loop.metrics, state["metrics"], strict=True):
        metric.load_state_dict(of_metric)
    run.history.load_state_dict(state["history"])
    run.epoch, run.batch, run.step = state["epoch"], state["batch"], state["step"]
    run.stopped = state["stopped"]
    loop.seconds = state["seconds"]
    loop.generators.load_state_dict(state["generators"])  # last: others may draw


def _loaders_state(loop: "Loop") -> dict[str, Any]:
    """Return where the loader was before the callbacks of this step.

    They may have looped over it too; what they drew from its generator counts.
    """
    now: dict[str, Any] = loop.run.loader.state_dict()
    if loop.place is not None and "epoch" in now:
        now["epoch"] = loop.place["epoch"]
    return now


def _beside_the_model(loop: "Loop") -> list[Tensor]:
    """Return what the optimizer trains beside the model, such as a loss's own."""
    own = {id(p) for p in loop.run.model.parameters()}
    groups = loop.run.optimizer.param_groups
    return [p for group in groups for p in group["params"] if id(p) not in own]


def _same(what: str, here: Sequence[str], given: Iterable[str]) -> None:
    """Raise unless a checkpoint was made with the same."""
    made_with = list(given)
    if made_with != list(here):
        raise ValueError(
            f"fit: the checkpoint was made with the {what} "
            f"{', '.join(made_with) or 'none'}; here they are "
            f"{', '.join(here) or 'none'}: they must be the same to go on"
        )
