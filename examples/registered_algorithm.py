"""Give an algorithm a card of your own, and let others train by its name alone.

Registers k-means with bounds for its hyperparameters, trains it by AlgorithmEstimator, which knows no image,
and deploys the model. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/registered_algorithm.py
"""

import numpy as np
import sagemaker
from botocore.exceptions import ClientError
from sagemaker.algorithm import AlgorithmEstimator
from sagemaker.deserializers import JSONDeserializer
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer

NAME = "segments"
ROLE = "ClaryExecutionRole"
INSTANCE = "ml.m5.large"
CSV = "text/csv;label_size=0"


def main() -> None:
    """Register, train, see a mistake refused, deploy, predict, clean up."""
    session = sagemaker.Session()
    client = session.sagemaker_client
    image = sagemaker.image_uris.retrieve("kmeans", session.boto_region_name)
    algorithm = client.create_algorithm(
        AlgorithmName=NAME, TrainingSpecification=card(image), InferenceSpecification=hosting(image)
    )["AlgorithmArn"]
    data = upload(session)

    estimator = AlgorithmEstimator(
        algorithm, role=ROLE, instance_count=1, instance_type=INSTANCE, sagemaker_session=session
    )
    estimator.set_hyperparameters(k=2, feature_dim=3)
    estimator.fit({"train": TrainingInput(data, content_type=CSV)}, logs=False)

    predictor = estimator.deploy(1, INSTANCE, serializer=CSVSerializer(), deserializer=JSONDeserializer())
    near, far = predictor.predict([[0, 0, 0], [10, 10, 10]])["predictions"]
    print(f"clusters {near['closest_cluster']:.0f} and {far['closest_cluster']:.0f}")

    job = client.describe_training_job(TrainingJobName=estimator.latest_training_job.name)
    refused = {**request(job), "HyperParameters": {"k": "21", "feature_dim": "3"}}
    try:
        client.create_training_job(**refused)
    except ClientError as error:
        print(error.response["Error"]["Message"])
    predictor.delete_endpoint()
    client.delete_algorithm(AlgorithmName=NAME)


def card(image: str) -> dict:
    """Return what jobs of the algorithm are held to: AWS's TrainingSpecification."""
    bounds = {"IntegerParameterRangeSpecification": {"MinValue": "2", "MaxValue": "20"}}
    return {
        "TrainingImage": image,
        "SupportedTrainingInstanceTypes": [INSTANCE],
        "SupportedHyperParameters": [
            {"Name": "k", "Type": "Integer", "Range": bounds, "IsRequired": True, "IsTunable": True},
            {"Name": "feature_dim", "Type": "Integer", "IsRequired": True},
        ],
        "MetricDefinitions": [{"Name": "train:msd", "Regex": r"train msd <loss>=(\S+)"}],
        "TrainingChannels": [
            {
                "Name": "train",
                "IsRequired": True,
                "SupportedContentTypes": [CSV],
                "SupportedInputModes": ["File"],
            }
        ],
    }


def hosting(image: str) -> dict:
    """Return how models of the algorithm are hosted: AWS's InferenceSpecification."""
    return {
        "Containers": [{"Image": image}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["application/json"],
        "SupportedRealtimeInferenceInstanceTypes": [INSTANCE],
        "SupportedTransformInstanceTypes": [INSTANCE],
    }


def upload(session: sagemaker.Session) -> str:
    """Put rows of two clusters into the session's bucket and return their URI."""
    random = np.random.default_rng(0)
    rows = random.normal(random.integers(0, 2, (200, 1)) * 10, 1, (200, 3))
    text = "\n".join(",".join(map(str, row)) for row in rows.tolist())
    bucket = session.default_bucket()
    session.upload_string_as_file_body(text, bucket, "segments/rows.csv")
    return f"s3://{bucket}/segments/"


def request(job: dict) -> dict:
    """Return what a job is made again by, under another name."""
    members = ("RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "StoppingCondition")
    algorithm = {name: job["AlgorithmSpecification"][name] for name in ("AlgorithmName", "TrainingInputMode")}
    named = {"TrainingJobName": f"{job['TrainingJobName']}-again", "AlgorithmSpecification": algorithm}
    return {**named, **{name: job[name] for name in members}}


if __name__ == "__main__":
    main()
