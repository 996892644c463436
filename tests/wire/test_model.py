"""The models as they are loaded."""

import pytest

from clary.wire.model import Models, load, protocols, signing_name, wire_name


def test_only_served_services_are_known() -> None:
    models = Models(["sts"])
    assert models["sts"] is load("sts")
    with pytest.raises(KeyError):
        models["iam"]


def test_protocols_and_signing_names() -> None:
    assert protocols(load("cloudwatch")) == ("json", "query")
    assert protocols(load("s3")) == ("rest-xml",)
    assert signing_name(load("cloudwatch")) == "monitoring"
    assert signing_name(load("sagemaker-runtime")) == "sagemaker"


def test_a_flattened_list_goes_by_the_name_of_its_items() -> None:
    listing = load("s3").operation_model("ListObjectsV2").output_shape
    assert wire_name("Contents", listing.members["Contents"]) == "Contents"
    upload = load("s3").shape_for("CompletedMultipartUpload")
    assert wire_name("Parts", upload.members["Parts"]) == "Part"
