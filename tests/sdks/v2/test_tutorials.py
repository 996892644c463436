"""The two tutorials in the words of SDK v2: from data to predictions, each call with its defaults."""

from pathlib import Path

import numpy as np
import pytest
import sagemaker
from botocore.exceptions import ClientError
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer, JSONSerializer

from tests.sdks.conftest import BUCKET, INSTANCE, ROLE, Table, accuracy, rmse
from tests.sdks.v2.conftest import serving


def test_logistic_regression_on_tumours(
    tumours: Table, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = sagemaker.Session()
    tumours.write(tmp_path)
    channels = {
        channel: TrainingInput(
            session.upload_data(str(tmp_path / channel), key_prefix=f"v2-tumours/{channel}"),
            content_type="text/csv",
        )
        for channel in ("train", "validation")
    }
    estimator = Estimator(
        image_uri=sagemaker.image_uris.retrieve("linear-learner", session.boto_region_name),
        role=sagemaker.get_execution_role(),
        instance_count=1,
        instance_type=INSTANCE,
        output_path=f"s3://{session.default_bucket()}/v2-tumours/output",
        base_job_name="v2-tumours",
        sagemaker_session=session,
        hyperparameters={"predictor_type": "binary_classifier", "mini_batch_size": 32, "epochs": 15},
    )
    estimator.fit(channels)
    assert "#quality_metric: host=algo-1" in capsys.readouterr().out, "fit() shows the job's log"
    assert estimator.model_data == (
        f"s3://{BUCKET}/v2-tumours/output/{estimator.latest_training_job.name}/output/model.tar.gz"
    )
    predictor = estimator.deploy(
        initial_instance_count=1,
        instance_type=INSTANCE,
        serializer=CSVSerializer(),
        deserializer=JSONDeserializer(),
    )
    try:
        assert set(predictor.predict(tumours.features[:1])["predictions"][0]) == {"score", "predicted_label"}
        answers = predictor.predict(tumours.features)["predictions"]
    finally:
        predictor.delete_model()
        predictor.delete_endpoint()
    assert accuracy([answer["predicted_label"] for answer in answers], tumours) > 0.93


def test_linear_regression_on_houses(session: sagemaker.Session, houses: Table, tmp_path: Path) -> None:
    houses.write(tmp_path)
    uri = session.upload_data(str(tmp_path), key_prefix="v2-houses")
    estimator = Estimator(
        "linear-learner:1",
        ROLE,
        1,
        INSTANCE,
        sagemaker_session=session,
        hyperparameters={"predictor_type": "regressor", "mini_batch_size": 50, "epochs": 20},
    )
    estimator.fit(
        {
            channel: TrainingInput(f"{uri}/{channel}", content_type="text/csv")
            for channel in ("train", "validation")
        },
        logs=False,
    )
    with serving(session, estimator.deploy(1, INSTANCE, wait=False)) as deployed:
        predictor = Predictor(
            deployed.endpoint_name, session, serializer=JSONSerializer(), deserializer=JSONDeserializer()
        )
        rows = [{"features": row.tolist()} for row in houses.features]
        scores = [answer["score"] for answer in predictor.predict({"instances": rows})["predictions"]]
        assert rmse(scores, houses) < 12.6
        predictor.serializer, predictor.deserializer = CSVSerializer(), CSVDeserializer()
        assert np.allclose(np.asarray(predictor.predict(houses.features), float).ravel(), scores, rtol=1e-5)
        with pytest.raises(ClientError, match="ModelError"):
            predictor.predict("these are no numbers")
