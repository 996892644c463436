"""The SDK's own class of the linear learner: RecordIO-protobuf with a manifest up, protobuf records back."""

import numpy as np
import sagemaker

from tests.sdks.conftest import INSTANCE, ROLE, Table, accuracy


def test_a_linear_learner_trains_on_records_and_answers_with_records(
    session: sagemaker.Session, tumours: Table
) -> None:
    learner = sagemaker.LinearLearner(
        ROLE, 1, INSTANCE, predictor_type="binary_classifier", epochs=15, sagemaker_session=session
    )
    channels = [
        learner.record_set(
            rows[:, 1:].astype(np.float32), labels=rows[:, 0].astype(np.float32), channel=channel
        )
        for channel, rows in (("train", tumours.train), ("validation", tumours.validation))
    ]
    learner.fit(channels, mini_batch_size=32, logs=False)
    predictor = learner.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint, poll=1)
    try:
        answers = predictor.predict(tumours.features.astype(np.float32))
    finally:
        predictor.delete_model()
        predictor.delete_endpoint()
    labels = [answer.label["predicted_label"].float32_tensor.values[0] for answer in answers]
    assert accuracy(labels, tumours) > 0.93
