"""Image classification: residual networks that tell what an image shows."""

from clary.algorithms.image_classification.image_classification import ImageClassification

__all__ = ["ImageClassification"]
