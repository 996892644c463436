"""The model registry by SDK v2: packages, groups and cards."""

from collections.abc import Callable
from typing import Any

import pytest
import sagemaker
from botocore.exceptions import ClientError
from sagemaker import ModelPackage
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.model import Model
from sagemaker.model_card import ModelCard, ModelCardStatusEnum, ModelOverview
from sagemaker.model_card import ModelPackage as Registered
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer

from tests.sdks.conftest import BUCKET, INSTANCE, ROLE, Table, accuracy
from tests.sdks.v2.conftest import serving

Name = Callable[[str], str]


@pytest.fixture
def group(session: sagemaker.Session, name: Name) -> str:
    """The name of a group that the first registration makes."""
    return name("v2-group")


def registered(session: sagemaker.Session, group: str, artifacts: str, **more: Any) -> ModelPackage:
    """Return a version of ``group`` with a linear learner whose model is at ``artifacts``."""
    image = sagemaker.image_uris.retrieve("linear-learner", session.boto_region_name)
    model = Model(image_uri=image, model_data=artifacts, role=ROLE, sagemaker_session=session)
    package: ModelPackage = model.register(
        content_types=["text/csv"],
        response_types=["application/json"],
        inference_instances=[INSTANCE],
        transform_instances=[INSTANCE],
        model_package_group_name=group,
        **more,
    )
    return package


def test_a_version_is_registered_approved_and_deployed(
    session: sagemaker.Session, trained: Estimator, group: str, tumours: Table
) -> None:
    package = registered(session, group, trained.model_data, description="the first")
    described = session.wait_for_model_package(package.model_package_arn, poll=1)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    assert session.get_most_recently_created_approved_model_package(group) is None
    package.update_approval_status("Approved", approval_description="good")
    latest = session.get_most_recently_created_approved_model_package(group)
    assert latest.model_package_arn == package.model_package_arn

    package.predictor_cls = Predictor
    deployed = package.deploy(
        1, INSTANCE, serializer=CSVSerializer(), deserializer=JSONDeserializer(), wait=False
    )
    with serving(session, deployed) as predictor:
        answers = predictor.predict(tumours.features)["predictions"]
        assert accuracy([answer["predicted_label"] for answer in answers], tumours) > 0.93


def test_what_is_known_of_a_version_is_changed(session: sagemaker.Session, group: str) -> None:
    artifacts = f"s3://{BUCKET}/v2-registry/model.tar.gz"
    package = registered(session, group, artifacts, customer_metadata_properties={"team": "a", "stage": "b"})
    package.update_customer_metadata({"stage": "c"})
    package.remove_customer_metadata_properties(["team"])
    package.add_inference_specification(
        name="other", image_uris=["linear-learner:1"], description="beside the first"
    )
    package.update_source_uri("s3://source")
    found = session.sagemaker_client.describe_model_package(ModelPackageName=package.model_package_arn)
    assert found["CustomerMetadataProperties"] == {"stage": "c"}
    assert [one["Name"] for one in found["AdditionalInferenceSpecifications"]] == ["other"]
    assert found["SourceUri"] == "s3://source"
    second = registered(session, group, artifacts, approval_status="Approved")
    assert second.model_package_arn.endswith("/2")
    client = session.sagemaker_client
    for version in (package, second):
        client.delete_model_package(ModelPackageName=version.model_package_arn)
    client.delete_model_package_group(ModelPackageGroupName=group)
    with pytest.raises(ClientError, match=r"not exist|not find"):
        session.wait_for_model_package(second.model_package_arn, poll=1)


def test_a_card_is_kept_in_versions(session: sagemaker.Session, name: Name) -> None:
    card = ModelCard(
        name=name("v2-card"),
        status=ModelCardStatusEnum.DRAFT,
        model_overview=ModelOverview(model_description="a learner", problem_type="Binary"),
        sagemaker_session=session,
    )
    card.create()
    card.model_overview.model_description = "a better learner"
    card.update()
    loaded = ModelCard.load(card.name, sagemaker_session=session)
    assert (loaded.version, loaded.model_overview.model_description) == (2, "a better learner")
    assert loaded.status == ModelCardStatusEnum.DRAFT
    first = ModelCard.load(card.name, version=1, sagemaker_session=session)
    assert first.model_overview.model_description == "a learner"
    assert {one["ModelCardVersion"] for one in card.get_version_history()} == {1, 2}
    with pytest.raises(ClientError, match="not supported"):
        card.export_pdf(f"s3://{BUCKET}/v2-cards")
    assert card.list_export_jobs()["ModelCardExportJobSummaries"] == []
    card.delete()
    with pytest.raises(ClientError, match=r"not exist|not find"):
        ModelCard.load(card.name, sagemaker_session=session)


def test_a_card_is_made_of_what_is_registered(session: sagemaker.Session, group: str, name: Name) -> None:
    package = registered(session, group, f"s3://{BUCKET}/v2-registry/model.tar.gz")
    details = Registered.from_model_package_arn(package.model_package_arn, sagemaker_session=session)
    card = ModelCard(name=name("v2-card"), model_package_details=details, sagemaker_session=session)
    card.create()
    loaded = ModelCard.load(card.name, sagemaker_session=session)
    assert loaded.model_package_details.model_package_arn == package.model_package_arn
    card.delete()
