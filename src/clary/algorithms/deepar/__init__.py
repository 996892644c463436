"""DeepAR: probabilistic forecasts of many time series by one recurrent network."""

from clary.algorithms.deepar.deepar import DeepAR

__all__ = ["DeepAR"]
