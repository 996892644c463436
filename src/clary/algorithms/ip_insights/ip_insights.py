"""The algorithm ``ipinsights``, as the guide's page "IP Insights" describes it.

Entities are hashed to vectors, the prefixes of an address make another, and the product of both says how
likely the entity is to use the address. The vectors are learnt by telling the pairs of the data from pairs of
the same entities with random addresses and with addresses of others.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clary.algorithms.ip_insights.auc import Auc
from clary.algorithms.ip_insights.network import Network, hashed
from clary.algorithms.ip_insights.pair import DECODERS
from clary.algorithms.ip_insights.pair_file import PairFile
from clary.algorithms.ip_insights.params import IPInsightsParams
from clary.algorithms.ip_insights.prefixes import Census
from clary.algorithms.ip_insights.trainer import Trainer, drawn
from clary.toolkit import media_type
from clary.toolkit.algorithm import RUNNING, Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.formats import ENCODERS
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report, is_worth_a_line
from clary.toolkit.request import Request
from clary.toolkit.sparse import Longs

_SEED = 29
_HOST = r"#quality_metric: host=\S+, "


def _metrics(name: str, kind: str) -> tuple[Metric, ...]:
    """Return the definitions of one metric of training: final, of an epoch, and of minibatches."""
    logged = rf"train {name} <{kind}>=(\S+)"
    return (
        Metric(f"train:{name}", _HOST + logged),
        Metric(f"train:{name}:epoch", rf"{_HOST}epoch=\S+, {logged}"),
        Metric(f"train:{name}:batch", rf"{_HOST}epoch=\S+, batch=\S+ {logged}"),
    )


@algorithm("ipinsights")
class IPInsights(Algorithm[IPInsightsParams]):
    """Tells how likely an entity, such as a user, is to use an IPv4 address."""

    Params = IPInsightsParams
    channels = (
        ChannelRule("train", "Pairs of an entity and an IPv4 address that were seen together.", True),
        ChannelRule("validation", "Such pairs that are told from ones that are made up."),
    )
    metrics = (
        Metric(
            "validation:discriminator_auc",
            rf"{_HOST}epoch=\S+, validation discriminator_auc <score>=(\S+)",
            minimize=False,
        ),
        *_metrics("binary_classification_cross_entropy", "loss"),
        *_metrics("binary_classification_accuracy", "score"),
        *RUNNING,
    )
    modes = ("File", "FastFile")
    distributed = True
    accepts = (media_type.CSV,)
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES)
    responses = (media_type.JSON, media_type.JSON_LINES)

    def __init__(self) -> None:
        self._network: Network

    def train(
        self, params: IPInsightsParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Read the pairs, find which prefixes they know, pass over them, and report what is learnt."""
        cluster = host.cluster
        train = PairFile.of(channels["train"], host)
        if not cluster.total(len(train)):
            raise ClientError("Channel 'train' holds no pairs of an entity and an IPv4 address.")
        validation = PairFile.of(channels["validation"], host) if "validation" in channels else None
        if validation is not None and not cluster.total(len(validation)):
            raise ClientError("Channel 'validation' holds no pairs of an entity and an IPv4 address.")
        census = Census()
        for pairs in train.chunks():
            census.add(pairs[:, 1])
        self._network = Network.fresh(
            _seen(train, params.num_entity_vectors, cluster),
            census.prefixes(cluster),
            params,
            np.random.default_rng(_SEED),
        )
        trainer = Trainer(params, self._network, train, cluster)
        for epoch in range(params.epochs):
            stopped = trainer.run(epoch, report)
            if stopped and not epoch:
                raise StoppedError
            if validation is not None and is_worth_a_line(epoch):
                auc = _auc(self._network, validation, params, cluster)
                report.quality("validation", "discriminator_auc <score>", auc, epoch=epoch)
            if stopped:
                break
            report.progress(100 * (epoch + 1) // params.epochs)
        if not self._network.is_finite():
            raise ClientError("Training diverged, and the model is not finite: lower 'learning_rate'.")

    def save(self, folder: Path) -> None:
        """Write ``model_algo-1``, a file of NumPy arrays."""
        self._network.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        loaded = cls()
        loaded._network = Network.load(folder)
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer every pair with the product of its vectors, and the vectors if they are asked for."""
        decode, accept = DECODERS[request.kind(self.requests).name], request.wanted(self.responses)
        entities, addresses = self._network.vectors(decode(request.body))
        fields: dict[str, npt.NDArray[Any]] = {
            "dot_product": np.einsum("ij,ij->i", entities, addresses).astype(np.float64)
        }
        if accept.asks("verbose"):
            fields |= {"entity_embedding": entities, "ip_embedding": addresses}
        return Answer(ENCODERS[accept.name](Predictions(fields)), accept.name)


def _seen(train: PairFile, size: int, cluster: Cluster) -> Longs:
    """Return the hashes of the entities that any host has seen, ascending."""
    seen = np.zeros(size, np.bool_)
    for pairs in train.chunks():
        seen[hashed(pairs, size)] = True
    return np.unique(cluster.gather(np.flatnonzero(seen)))


def _auc(network: Network, validation: PairFile, params: IPInsightsParams, cluster: Cluster) -> float:
    """Return how well pairs are told from negative ones of the kinds that training uses, one of each."""
    auc, random = Auc(), np.random.default_rng((_SEED, cluster.rank))
    for pairs in validation.minibatches(params.mini_batch_size, random):
        auc.add(network.scores(pairs), positive=True)
        negatives = []
        if params.random_negative_sampling_rate:
            negatives.append(drawn(len(pairs), random))
        if params.shuffled_negative_sampling_rate:
            negatives.append(random.permutation(pairs[:, 1]))
        for addresses in negatives:
            auc.add(network.scores(np.column_stack([pairs[:, 0], addresses])), positive=False)
    return auc.value(cluster)
