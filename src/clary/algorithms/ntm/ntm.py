"""The algorithm ``ntm``, as the guide's page "Neural Topic Model (NTM) Algorithm" describes it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from clary.algorithms.ntm.params import NTMParams
from clary.algorithms.ntm.topics import Lexicon, tell
from clary.toolkit import extra, media_type
from clary.toolkit.algorithm import RUNNING, ChannelRule, Metric, algorithm
from clary.toolkit.batch import Batch
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.sparse import Sparse
from clary.toolkit.spool import Spool
from clary.toolkit.stream import Stream
from clary.toolkit.table import Table
from clary.toolkit.tabular import Tabular

if TYPE_CHECKING:
    from clary.algorithms.ntm.network import Network

WEIGHTS, ABOUT = "model.npz", "model.json"
_SHAPING = ("feature_dim", "num_topics", "batch_norm", "encoder_layers", "encoder_layers_activation")
_SEED = 7
_AT_ONCE = 1024  # rows
_LOGGED = r"#quality_metric: host=\S+, epoch=\S+, {} total_loss <loss>=(\S+)"


@algorithm("ntm")
class NTM(Tabular[NTMParams]):
    """Tells which topics a document is about, from the counts of its words."""

    Params = NTMParams
    channels = (
        ChannelRule("train", "Counts of words; in CSV behind a label unless label_size=0.", True),
        ChannelRule("validation", "Documents whose loss is watched."),
        ChannelRule("test", "Documents whose loss is told in the end."),
        ChannelRule("auxiliary", "vocab.txt, a word for each feature; beside it vectors of words, if any."),
    )
    needs = ("torch",)
    metrics = (
        Metric("validation:total_loss", _LOGGED.format("validation"), minimize=True),
        Metric("train:total_loss", _LOGGED.format("train")),
        Metric("test:total_loss", r"#quality_metric: host=\S+, test total_loss <loss>=(\S+)"),
        *RUNNING,
    )
    distributed = True
    accepts = (media_type.RECORDIO, media_type.CSV)
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO, media_type.CSV)

    def __init__(self) -> None:
        self._params = NTMParams()
        self._network: Network

    def train(self, params: NTMParams, channels: Mapping[str, Channel], report: Report, host: Host) -> None:
        """Learn topics from the documents of all hosts, and tell what they are about."""
        extra.load("torch", "torch")
        from clary.algorithms.ntm.network import built  # noqa: PLC0415
        from clary.algorithms.ntm.training import Trainer  # noqa: PLC0415
        from clary.toolkit.neural import device  # noqa: PLC0415

        lexicon = None
        if "auxiliary" in channels:
            lexicon = Lexicon.read(channels["auxiliary"], params.feature_dim)
        stream = Stream(self.accepts, params.feature_dim, host)
        tables = {
            name: _table(stream, channels[name], report)
            for name in ("train", "validation", "test")
            if name in channels
        }
        self._params, self._network = params, built(params).to(device.choose())
        trainer = Trainer(self._network, params, report, host)
        trainer.fit(tables["train"], tables.get("validation"))
        if "test" in tables:
            loss = float(trainer.evaluated(tables["test"]).sum())
            report.quality("test", "total_loss <loss>", loss)
            report.test_score("total_loss", loss)
        self._network.eval()
        if lexicon is not None:
            tell(self._network.decoder.weight.detach().cpu().numpy(), lexicon, report)

    def save(self, folder: Path) -> None:
        """Write the network's weights, and the hyperparameters that give it its form."""
        from clary.toolkit.neural import weights  # noqa: PLC0415

        weights.write(folder / WEIGHTS, weights.arrays(self._network))
        values = {name: getattr(self._params, name) for name in _SHAPING}
        values["encoder_layers"] = list(self._params.layers)
        (folder / ABOUT).write_text(json.dumps(values))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        extra.load("torch", "torch")
        from clary.algorithms.ntm.network import built  # noqa: PLC0415
        from clary.toolkit.neural import device, weights  # noqa: PLC0415

        try:
            values = json.loads((folder / ABOUT).read_text())
            params = NTMParams.parse({name: str(value) for name, value in values.items()})
        except (OSError, ValueError, AttributeError) as error:
            raise ClientError(f"{folder / ABOUT} does not tell of a topic model: {error}.") from error
        loaded = cls()
        loaded._params, loaded._network = params, built(params)
        weights.restore(loaded._network, weights.read(folder / WEIGHTS))
        loaded._network.to(device.choose()).eval()
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every document with the weights of its topics, which add up to 1."""
        import torch  # noqa: PLC0415

        rows, width = batch.rows, self._params.feature_dim
        if rows.shape[1] != width:
            raise ClientError(f"Each row must have {width} features, as in training; got {rows.shape[1]}.")
        place = next(self._network.parameters()).device
        found = np.empty((len(rows), self._params.num_topics), np.float32)
        with torch.no_grad():
            for at in range(0, len(rows), _AT_ONCE):
                part = slice(at, min(at + _AT_ONCE, len(rows)))
                if isinstance(rows, Sparse):
                    counts = rows.slice(part.start, part.stop).dense()
                else:
                    counts = np.array(rows[part], np.float32)
                found[part] = self._network.topic_weights(torch.from_numpy(counts).to(place)).cpu().numpy()
        return Predictions({"topic_weights": found}, echoes=batch.echoes)


def _table(stream: Stream, channel: Channel, report: Report) -> Table:
    """Return this host's documents; raises ClientError for what are no counts."""
    spool = Spool(_SEED)
    for batch in stream.batches(channel):
        if report.stopping:
            raise StoppedError
        values = batch.rows.values if isinstance(batch.rows, Sparse) else batch.rows
        if values.size and values.min() < 0:
            raise ClientError(
                f"Channel '{channel.name}' holds negative numbers: features are counts of words; of CSV the "
                "first column is a label unless the content type is text/csv;label_size=0."
            )
        spool.append(batch.rows, np.zeros(len(batch), np.float32))
    return spool.table()
