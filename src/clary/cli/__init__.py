"""The command line: servers, jobs by hand, explanations, checks and archives."""

from clary.cli.program import main

__all__ = ["main"]
