"""Text classification: a small transformer over words that tells what a text is about."""

from clary.algorithms.text_classification.text_classification import TextClassification

__all__ = ["TextClassification"]
