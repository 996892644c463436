"""The command a job runs: ``train``, ``serve`` or ``describe`` an algorithm."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from clary.toolkit import environment, extra
from clary.toolkit.algorithm import find, names
from clary.toolkit.describe import describe, hosting
from clary.toolkit.errors import ClientError
from clary.toolkit.serve import serve
from clary.toolkit.train import CLIENT_ERROR, train


def main(argv: Sequence[str]) -> int:
    """Run the command in ``argv``, program name excluded; returns the exit code."""
    args = _parser().parse_args(argv)
    if args.command == "train":
        return train(args.algorithm, environment.base_folder())
    if args.command == "serve":
        return serve(args.algorithm, environment.base_folder())
    try:
        cards = {name: _card(name) for name in args.algorithm or names()}
    except ClientError as error:
        sys.stderr.write(f"{error}\n")
        return CLIENT_ERROR
    sys.stdout.write(json.dumps(cards, indent=2) + "\n")
    return 0


def _card(name: str) -> dict[str, Any]:
    """Return what is known of an algorithm; of one that cannot be imported, why."""
    try:
        found = find(name)
    except ImportError as error:
        return {"Failure": f"{type(error).__name__}: {error}"}
    return {
        "AlgorithmDescription": (found.__doc__ or name).partition("\n")[0],
        "RequiredExtras": list(found.needs),
        "TrainingSpecification": describe(found),
        "InferenceSpecification": hosting(found),
        "MissingExtras": extra.missing(found.needs),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clary.toolkit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (
        ("train", "train on the job under /opt/ml (or SAGEMAKER_BASE_DIR)"),
        ("serve", "host the model under /opt/ml/model"),
    ):
        commands.add_parser(name, help=about).add_argument("algorithm")
    card = commands.add_parser("describe", help="print algorithms' cards as JSON")
    card.add_argument("algorithm", nargs="*")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
