"""Tests of CloudWatch Logs."""
