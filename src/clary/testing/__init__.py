"""Contract tests any executor or algorithm must pass, ours or yours."""
