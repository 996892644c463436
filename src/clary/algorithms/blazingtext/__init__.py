"""BlazingText: vectors of words, and classifiers of texts."""

from clary.algorithms.blazingtext.blazingtext import BlazingText

__all__ = ["BlazingText"]
