"""What experiments and lineage are told of a processing job."""

from clary.services import processing_story
from clary.services.tracking import Material
from tests.store.test_resources import row

CLUSTER = {"InstanceCount": 2, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
DOC = {
    "ProcessingResources": {"ClusterConfig": CLUSTER},
    "AppSpecification": {"ImageUri": "registry/image:1"},
    "ProcessingInputs": [
        {"InputName": "raw", "S3Input": {"S3Uri": "s3://box/raw"}},
        {"InputName": "table", "DatasetDefinition": {"LocalPath": "/opt/ml/processing/table"}},
    ],
    "ProcessingOutputConfig": {"Outputs": [{"OutputName": "clean", "S3Output": {"S3Uri": "s3://box/clean"}}]},
}


def test_data_sets_go_in_and_out_under_the_names_of_the_request() -> None:
    told = processing_story.story(row("job", doc=DOC), "Completed", 1.0, 2.0)
    assert told.job == "SageMakerProcessingJob"
    assert told.parameters == {
        "SageMaker.InstanceCount": "2",
        "SageMaker.InstanceType": "ml.m5.large",
        "SageMaker.VolumeSizeInGB": "30",
    }
    assert told.inputs == (
        Material("SageMaker.ImageUri", "registry/image:1", "Image"),
        Material("raw", "s3://box/raw", "DataSet"),
    )
    assert told.outputs == (Material("clean", "s3://box/clean", "DataSet"),)


def test_a_job_may_have_neither_inputs_nor_outputs() -> None:
    doc = {name: DOC[name] for name in ("ProcessingResources", "AppSpecification")}
    told = processing_story.story(row("job", doc=doc), "InProgress", None)
    assert [material.kind for material in told.inputs] == ["Image"]
    assert told.outputs == ()
