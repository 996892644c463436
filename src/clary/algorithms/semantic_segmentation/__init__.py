"""Semantic segmentation: networks that tell the class of every pixel of an image."""

from clary.algorithms.semantic_segmentation.semantic_segmentation import SemanticSegmentation

__all__ = ["SemanticSegmentation"]
