"""The classic tutorial of DeepAR: learn from the demand of many shops, forecast the next day of each.

Generates hourly series with a pattern of the day, trains ``forecasting-deepar``, hosts the model, compares
its forecasts with the day before. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/forecast_demand.py
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.serializers import JSONSerializer

INSTANCE = "ml.m5.large"
AHEAD, DAYS, SHOPS = 24, 15, 20


def main() -> None:
    """Generate, upload, train, host, forecast, compare, clean up."""
    series = generated()
    known = [{**each, "target": each["target"][:-AHEAD]} for each in series]
    session = sagemaker.Session()
    estimator = Estimator(
        sagemaker.image_uris.retrieve("forecasting-deepar", session.boto_region_name),
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type=INSTANCE,
        base_job_name="demand",
        sagemaker_session=session,
        hyperparameters={
            "time_freq": "H",
            "context_length": 24,
            "prediction_length": AHEAD,
            "epochs": 12,
            "mini_batch_size": 32,
            "num_layers": 1,
            "learning_rate": 5e-3,
        },
    )
    estimator.fit({"train": uploaded(session, "train", known), "test": uploaded(session, "test", series)})

    predictor = estimator.deploy(
        1, INSTANCE, serializer=JSONSerializer(), deserializer=JSONDeserializer(), wait=False
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    asked = {"num_samples": 100, "output_types": ["quantiles"], "quantiles": ["0.1", "0.5", "0.9"]}
    answer = predictor.predict({"instances": known, "configuration": asked})
    quantiles = {
        level: np.array([each["quantiles"][level] for each in answer["predictions"]])
        for level in asked["quantiles"]
    }
    truth = np.array([each["target"][-AHEAD:] for each in series])
    before = np.array([each["target"][-2 * AHEAD : -AHEAD] for each in series])
    print(f"Loss of DeepAR          {loss(truth, quantiles['0.5']):.3f}")
    print(f"Loss of the day before  {loss(truth, before):.3f}")
    inside = np.mean((truth > quantiles["0.1"]) & (truth < quantiles["0.9"]))
    print(f"Between the quantiles 0.1 and 0.9 lie {inside:.2f} of the points")

    predictor.delete_model()
    predictor.delete_endpoint()


def generated() -> list[dict]:
    """Return shops of two kinds, by the day and by the evening, small ones and large ones."""
    random = np.random.default_rng(0)
    hours = np.arange(24 * DAYS)
    series = []
    for shop in range(SHOPS):
        noise = np.convolve(random.normal(0, 0.1, len(hours) + 9), 0.7 ** np.arange(10), "valid")
        pattern = 1 + 0.5 * np.sin(2 * np.pi * hours / 24 + 2 * (shop % 2))
        target = np.exp(random.normal(3, 1)) * np.maximum(pattern + noise, 0)
        series.append({"start": "2024-01-01 00:00:00", "target": target.tolist(), "cat": [shop % 2]})
    return series


def uploaded(session: sagemaker.Session, channel: str, series: list[dict]) -> str:
    """Upload series as JSON Lines and return where they are."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.json"
        path.write_text("".join(json.dumps(each) + "\n" for each in series))
        return session.upload_data(str(path), key_prefix=f"demand/{channel}")


def loss(truth: np.ndarray, forecast: np.ndarray) -> float:
    """Return the absolute error as a part of the demand."""
    return float(np.abs(truth - forecast).sum() / np.abs(truth).sum())


if __name__ == "__main__":
    main()
