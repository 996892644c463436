"""The algorithm ``tabtransformer``, as the guide's page "TabTransformer" has it, on a network of our own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy.typing as npt

from clary.algorithms.tabtransformer.encoder import Encoder
from clary.algorithms.tabtransformer.params import TabTransformerParams
from clary.toolkit import extra
from clary.toolkit.algorithm import Metric, algorithm
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.supervised import Supervised
from clary.toolkit.table_schema import TableSchema
from clary.toolkit.tabular_data import TabularReader

NETWORK, SETTINGS = "network.npz", "settings.json"
_COLUMNS = "columns/"
_SEED = 1


@algorithm("tabtransformer")
class TabTransformer(Supervised[TabTransformerParams]):
    """Classifies or estimates rows by a transformer over their categories and layers over all columns."""

    Params = TabTransformerParams
    needs = ("torch",)
    metrics = (
        Metric("r2", r"metrics={'r2': (\S+)}", minimize=False),
        Metric("f1_score", r"metrics={'f1': (\S+)}", minimize=False),
        Metric("accuracy_score", r"metrics={'accuracy': (\S+)}", minimize=False),
    )

    def __init__(self) -> None:
        super().__init__()
        self._asker: Any = None
        self._settings: dict[str, Any] = {}

    def train(
        self, params: TabTransformerParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Read all rows, then train while the loss of validation falls."""
        extra.load("torch", "torch")
        from clary.algorithms.tabtransformer import training  # noqa: PLC0415 - imports torch
        from clary.toolkit.neural import device  # noqa: PLC0415

        data = TabularReader(self.accepts, report, host, _SEED).read(channels, params.problem_type)
        self._schema = data.schema
        self._asker = training.fit(params, data, report, device.choose())
        kept = ("input_dim", "n_blocks", "frac_shared_embed")
        self._settings = {name: str(params.values()[name]) for name in kept}
        self._settings |= {"center": self._asker.center, "scale": self._asker.scale}

    def save(self, folder: Path) -> None:
        """Write ``network.npz``, ``settings.json`` and ``schema.json``."""
        from clary.toolkit.neural import weights  # noqa: PLC0415 - imports torch

        self.schema.save(folder)
        (folder / SETTINGS).write_text(json.dumps(self._settings) + "\n", encoding="utf-8")
        columns = {_COLUMNS + name: values for name, values in self._asker.encoder.arrays().items()}
        weights.write(folder / NETWORK, {**weights.arrays(self._asker.network), **columns})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        extra.load("torch", "torch")
        from clary.algorithms.tabtransformer import training  # noqa: PLC0415 - imports torch
        from clary.algorithms.tabtransformer.network import Network  # noqa: PLC0415
        from clary.toolkit.neural import device, weights  # noqa: PLC0415

        loaded = cls()
        loaded._schema = TableSchema.load(folder)
        found = weights.read(folder / NETWORK)
        columns = {
            name.removeprefix(_COLUMNS): found.pop(name) for name in list(found) if name.startswith(_COLUMNS)
        }
        try:
            settings = json.loads((folder / SETTINGS).read_bytes())
            center, scale = float(settings["center"]), float(settings["scale"])
            given = {name: value for name, value in settings.items() if name not in ("center", "scale")}
            encoder = Encoder.from_arrays(loaded._schema, columns)
            network = Network(training.shape_of(TabTransformerParams.parse(given), encoder))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClientError(f"{folder} does not hold a model of TabTransformer: {error!r}.") from error
        weights.restore(network, found)
        where = device.choose()
        loaded._settings = settings
        loaded._asker = training.Asker(network.to(where), encoder, where, center, scale)
        return loaded

    def scores(self, rows: Floats) -> npt.NDArray[Any]:
        """Return the probabilities of rows, (rows, classes), or their amounts, (rows,)."""
        found: npt.NDArray[Any] = self._asker.scores(rows)
        return found
