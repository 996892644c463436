"""Scripts are archives that the SDK can unpack and put beside a model."""

import ast
import io
import tarfile

from clary.services.jumpstart.offer import OFFERS, Offer
from clary.services.jumpstart.sources import archives


def unpacked(content: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {
            member.name: (archive.extractfile(member) or io.BytesIO()).read().decode() for member in archive
        }


def test_scripts_name_their_algorithm_and_problem() -> None:
    offer = OFFERS[1]
    files = archives(offer)
    assert files == archives(offer)
    train = unpacked(files[offer.training_script])["transfer_learning.py"]
    host = unpacked(files[offer.hosting_script])["inference.py"]
    assert 'jumpstart.run("lightgbm", problem_type="regression")' in train
    defined = {node.name for node in ast.parse(host).body if isinstance(node, ast.FunctionDef)}
    assert defined == {"model_fn", "transform_fn"}


def test_there_is_no_model_to_start_from() -> None:
    offer = Offer("an-id", "toy", "regression", "tabular_regress")
    files = archives(offer)
    for key in (offer.training_artifact, offer.hosting_artifact):
        assert "no model to start from" in unpacked(files[key])["README.txt"]
