"""The SDK's own classes of the linear learner: RecordIO-protobuf and a manifest up, records back."""

import json
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker import LinearLearner, LinearLearnerModel
from sagemaker.amazon.amazon_estimator import RecordSet

from tests.sdks.conftest import BUCKET, INSTANCE, ROLE, Array, Table, accuracy
from tests.sdks.v2.conftest import serving


def records(learner: LinearLearner, rows: Array, channel: str) -> RecordSet:
    """Upload rows as the SDK does: the label and the features of each are a record."""
    data = rows.astype(np.float32)
    return learner.record_set(data[:, 1:], labels=data[:, 0], channel=channel)


def labels(answers: list[sagemaker.amazon.record_pb2.Record]) -> list[float]:
    """Return what the records of an answer predict."""
    return [answer.label["predicted_label"].float32_tensor.values[0] for answer in answers]


def test_a_linear_learner_trains_on_records_and_answers_with_records(
    session: sagemaker.Session, tumours: Table, tmp_path: Path
) -> None:
    learner = LinearLearner(
        role=ROLE,
        instance_count=1,
        instance_type=INSTANCE,
        predictor_type="binary_classifier",
        epochs=15,
        sagemaker_session=session,
    )
    train = records(learner, tumours.train, "train")
    manifest = json.loads(session.read_s3_file(BUCKET, train.s3_data.removeprefix(f"s3://{BUCKET}/")))
    assert "prefix" in manifest[0], manifest
    others = [records(learner, getattr(tumours, channel), channel) for channel in ("validation", "test")]
    learner.fit([train, *others], mini_batch_size=32, logs=False)
    features = tumours.features.astype(np.float32)
    with serving(session, learner.deploy(1, INSTANCE, wait=False)) as predictor:
        assert accuracy(labels(predictor.predict(features)), tumours) > 0.93
        assert len(predictor.predict(features[0])) == 1
    model = LinearLearnerModel(learner.model_data, ROLE, sagemaker_session=session)
    with serving(session, model.deploy(1, INSTANCE, wait=False)) as predictor:
        assert accuracy(labels(predictor.predict(features)), tumours) > 0.93
