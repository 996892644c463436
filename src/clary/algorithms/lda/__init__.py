"""Latent Dirichlet allocation: the topics of documents, found from moments of their words."""

from clary.algorithms.lda.lda import LDA

__all__ = ["LDA"]
