"""Lineage by SDK v2's classes: from data sets and models to endpoints and back, and the tables of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.experiments import Experiment, Run, SortByType, SortOrderType, list_runs, load_run
from sagemaker.lineage.action import Action
from sagemaker.lineage.artifact import Artifact, DatasetArtifact, ImageArtifact, ModelArtifact
from sagemaker.lineage.association import Association
from sagemaker.lineage.context import Context, EndpointContext
from sagemaker.lineage.lineage_trial_component import LineageTrialComponent
from sagemaker.lineage.query import (
    LineageEntityEnum,
    LineageFilter,
    LineageQuery,
    LineageQueryDirectionEnum,
    LineageSourceEnum,
)
from sagemaker.lineage.visualizer import LineageTableVisualizer

from tests.sdks.conftest import BUCKET, INSTANCE
from tests.sdks.v2.conftest import serving

Name = Callable[[str], str]
UP, DOWN = LineageQueryDirectionEnum.ASCENDANTS, LineageQueryDirectionEnum.DESCENDANTS


@dataclass
class Deployed:
    """A job's model behind an endpoint, as lineage tells of them."""

    job: str
    job_arn: str
    endpoint_arn: str
    endpoint: EndpointContext
    model: ModelArtifact
    data: DatasetArtifact


@pytest.fixture(scope="module")
def deployed(session: sagemaker.Session, trained: Estimator) -> Iterator[Deployed]:
    """The learner of tumours, in service."""
    predictor = trained.deploy(1, INSTANCE, wait=False)
    with serving(session, predictor):
        arn = session.describe_endpoint(predictor.endpoint_name)["EndpointArn"]
        job = trained.latest_training_job.describe()
        uri = job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]

        def artifact(of: type[Artifact], source: str) -> Artifact:
            (found,) = Artifact.list(source_uri=source, sagemaker_session=session)
            return of.load(found.artifact_arn, sagemaker_session=session)

        (context,) = Context.list(source_uri=arn, sagemaker_session=session)
        yield Deployed(
            job["TrainingJobName"],
            job["TrainingJobArn"],
            arn,
            EndpointContext.load(context.context_name, sagemaker_session=session),
            artifact(ModelArtifact, trained.model_data),
            artifact(DatasetArtifact, uri),
        )


def arns(found: list[Artifact]) -> set[str]:
    return {one.artifact_arn for one in found}


def test_a_model_leads_to_its_endpoint_its_data_and_its_job(
    session: sagemaker.Session, deployed: Deployed
) -> None:
    model, context = deployed.model, deployed.endpoint.context_arn
    assert context in {one.destination_arn for one in model.endpoints()}
    assert context in {one.context_arn for one in model.endpoint_contexts()}
    assert {type(one) for one in model.dataset_artifacts()} == {DatasetArtifact}
    assert deployed.data.artifact_arn in arns(model.dataset_artifacts())
    assert model.training_job_arns() == [deployed.job_arn]
    assert model.pipeline_execution_arn() is None
    execution = deployed.job_arn.replace("training-job", "pipeline/p/execution")
    tag = {"Key": "sagemaker:pipeline-execution-arn", "Value": execution}
    session.sagemaker_client.add_tags(ResourceArn=deployed.job_arn, Tags=[tag])
    assert model.pipeline_execution_arn() == execution
    assert deployed.endpoint.pipeline_execution_arn() == execution
    assert model.s3_uri_artifacts(model.source.source_uri)["ArtifactSummaries"]


def test_an_endpoint_leads_back_to_all_that_is_behind_it(
    session: sagemaker.Session, deployed: Deployed
) -> None:
    endpoint = deployed.endpoint
    assert endpoint.training_job_arns() == [deployed.job_arn]
    assert deployed.data.artifact_arn in arns(endpoint.dataset_artifacts())
    assert [one.action_type for one in endpoint.actions(UP)] == ["ModelDeployment"]
    assert endpoint.processing_jobs() == endpoint.transform_jobs() == []
    (component,) = endpoint.trial_components()
    assert isinstance(component, LineageTrialComponent)
    assert component.source["SourceArn"] == deployed.job_arn
    assert deployed.model.artifact_arn in arns(component.models())
    assert deployed.data.artifact_arn in arns(component.dataset_artifacts())
    assert endpoint.context_arn in {one.context_arn for one in deployed.data.endpoint_contexts()}
    (image,) = _reached(session, endpoint.context_arn, UP, LineageSourceEnum.IMAGE)
    assert isinstance(image, ImageArtifact)


def test_a_table_shows_what_went_into_a_job_and_came_of_it(
    session: sagemaker.Session, deployed: Deployed
) -> None:
    tables = LineageTableVisualizer(session)
    shown = tables.show(training_job_name=deployed.job)
    assert set(shown["Direction"] + " " + shown["Type"]) == {"Input DataSet", "Input Image", "Output Model"}
    assert set(shown["Association Type"]) == {"ContributedTo", "Produced"}
    assert set(shown["Lineage Type"]) == {"artifact"}
    shown = tables.show(endpoint_arn=deployed.endpoint_arn)
    assert list(shown["Type"]) == ["ModelDeployment"]
    step = {"Metadata": {"TrainingJob": {"Arn": deployed.job_arn}}}
    assert len(tables.show(pipeline_execution_step=step)) == 4


def test_what_is_joined_by_hand_is_walked_by_every_class(session: sagemaker.Session, name: Name) -> None:
    mark = name("v2-walk")
    raw, clean, model, image = (
        Artifact.create(
            artifact_name=f"{mark}-{stem}",
            source_uri=f"s3://{BUCKET}/{mark}/{stem}",
            artifact_type=kind,
            properties={"mark": mark, "stem": stem},
            sagemaker_session=session,
        )
        for stem, kind in (("raw", "DataSet"), ("clean", "DataSet"), ("model", "Model"), ("image", "Image"))
    )
    context = EndpointContext.create(
        context_name=f"{mark}-endpoint", source_uri=mark, context_type="Endpoint", sagemaker_session=session
    )
    action = Action.create(
        action_name=f"{mark}-deploy",
        source_uri=mark,
        action_type="ModelDeployment",
        sagemaker_session=session,
    )
    for source, end in (
        (raw.artifact_arn, clean.artifact_arn),
        (image.artifact_arn, clean.artifact_arn),
        (clean.artifact_arn, context.context_arn),
        (context.context_arn, action.action_arn),
        (action.action_arn, model.artifact_arn),
    ):
        Association.create(source_arn=source, destination_arn=end, sagemaker_session=session)

    def load(of: type[Artifact], one: Artifact) -> Artifact:
        return of.load(one.artifact_arn, sagemaker_session=session)

    data = load(DatasetArtifact, clean)
    assert arns(data.upstream_datasets()) == {raw.artifact_arn, clean.artifact_arn}
    assert arns(data.downstream_datasets()) == {clean.artifact_arn}
    assert arns(load(ImageArtifact, image).datasets(DOWN)) == {clean.artifact_arn}
    endpoint = EndpointContext.load(context.context_name, sagemaker_session=session)
    assert [one.destination_arn for one in endpoint.models()] == [model.artifact_arn]
    assert arns(endpoint.models_v2()) == {model.artifact_arn}
    assert [one.action_arn for one in endpoint.actions(DOWN)] == [action.action_arn]
    assert arns(Action.load(action.action_name, sagemaker_session=session).artifacts(DOWN)) == {
        model.artifact_arn
    }
    raw.set_tags([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    tags = session.sagemaker_client.list_tags(ResourceArn=raw.artifact_arn)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"a": "1", "b": "2"}
    assert context.set_tags({"a": "1"}) == [{"Key": "a", "Value": "1"}]
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    for narrowed, count in (
        ({"properties": {"mark": mark}}, 4),
        ({"properties": {"mark": mark, "stem": "raw"}}, 1),
        ({"created_after": now - hour, "created_before": now + hour}, 6),
        ({"modified_before": now - hour}, 0),
        ({"modified_after": now + hour}, 0),
        ({"entities": [LineageEntityEnum.ACTION, "Context"]}, 2),
        ({"sources": [LineageSourceEnum.DATASET, "Image"]}, 3),
    ):
        answer = LineageQuery(session).query(
            [clean.artifact_arn], query_filter=LineageFilter(**narrowed), include_edges=False
        )
        assert len(answer.vertices) == count, narrowed
    whole = LineageQuery(session).query([raw.artifact_arn], DOWN)
    assert len(whole.edges) == len(whole.vertices) - 1 == 4
    assert len(LineageQuery(session).query([raw.artifact_arn], DOWN, max_depth=2).vertices) == 3
    raw.delete(disassociate=True)
    assert arns(data.upstream_datasets()) == {clean.artifact_arn}


def _reached(
    session: sagemaker.Session, start: str, direction: LineageQueryDirectionEnum, kind: LineageSourceEnum
) -> list[object]:
    answer = LineageQuery(session).query([start], direction, False, LineageFilter(sources=[kind]))
    return [vertex.to_lineage_object() for vertex in answer.vertices]


def test_runs_are_listed_and_loaded_again(session: sagemaker.Session, name: Name) -> None:
    experiment = name("v2-runs")
    for stem in ("first", "second"):
        with Run(experiment_name=experiment, run_name=stem, sagemaker_session=session) as run:
            run.log_parameters({"rate": 0.1, "kind": stem})
            run.log_metric("loss", 0.5, step=0)
            run.log_metric("loss", 0.25, step=1)
    with load_run(experiment_name=experiment, run_name="first", sagemaker_session=session) as run:
        assert run.log_parameter("more", "yes") is None
    found = list_runs(
        experiment_name=experiment,
        sort_by=SortByType.CREATION_TIME,
        sort_order=SortOrderType.ASCENDING,
        sagemaker_session=session,
    )
    assert [run.run_name for run in found] == ["first", "second"]
    component = session.sagemaker_client.describe_trial_component(
        TrialComponentName=found[0]._trial_component.trial_component_name
    )
    assert component["Parameters"]["more"] == {"StringValue": "yes"}
    assert component["Parameters"]["rate"] == {"NumberValue": 0.1}
    (metric,) = component["Metrics"]
    assert (metric["MetricName"], metric["Count"], metric["Min"], metric["Last"]) == ("loss", 2, 0.25, 0.25)
    assert Experiment.load(experiment, sagemaker_session=session).experiment_name == experiment
