"""Sources: the archives with the scripts of an offer, and those of the models that it starts from."""

import gzip
import io
import tarfile
from collections.abc import Mapping

from clary.services.jumpstart.offer import Offer

_TRAIN = '''"""Trains {algorithm} for {problem_type}."""

from clary.toolkit import jumpstart

if __name__ == "__main__":
    jumpstart.run("{algorithm}", problem_type="{problem_type}")
'''

_HOST = '''"""Hosts models of {algorithm}."""

from clary.toolkit import jumpstart


def model_fn(model_dir):
    """Load the model."""
    return jumpstart.load("{algorithm}", model_dir)


def transform_fn(model, body, content_type, accept):
    """Answer a request."""
    return jumpstart.answer(model, body, content_type, accept)
'''

_NOTHING = "{algorithm} learns from your data alone: there is no model to start from.\n"


def archives(offer: Offer) -> Mapping[str, bytes]:
    """Return the archives of an offer by their keys, the same bytes whenever they are asked for."""
    values = {"algorithm": offer.algorithm, "problem_type": offer.problem_type}
    nothing = _archive("README.txt", _NOTHING.format(**values))
    return {
        offer.training_script: _archive("transfer_learning.py", _TRAIN.format(**values)),
        offer.hosting_script: _archive("inference.py", _HOST.format(**values)),
        offer.training_artifact: nothing,
        offer.hosting_artifact: nothing,
    }


def _archive(name: str, text: str) -> bytes:
    content = text.encode()
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
