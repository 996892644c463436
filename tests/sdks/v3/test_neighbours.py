"""k-NN by the trainer of SDK v3: CSV up, and answers with their neighbours."""

from collections.abc import Callable

from sagemaker.core import image_uris
from sagemaker.core.deserializers import JSONDeserializer
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.serializers import JSONSerializer
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer

from tests.sdks.conftest import INSTANCE, Table, accuracy
from tests.sdks.v3.conftest import cleaning


def test_neighbours_tell_tumours_and_are_told(
    session: Session, channels: list[InputData], tumours: Table, name: Callable[[str], str]
) -> None:
    image = image_uris.retrieve("knn", session.boto_region_name)
    trainer = ModelTrainer(
        training_image=image,
        role=get_execution_role(),
        base_job_name="v3-knn",
        compute=Compute(instance_type=INSTANCE, instance_count=1),
        hyperparameters={
            "feature_dim": tumours.features.shape[1],
            "k": 5,
            "sample_size": len(tumours.train),
            "predictor_type": "classifier",
        },
    )
    trainer.train(channels[:1], logs=False)
    builder = ModelBuilder(
        model=trainer, image_uri=image, role_arn=get_execution_role(), instance_type=INSTANCE
    )
    builder.build(model_name=name("v3-knn"))
    made = name("v3-knn")
    endpoint = builder.deploy(endpoint_name=made, wait=False)
    with cleaning(made):
        endpoint.wait_for_status("InService", poll=1)
        endpoint.serializer, endpoint.deserializer = JSONSerializer(), JSONDeserializer()
        rows = [{"features": row.tolist()} for row in tumours.features]
        answer = endpoint.invoke(
            body={"instances": rows},
            content_type="application/json",
            accept="application/json; verbose=true",
        )
        answers = answer.body["predictions"]
    assert accuracy([each["predicted_label"] for each in answers], tumours) > 0.9
    assert all(len(each["labels"]) == 5 for each in answers)
    assert all(each["distances"] == sorted(each["distances"]) for each in answers)
