"""Tests of the wire: real botocore clients and requests against fake services."""
