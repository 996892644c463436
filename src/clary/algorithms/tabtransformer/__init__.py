"""TabTransformer: classification and regression of tables by a transformer over their categories."""

from clary.algorithms.tabtransformer.tabtransformer import TabTransformer

__all__ = ["TabTransformer"]
