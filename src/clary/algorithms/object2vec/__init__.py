"""Object2Vec: vectors of pairs of objects that go together, such as sentences, or users and films."""

from clary.algorithms.object2vec.object2vec import Object2Vec

__all__ = ["Object2Vec"]
