"""The stages of one call of ``fit``, run in turn on its rows."""

import math
from collections import Counter
from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np

from skgen.base.progress.lines import log_line
from skgen.base.training_rows import append_targets, hold_out, rows_with_targets
from skgen.interrupts import innermost
from skgen.kernels.row_blocks import RowBlocks
from skgen.training import (
    BlockRows,
    EarlyStopping,
    History,
    largest_product,
    load_moments,
    make_rows,
    resolve_device,
    scale_learning_rate,
    threads_for,
    torch_generator,
    train,
)
from skgen.workers import workers


@dataclass(frozen=True)
class Settings:
    """How the stages are run.

    Parameters
    ----------
    batch_size : int or "auto"
        Rows an update, for each worker.
    max_iter : int or "auto"
        Epochs; "auto" takes as many as make ``n_updates``.
    n_updates : int
        Updates that "auto" stands for.
    learning_rate_schedule : {"constant", "cosine"}
        Whether the learning rates of a stage fall to zero.
    precision : {"float32", "bfloat16"}
        In which losses are computed.
    verbose : bool or int
        Whether each epoch is logged.
    partial : bool
        Whether this is one epoch of a stream, which has no progress to schedule.
    """

    batch_size: int | str = "auto"
    max_iter: int | str = "auto"
    n_updates: int = 10_000
    learning_rate_schedule: str = "constant"
    precision: str = "float32"
    verbose: bool | int = False
    partial: bool = False

    def rows_an_update(self, n_rows):
        """Rows of a batch, of so many training rows, that all workers share."""
        return min(workers().size * self.rows_a_worker(n_rows), n_rows)

    def rows_a_worker(self, n_rows):
        """Batch size for so many training rows."""
        if isinstance(self.batch_size, Integral):
            return min(int(self.batch_size), n_rows)
        return min(n_rows, max(16, min(128, n_rows // 20)))

    def epochs(self, stage, n_rows):
        """Epochs of a stage."""
        if self.partial:
            return 1
        if stage.max_iter:
            return stage.max_iter
        max_iter = self.max_iter
        if max_iter == "auto":
            max_iter = math.ceil(self.n_updates * self.rows_an_update(n_rows) / n_rows)
        return max(1, round(stage.fraction * max_iter))


def rows_and_stopping(estimator, columns, targets, settings, device, rng, stream):
    """Training rows, and the rule of early stopping with rows of its own, or None."""
    known = rows_with_targets(targets, columns.X.shape[0])
    training, validation = (known if np.ndim(known) else None), None
    if estimator.early_stopping and not settings.partial:
        fraction = estimator.validation_fraction
        if isinstance(columns.X, RowBlocks):
            fraction = min(fraction, columns.X.fraction_held())
        training, validation = hold_out(known, fraction, rng, estimator._sequence_of_rows)
    X, center, scale = append_targets(columns.X, targets, estimator._center, estimator._scale)
    how = {"stream": stream, "weight": columns.weight}
    if isinstance(X, RowBlocks):
        rows = BlockRows(X, center, scale, device, training, columns.weight)
    else:
        rows = make_rows(X, center, scale, device, subset=training, **how)
    if validation is None:
        return rows, None
    held_out = make_rows(X, center, scale, device, subset=validation, **how)
    n_updates = math.ceil(len(rows) / settings.rows_an_update(len(rows)))
    patience = max(estimator.n_iter_no_change, math.ceil(estimator._least_patience / n_updates))
    return rows, EarlyStopping(held_out, patience, estimator.tol)


def run_stages(
    module,
    stages,
    rows,
    settings,
    generator,
    *,
    early_stopping=None,
    callback=None,
    saved=None,
):
    """Train a module stage by stage; return the histories.

    ``callback(histories, save)`` runs after each epoch, and ends the stage where it returns True.
    What ``save()`` returns is the ``saved`` of a call that goes on from there. Ctrl-C ends the
    training after the batch that it finds; the last history then says so.
    """
    innermost().hold()
    histories, batch_size = [], settings.rows_an_update(len(rows))
    if saved is not None:
        histories = [History(**about) for about in saved["histories"]]
    for number, stage in enumerate(stages):
        if number < len(histories):
            # As the end of this stage left them.
            module.eval()
            continue
        n_epochs = settings.epochs(stage, len(rows))

        def after_epoch(history, save):
            return callback is not None and callback(
                [*histories, history],
                lambda: {"histories": [_facts(h) for h in histories], "stage": save()},
            )

        with threads_for(largest_product(module, -(-batch_size // workers().size))):
            history = train(
                module,
                _scheduled(stage, settings),
                rows,
                batch_size=batch_size,
                max_iter=n_epochs,
                generator=generator,
                early_stopping=early_stopping if stage.stops_early else None,
                precision=settings.precision,
                report=epoch_reporter(
                    (number, len(stages)), n_epochs, settings.verbose, after_epoch
                ),
                saved=saved and saved["stage"],
            )
        histories.append(history)
        saved = None
        if history.interrupted:
            break
    return histories


def _facts(history):
    """What a history of a stage that has ended tells."""
    return {"losses": dict(history.losses), "validation": list(history.validation)}


def generator_of_fit(estimator, rng, resume):
    """Torch's generator of the draws of a fit; where it goes on, another than before."""
    generator = torch_generator(rng, resolve_device(estimator.device))
    if resume:
        # With the same seed the noise is new, and the rows held out are the same.
        generator.manual_seed(generator.initial_seed() + estimator.n_iter_)
    return generator


def epoch_reporter(place, max_iter, verbose, callback):
    """``report(history, seconds, save)`` for the loop: log, then ask ``callback(history, save)``.

    ``place`` says which stage of how many this is, counted from zero.
    """
    number, n_stages = place
    heading = f"stage {number + 1} of {n_stages}  " if n_stages > 1 else ""
    elapsed, n_timed = 0.0, 0

    def report(history, seconds, save):
        nonlocal elapsed, n_timed
        elapsed, n_timed = elapsed + seconds, n_timed + 1
        if verbose:
            done = history.n_epochs
            left = (max_iter - done) * elapsed / n_timed
            times = f"{seconds:.2f} s, {left:.0f} s left"
            log_line("epoch", done, max_iter, _last_losses(history), times, heading)
        return callback(history, save)

    return report


def _last_losses(history):
    """Losses of the last epoch by name; for stacked rows their means."""
    losses = {name: np.mean(curve[-1]) for name, curve in history.losses.items()}
    if history.validation:
        losses["validation"] = history.validation[-1]
    return losses


def optimizers(stages):
    """Every optimizer of the stages, in order."""
    return [phase.optimizer for stage in stages for phase in stage.phases]


def load_earlier_moments(stages, states):
    """Put back the moments that an earlier call of ``partial_fit`` left."""
    for optimizer, state in zip(optimizers(stages), states):
        # The groups are new: parameters may have been changed since.
        load_moments(optimizer, state["state"])


def earlier_curves(estimator):
    """What an earlier training left for ``curves`` to go on from; empty where there was none."""
    return {
        name: vars(estimator)[name]
        for name in ("loss_curve_", "loss_curves_")
        if name in vars(estimator)
    }


def curves(histories, earlier=None):
    """Fitted attributes that tell the course of a training, which goes on from earlier curves."""
    earlier = earlier or {}
    validation = next((h.validation for h in reversed(histories) if h.validation), [])
    known = list(earlier.get("loss_curve_", ()))
    own = [x for h in histories for x in next(iter(h.losses.values()))]
    loss_curve = [*known, *own]
    return {
        "loss_curve_": loss_curve,
        "loss_curves_": _by_phase(histories, earlier.get("loss_curves_", {}), len(known)),
        "n_iter_": len(loss_curve),
        "validation_scores_": [-loss for loss in validation] or None,
        "best_loss_": min(validation or loss_curve),
    }


def _by_phase(histories, earlier, n_earlier):
    """The losses of every phase, each a value an epoch, NaN while the phase did not run."""
    done, by_phase = n_earlier, {name: list(curve) for name, curve in earlier.items()}
    repeated = Counter(name for history in histories for name in history.losses)
    for number, history in enumerate(histories, start=1):
        for name, curve in history.losses.items():
            key = f"{name} of stage {number}" if repeated[name] > 1 else name
            whole = by_phase.setdefault(key, [])
            whole.extend([math.nan] * (done - len(whole)))
            whole.extend(curve)
        done += history.n_epochs
    for curve in by_phase.values():
        curve.extend([math.nan] * (done - len(curve)))
    return by_phase


def _scheduled(stage, settings):
    """The stage with the schedule of the learning rates in front of its own."""
    if settings.partial:
        return replace(stage, schedule=None)
    if settings.learning_rate_schedule == "constant":
        return stage
    own, scaled = stage.schedule, optimizers([stage])

    def cosine(progress):
        for optimizer in scaled:
            scale_learning_rate(optimizer, 0.5 * (1 + math.cos(math.pi * progress)))
        if own is not None:
            own(progress)

    return replace(stage, schedule=cosine)
