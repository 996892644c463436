"""Compiles the gateway's C where the installation has none, as in a checkout whose sources have changed."""

import sys

from clary.gateway.native.compilation import compile_module

if __name__ == "__main__":
    sys.exit(
        0
        if compile_module()
        else "There is no working C compiler called cc, or Python's headers are missing."
    )
