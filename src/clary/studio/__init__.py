"""Serves the built web Studio and its session; has no API of its own."""
