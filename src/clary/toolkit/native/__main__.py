"""Compiles the kernels where the installation has none, as in a checkout whose sources have changed."""

import sys

from clary.toolkit.native.compilation import compile_kernels

if __name__ == "__main__":
    sys.exit(0 if compile_kernels() else "There is no working C compiler called cc.")
