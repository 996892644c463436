"""Handwritten digits told by the images that are most like them, with SageMaker's k-NN.

Trains on 1,437 images of 64 pixels and asks a hosted model about the others, with the neighbours that its
answers are made of. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/digit_neighbours.py
"""

import numpy as np
import sagemaker
from sagemaker import KNN
from sagemaker.deserializers import JSONDeserializer
from sklearn.datasets import load_digits

INSTANCE = "ml.m5.large"
TRAIN = 1437


def main() -> None:
    """Train, host the model, ask it, clean up."""
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order].astype(np.float32), labels[order].astype(np.float32)
    session = sagemaker.Session()
    knn = KNN(
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type=INSTANCE,
        k=5,
        sample_size=TRAIN,
        predictor_type="classifier",
        base_job_name="digits-knn",
        sagemaker_session=session,
    )
    train = knn.record_set(images[:TRAIN], labels[:TRAIN])
    test = knn.record_set(images[TRAIN:], labels[TRAIN:], channel="test")
    knn.fit([train, test], logs=False)
    job = session.describe_training_job(knn.latest_training_job.name)
    found = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    print(f"accuracy of the job {found['test:accuracy']:.3f}")

    predictor = knn.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    records = predictor.predict(images[TRAIN:])
    predicted = np.array([record.label["predicted_label"].float32_tensor.values[0] for record in records])
    print(f"accuracy of the endpoint {np.mean(predicted == labels[TRAIN:]):.3f}")
    predictor.deserializer = JSONDeserializer(accept="application/json; verbose=true")
    (answer,) = predictor.predict(images[TRAIN : TRAIN + 1])["predictions"]
    print(f"a {labels[TRAIN]:.0f} is told by {answer['labels']} at {np.round(answer['distances'])}")
    predictor.delete_model()
    predictor.delete_endpoint()


if __name__ == "__main__":
    main()
