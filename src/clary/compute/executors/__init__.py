"""The ways to run a RunSpec; one file each."""
