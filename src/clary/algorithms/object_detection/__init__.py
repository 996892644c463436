"""Object detection: networks that tell what is on an image, and where."""

from clary.algorithms.object_detection.object_detection import ObjectDetection

__all__ = ["ObjectDetection"]
