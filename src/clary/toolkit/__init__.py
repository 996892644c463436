"""Runs inside a job: the /opt/ml contract, data formats, train, serve, describe."""
