"""Amazon SageMaker's resources; one file per noun."""
