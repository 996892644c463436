"""NTM: the neural topic model, which finds what documents are about."""

from clary.algorithms.ntm.ntm import NTM

__all__ = ["NTM"]
