"""Lineage by SDK v2: entities, associations and the walks between them."""

from collections.abc import Callable

import pytest
import sagemaker
from botocore.exceptions import ClientError
from sagemaker.lineage.action import Action
from sagemaker.lineage.artifact import Artifact
from sagemaker.lineage.association import Association
from sagemaker.lineage.context import Context
from sagemaker.lineage.query import LineageEntityEnum, LineageFilter, LineageQuery, LineageQueryDirectionEnum

from tests.sdks.conftest import BUCKET

Name = Callable[[str], str]
GONE = "not find|not exist|no association"


def test_a_model_leads_back_to_its_data_and_on_to_where_it_is_used(
    session: sagemaker.Session, name: Name
) -> None:
    mark = name("v2-lineage")
    data, model = (
        Artifact.create(
            artifact_name=f"{mark}-{kind}",
            source_uri=f"s3://{BUCKET}/{mark}/{kind}",
            artifact_type=kind,
            properties={"owner": "me"},
            tags=[{"Key": "team", "Value": "a"}],
            sagemaker_session=session,
        )
        for kind in ("DataSet", "Model")
    )
    training = Action.create(
        action_name=f"{mark}-training",
        source_uri=f"s3://{BUCKET}/{mark}/code",
        action_type="Training",
        status="InProgress",
        sagemaker_session=session,
    )
    use = Context.create(
        context_name=f"{mark}-endpoint",
        source_uri=f"s3://{BUCKET}/{mark}/endpoint",
        context_type="Endpoint",
        sagemaker_session=session,
    )
    ends = [
        (data.artifact_arn, training.action_arn, "ContributedTo"),
        (training.action_arn, model.artifact_arn, "Produced"),
        (model.artifact_arn, use.context_arn, "AssociatedWith"),
    ]
    made = [
        Association.create(
            source_arn=source, destination_arn=end, association_type=kind, sagemaker_session=session
        )
        for source, end, kind in ends
    ]
    found = Association.list(source_arn=data.artifact_arn, sagemaker_session=session)
    assert [(one.destination_arn, one.association_type) for one in found] == [ends[0][1:]]

    def walk(direction: LineageQueryDirectionEnum, **narrowed: list[LineageEntityEnum]) -> set[str]:
        answer = LineageQuery(session).query(
            start_arns=[model.artifact_arn],
            query_filter=LineageFilter(**narrowed),
            direction=direction,
            include_edges=False,
        )
        return {vertex.arn for vertex in answer.vertices} - {model.artifact_arn}

    assert walk(LineageQueryDirectionEnum.ASCENDANTS) == {data.artifact_arn, training.action_arn}
    assert walk(LineageQueryDirectionEnum.DESCENDANTS) == {use.context_arn}
    both = walk(LineageQueryDirectionEnum.BOTH, entities=[LineageEntityEnum.CONTEXT])
    assert both == {use.context_arn}
    for association in made:
        association.delete()
    assert walk(LineageQueryDirectionEnum.BOTH) == set()
    with pytest.raises(ClientError, match=GONE):
        made[0].delete()
    for entity in (data, model, training, use):
        entity.delete()


def test_entities_are_listed_changed_tagged_and_taken_away(session: sagemaker.Session, name: Name) -> None:
    uri = f"s3://{BUCKET}/{name('v2-entities')}"
    artifact = Artifact.create(source_uri=uri, artifact_type="DataSet", sagemaker_session=session)
    artifact.artifact_name = name("v2-renamed")
    artifact.properties = {"rows": "3"}
    artifact.save()
    artifact.set_tag({"Key": "team", "Value": "a"})
    loaded = Artifact.load(artifact.artifact_arn, sagemaker_session=session)
    assert (loaded.artifact_name, loaded.properties) == (artifact.artifact_name, {"rows": "3"})
    listed = Artifact.list(source_uri=uri, sagemaker_session=session)
    assert [one.artifact_arn for one in listed] == [artifact.artifact_arn]

    action = Action.create(
        action_name=name("v2-action"), source_uri=uri, action_type="Test", sagemaker_session=session
    )
    action.status = "Completed"
    action.save()
    assert Action.load(action.action_name, sagemaker_session=session).status == "Completed"
    assert [one.action_name for one in Action.list(source_uri=uri, sagemaker_session=session)] == [
        action.action_name
    ]

    context = Context.create(
        context_name=name("v2-context"), source_uri=uri, context_type="Test", sagemaker_session=session
    )
    context.properties = {"k": "v"}
    context.save()
    context.properties = {}
    context.properties_to_remove = ["k"]
    context.save()
    assert not Context.load(context.context_name, sagemaker_session=session).properties
    found = [one.context_name for one in Context.list(source_uri=uri, sagemaker_session=session)]
    assert found == [context.context_name]
    for entity in (artifact, action, context):
        entity.delete()
    with pytest.raises(ClientError, match=GONE):
        Action.load(action.action_name, sagemaker_session=session)
    with pytest.raises(ClientError, match=GONE):
        Artifact.load(artifact.artifact_arn, sagemaker_session=session)
