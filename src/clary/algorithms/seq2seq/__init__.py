"""Sequence-to-sequence: one sequence of tokens to another, such as a translation or a summary."""

from clary.algorithms.seq2seq.seq2seq import Seq2Seq

__all__ = ["Seq2Seq"]
