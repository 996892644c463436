"""What experiments and lineage are told of a batch transform job."""

from clary.services import transform_story
from clary.services.tracking import Material
from tests.store.test_resources import row

DOC = {
    "ModelName": "net",
    "TransformInput": {"DataSource": {"S3DataSource": {"S3Uri": "s3://box/rows"}}, "ContentType": "text/csv"},
    "TransformOutput": {"S3OutputPath": "s3://box/predictions"},
    "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
}
CONTAINER = {"Image": "registry/image:1", "ModelDataUrl": "s3://box/model.tar.gz"}


def test_the_model_stands_behind_the_job_and_its_data_beside_it() -> None:
    model = row("net", doc={"PrimaryContainer": CONTAINER})
    told = transform_story.story(row("job", doc=DOC), model, "Completed", 1.0, 2.0)
    assert told.inputs == (Material("SageMaker.TransformInput", "s3://box/rows", "DataSet", "text/csv"),)
    assert told.outputs == (Material("SageMaker.TransformOutput", "s3://box/predictions", "DataSet"),)
    assert [(material.uri, material.kind) for material in told.behind] == [
        ("s3://box/model.tar.gz", "Model"),
        ("registry/image:1", "Image"),
    ]
    assert told.parameters["SageMaker.ModelPrimary.Image"] == "registry/image:1"
    assert told.parameters["SageMaker.ModelName"] == "net"


def test_a_model_that_is_gone_is_named_all_the_same() -> None:
    told = transform_story.story(row("job", doc=DOC), None, "Failed", 1.0, 2.0)
    assert told.behind == ()
    assert told.parameters["SageMaker.ModelName"] == "net"
