"""A training job of XGBoost: its data read once, its rounds of boosting, its folds."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from xgboost.callback import EarlyStopping, TrainingCallback

from clary.algorithms.xgboost import callbacks, evaluation, folds, hosts, labels, metrics
from clary.algorithms.xgboost.matrix import Matrices
from clary.algorithms.xgboost.params import XGBoostParams
from clary.toolkit import environment, media_type
from clary.toolkit.blocks import Blocks
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.stream import Stream

IMPORTANCE = "feature_importance.json"

_SPLITS = ("train", "validation")
_SHOWN = 10  # features whose importance the log tells
_FIRST = 4096  # bytes of a line that tell what it is
_PLACE = re.compile(r"\[\d\d:\d\d:\d\d\] \S+: ")


class Training:
    """One host's part in a job."""

    def __init__(self, params: XGBoostParams, accepts: tuple[str, ...], report: Report, host: Host) -> None:
        self._params, self._accepts, self._report, self._host = params, accepts, report, host
        self._threads = environment.threads()
        self._matrices = Matrices(params, self._threads)

    def run(self, channels: Mapping[str, Channel]) -> list[Any]:
        """Return the boosters that were trained: one, or one for each fold of cross-validation.

        A host that has no data of its own returns none. Raises ClientError for what cannot be learnt from.
        """
        _check_device(on_gpu=self._params.on_gpu)
        data, cluster = self._read(channels), self._host.cluster
        works = bool(data["train"].rows)
        workers = int(cluster.total(works))
        width = cluster.largest(max(blocks.width for blocks in data.values()))
        self._check(data, works=works)
        kept = callbacks.latest(None if self._host.checkpoints is None else self._host.checkpoints.folder)
        start = cluster.gather(np.frombuffer(kept[0] if cluster.leads else b"", np.uint8)).tobytes()
        done = cluster.largest(kept[1] if cluster.leads else 0)
        with hosts.joined(cluster, workers, works=works), _blamed():
            if not works:
                return []
            if self._params.folds:
                return folds.boosted(self, data, width)
            matrices = self._built(data, width)
            return [self.boosted(matrices, start, done)[0]]

    def boosted(
        self, matrices: Mapping[str, Any], start: bytes = b"", done: int = 0
    ) -> tuple[Any, dict[str, float]]:
        """Return a booster of ``matrices`` by split, and the metrics of its last round.

        It goes on from the trees of ``start``, which had ``done`` rounds.

        Raises StoppedError where the job is asked to stop and is not to leave a model.
        """
        params, rounds = self._params, self._params.num_round
        first = 0 if params.process_type == "update" else done
        if params.process_type == "update" and not start:
            raise ClientError(
                "process_type 'update' changes the trees of a model: put one as xgboost-checkpoint.<round> "
                "into the S3Uri of CheckpointConfig."
            )
        if done:
            self._report.info(f"Checkpoint loaded; resuming from iteration {first}")
        told, stopping = callbacks.Evaluation(self._report, first), callbacks.Stopping(self._report)
        booster = xgboost.train(
            self._settings(),
            matrices["train"],
            max(rounds - first, 0) if first or not done else min(rounds, done),
            evals=[(matrices[split], split) for split in _SPLITS if split in matrices],
            verbose_eval=False,
            custom_metric=self._custom(),
            callbacks=[told, *self._between(first, matrices), stopping],
            xgb_model=bytearray(start) if start else None,
        )
        if stopping.stopped and not params.save_model_on_termination:
            raise StoppedError
        return booster, told.values

    @property
    def params(self) -> XGBoostParams:
        """The job's hyperparameters."""
        return self._params

    @property
    def report(self) -> Report:
        """The job's log."""
        return self._report

    @property
    def host(self) -> Host:
        """The host that this is."""
        return self._host

    @property
    def matrices(self) -> Matrices:
        """What makes the library's matrices of this job."""
        return self._matrices

    def _read(self, channels: Mapping[str, Channel]) -> dict[str, Blocks]:
        """Return the rows of this host by channel."""
        stream = Stream(self._accepts, None, self._host, missing=True)
        found = {}
        for split in _SPLITS:
            if split not in channels:
                continue
            blocks = found[split] = Blocks()
            channel = self._labelled(channels[split])
            if self._host.cluster.size > 1 and split not in self._host.shared and _is_empty(channel):
                self._report.info(f"Host {self._report.host} has no data in channel '{split}'")
                continue
            for batch in stream.batches(channel):
                if self._report.stopping:
                    raise StoppedError
                if batch.labels is None or not batch.labels.shape[1]:
                    raise ClientError(f"Channel '{split}' has rows without labels: give each row one.")
                labels.check(batch.labels[:, 0], self._params, split)
                blocks.append(batch)
        return found

    def _labelled(self, channel: Channel) -> Channel:
        """Return the channel with as many label columns as ``csv_weights`` asks for."""
        if channel.content_type is None and _looks_like_libsvm(channel):
            channel = replace(channel, content_type=media_type.LIBSVM)
        kind = media_type.parse(channel.content_type or "")
        if kind.parameters.get("label_size", "1") != "1":
            raise ClientError(
                f"Content type {channel.content_type!r} of channel '{channel.name}': XGBoost reads the label "
                "from the first column, so label_size must be 1."
            )
        if self._params.csv_weights and kind.name in ("", media_type.CSV):
            return replace(channel, content_type=f"{media_type.CSV};label_size=2")
        return channel

    def _check(self, data: Mapping[str, Blocks], *, works: bool) -> None:
        if self._host.cluster.leads and not works:
            raise ClientError(
                f"Host {self._report.host}, which leaves the model, has no data in channel 'train': give the "
                "first instance some."
            )
        if works and "validation" in data and not data["validation"].rows:
            raise ClientError(
                f"Host {self._report.host} has data in channel 'train' but none in 'validation': give "
                "each host some, by at least as many objects as instances, or make it FullyReplicated."
            )

    def _built(self, data: Mapping[str, Blocks], width: int) -> dict[str, Any]:
        train = self._matrices.of(data["train"], width)
        self._report.info(f"Train matrix has {train.num_row()} rows and {train.num_col()} columns")
        if "validation" not in data:
            return {"train": train}
        validation = self._matrices.of(data["validation"], width, train)
        self._report.info(f"Validation matrix has {validation.num_row()} rows")
        return {"train": train, "validation": validation}

    def _settings(self) -> dict[str, Any]:
        native = [name for name in self._params.watched if name not in evaluation.NAMES]
        return self._params.settings(self._threads) | ({"eval_metric": native} if native else {})

    def _custom(self) -> Any:
        names = [name for name in self._params.watched if name in evaluation.NAMES]
        if not names:
            return None
        classes, margins = self._params.num_class or 2, self._params.objective == "binary:logitraw"

        def evaluate(predictions: Any, matrix: Any) -> list[tuple[str, float]]:
            found = (predictions > 0).astype(np.float64) if margins else predictions.astype(np.float64)
            truth = matrix.get_label().astype(np.float64)
            return evaluation.evaluated(names, found, truth, classes, hosts.added)

        return evaluate

    def _between(self, first: int, matrices: Mapping[str, Any]) -> Iterator[TrainingCallback]:
        """Yield what a job may ask for between two rounds."""
        params, host = self._params, self._host
        if host.checkpoints is not None and host.cluster.leads and self._keeps:
            yield callbacks.Checkpointing(host.checkpoints.folder, first, params.num_round, self._report)
        if params.early_stopping_rounds and "validation" in matrices:
            name = (params.tuned or params.eval_metric or (None,))[-1]
            yield EarlyStopping(
                rounds=params.early_stopping_rounds,
                metric_name=name,
                data_name="validation",
                maximize=None if name is None else metrics.is_maximized(name),
                save_best=params.booster != "gblinear",
            )

    @property
    def _keeps(self) -> bool:
        return self._params.process_type == "default" and not self._params.folds


def tell_importance(boosters: list[Any], report: Report, output: Path | None) -> None:
    """Tell which features matter most, by the gain of their splits or the weights of a linear model.

    All of them, and by other measures, go to ``feature_importance.json`` in ``output``.
    """
    kinds = ("gain", "total_gain", "weight", "cover", "total_cover")
    linear = json.loads(boosters[0].save_config())["learner"]["gradient_booster"]["name"] == "gblinear"
    found = {kind: _importance(boosters, kind) for kind in (("weight",) if linear else kinds)}
    measure, values = next(iter(found.items()))
    ranked = sorted(values, key=lambda name: -abs(values[name]))[:_SHOWN]
    report.info(
        f"Feature importance ({measure}): {', '.join(f'{name}={values[name]:.6g}' for name in ranked)}"
    )
    if output is not None:
        (output / IMPORTANCE).write_text(json.dumps(found, indent=1), encoding="utf-8")


def _importance(boosters: list[Any], kind: str) -> dict[str, float]:
    """Return the mean over all boosters."""
    scores = [booster.get_score(importance_type=kind) for booster in boosters]
    names = sorted({name for each in scores for name in each}, key=lambda name: (len(name), name))
    return {name: float(np.mean([np.mean(each.get(name, 0.0)) for each in scores])) for name in names}


def _check_device(*, on_gpu: bool) -> None:
    if on_gpu and not any(Path("/dev").glob("nvidia[0-9]*")):
        raise ClientError(
            "tree_method 'gpu_hist' and device 'cuda' need an NVIDIA GPU, and this machine has none: "
            "give tree_method 'hist', or leave both out."
        )


def _looks_like_libsvm(channel: Channel) -> bool:
    """Tell whether the first line is one of libsvm's, SageMaker's default where no content type is given."""
    if channel.pipe or _is_empty(channel):
        return False
    with channel.files()[0].open("rb") as file:
        line = file.readline(_FIRST)
    return b":" in line and b"," not in line and line.isascii()


def _is_empty(channel: Channel) -> bool:
    """Tell whether a channel has no files on this host."""
    return not channel.pipe and not any(path.is_file() for path in channel.folder.rglob("*"))


@contextmanager
def _blamed() -> Iterator[None]:
    """Raise what the library finds wrong as ClientError: it checks labels and settings against each other."""
    try:
        yield
    except xgboost.core.XGBoostError as error:
        if "allreduce" in str(error) or "allgather" in str(error):
            raise ClientError(
                "Another host of this job ended, so this one cannot go on: the cause is in its log."
            ) from error
        reason = _PLACE.sub("", str(error).partition("\nStack trace")[0]).strip()
        raise ClientError(f"XGB train call failed with exception: {reason}") from error
