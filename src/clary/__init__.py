"""Clary: a machine-learning platform you run yourself that speaks Amazon SageMaker's wire protocol."""
