"""The command line: up, down, status, env, logs, run, explain, doctor, quickstart, export, import, backup."""

from clary.cli.program import main

__all__ = ["main"]
