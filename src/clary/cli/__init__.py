"""The command line: up, down, status, env, logs, run, explain, doctor, quickstart."""

from clary.cli.program import main

__all__ = ["main"]
