"""``python -m clary.cli``: the same as ``clary``."""

from clary.cli import main

if __name__ == "__main__":
    main()
