"""Tests of CloudWatch's metrics."""
