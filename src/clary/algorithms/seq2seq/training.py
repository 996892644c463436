"""Training of encoder and decoder: steps, and every so many of them an evaluation that may end it."""

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from clary.algorithms.seq2seq.beam import search
from clary.algorithms.seq2seq.bleu import bleu
from clary.algorithms.seq2seq.network import Network
from clary.algorithms.seq2seq.params import ACCURACY, BLEU, PERPLEXITY, Seq2SeqParams
from clary.algorithms.seq2seq.sentences import Longs, Sentences, padded
from clary.algorithms.seq2seq.vocabulary import BEGIN, END, PAD, Vocabulary
from clary.toolkit.errors import StoppedError
from clary.toolkit.neural import seeding, weights
from clary.toolkit.neural.optimizers import OptimizerSettings, optimizer, set_learning_rate
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report

_SEED = 5
_SIGNS = {PERPLEXITY: "perplexity <loss>", ACCURACY: "accuracy <score>", BLEU: "bleu <score>"}


@dataclass(slots=True)
class _Sums:
    """What is added up over tokens: losses, what was told right, and how many there are."""

    loss: float = 0.0
    right: float = 0.0
    tokens: float = 0.0

    def value(self, metric: str) -> float:
        """Return perplexity or accuracy."""
        tokens = max(self.tokens, 1.0)
        return math.exp(min(self.loss / tokens, 700)) if metric == PERPLEXITY else self.right / tokens


class Trainer:
    """Learns the weights of ``network``."""

    def __init__(self, network: Network, params: Seq2SeqParams, target: Vocabulary, report: Report) -> None:
        self._network, self._params, self._target, self._report = network, params, target, report
        self._device = next(network.parameters()).device
        settings = OptimizerSettings(
            params.learning_rate, params.weight_decay, momentum=params.momentum or 0.0
        )
        self._optimizer = optimizer(params.optimizer_type, network.parameters(), settings)
        self._random = np.random.default_rng(_SEED)
        score = params.optimized_metric != PERPLEXITY
        self._patience = Patience(params.checkpoint_threshold, maximize=score)
        self._plateau = Patience(params.plateau_reduce_lr_threshold, maximize=score)
        self._rate, self._checkpoints, self._steps = params.learning_rate, 0, 0
        self._best: weights.Arrays = {}

    def fit(self, train: Sentences, validation: Sentences) -> None:
        """Take steps until the evaluations no longer improve; the weights of the best one are kept.

        Raises StoppedError when the job is asked to stop before the first evaluation.
        """
        seeding.fix(_SEED)
        epoch, over = 0, False
        while not over and (self._params.max_num_epochs is None or epoch < self._params.max_num_epochs):
            over = self._epoch(train, validation, epoch)
            epoch += 1
            if self._params.max_num_epochs is not None:
                self._report.progress(100 * epoch // self._params.max_num_epochs)
        if self._report.stopping and not self._best:
            raise StoppedError
        if not self._report.stopping and self._steps % self._params.checkpoint_frequency_num_batches:
            self._checkpoint(validation, epoch)
        weights.restore(self._network, self._best)

    def _epoch(self, train: Sentences, validation: Sentences, epoch: int) -> bool:
        """Go over all pairs once; returns whether training is over."""
        began, sums, over = time.monotonic(), _Sums(), False
        for chosen in train.batches(self._params, self._random):
            if self._report.stopping or self._steps == self._params.max_num_batches:
                over = True
                break
            self._step(train, chosen, sums)
            self._steps += 1
            if self._steps % self._params.checkpoint_frequency_num_batches == 0:
                enough = self._checkpoint(validation, epoch)
                if enough and epoch >= self._params.min_num_epochs:
                    over = True
                    break
        metric = self._params.training_metric
        self._report.quality("train", _SIGNS[metric], sums.value(metric), epoch=epoch)
        self._report.throughput(len(train) / max(time.monotonic() - began, 1e-9))
        return over

    def _step(self, pairs: Sentences, chosen: Longs, sums: _Sums) -> None:
        self._network.train()
        loss = self._loss(pairs, chosen, sums)
        self._optimizer.zero_grad()
        loss.backward()
        if self._params.clip_gradient > 0:
            torch.nn.utils.clip_grad_value_(self._network.parameters(), self._params.clip_gradient)
        self._optimizer.step()

    def _loss(self, pairs: Sentences, chosen: Longs, sums: _Sums) -> Any:
        """Return the mean loss of a token, and add to ``sums``."""
        begin, end, pad = (self._target[token] for token in (BEGIN, END, PAD))
        sources = padded([pairs.sources[each] for each in chosen], self._network.filler)
        targets = [pairs.targets[each] for each in chosen]
        told = padded([np.append(np.int32(begin), target) for target in targets], pad)
        wanted = self._tensor(padded([np.append(target, np.int32(end)) for target in targets], pad))
        scores = self._network(self._tensor(sources), self._tensor(told))
        loss = nn.functional.cross_entropy(scores.transpose(1, 2), wanted, ignore_index=pad)
        there = wanted != pad
        tokens = float(there.sum())
        sums.loss += float(loss.detach()) * tokens
        sums.right += float(((scores.argmax(dim=2) == wanted) & there).sum())
        sums.tokens += tokens
        return loss

    def _tensor(self, table: Longs) -> Any:
        return torch.from_numpy(table).to(self._device)

    def _checkpoint(self, validation: Sentences, epoch: int) -> bool:
        """Evaluate, keep the best weights, set the rate; returns whether patience is at its end."""
        self._network.eval()
        sums = _Sums()
        with torch.no_grad():
            for chosen in validation.batches(self._params, None):
                self._loss(validation, chosen, sums)
        values = {metric: sums.value(metric) for metric in (PERPLEXITY, ACCURACY)}
        if self._params.bleu_sample_size or self._params.optimized_metric == BLEU:
            values[BLEU] = self._bleu(validation)
        for metric, value in values.items():
            self._report.quality("validation", _SIGNS[metric], value, epoch=epoch)
        watched = values[self._params.optimized_metric]
        if self._patience.is_better(watched) or not self._best:
            self._best = weights.arrays(self._network)
        over = self._patience.is_over(watched)
        self._checkpoints += 1
        set_learning_rate(self._optimizer, self._next_rate(watched))
        return over

    def _bleu(self, validation: Sentences) -> float:
        """Return the BLEU of what is told of some validation pairs, the first ones."""
        asked = self._params.bleu_sample_size
        count = len(validation) if asked <= 0 else min(asked, len(validation))
        found = []
        for source in validation.sources[:count]:
            told = search(
                self._network,
                self._tensor(source[None].astype(np.int64)),
                size=self._params.beam_size,
                longest=self._params.max_seq_len_target,
                begin=self._target[BEGIN],
                end=self._target[END],
            )
            found.append(told.tokens)
        return bleu(found, [target.tolist() for target in validation.targets[:count]])

    def _next_rate(self, watched: float) -> float:
        kind, params = self._params.lr_scheduler_type, self._params
        if kind == "plateau_reduce":
            if self._plateau.is_over(watched):
                self._rate *= params.plateau_reduce_lr_factor
                self._plateau.stale = 0
            return self._rate
        lives = 1 + self._checkpoints / params.fixed_rate_lr_half_life
        return self._rate / (lives if kind == "fixed_rate_inv_t" else math.sqrt(lives))
