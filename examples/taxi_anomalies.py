"""The classic tutorial of anomaly detection: unusual days in the number of taxi passengers.

Half-hourly counts follow the day and the week; a marathon, a blizzard and holidays do not. A random cut
forest scores shingles, which are the counts of a day taken together, so that an unusual order of usual counts
is found too. Scores of more than three standard deviations above the mean are anomalies. SageMaker Python SDK
v2.

    eval "$(clary env)"
    python examples/taxi_anomalies.py
"""

import numpy as np
import sagemaker
from sagemaker import RandomCutForest

INSTANCE = "ml.m5.large"
A_DAY, DAYS = 48, 180
ODD_DAYS = {40: "marathon", 85: "holiday", 121: "blizzard"}


def main() -> None:
    """Train on shingles, host, score, find the days, clean up."""
    counts = passengers()
    rows = shingled(counts, A_DAY)
    session = sagemaker.Session()
    forest = RandomCutForest(
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type=INSTANCE,
        num_trees=50,
        num_samples_per_tree=256,
        base_job_name="taxi",
        sagemaker_session=session,
    )
    forest.fit(forest.record_set(rows))

    predictor = forest.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    scores = [record.label["score"].float32_tensor.values[0] for record in predictor.predict(rows)]
    predictor.delete_model()
    predictor.delete_endpoint()

    limit = np.mean(scores) + 3 * np.std(scores)
    middles = np.flatnonzero(np.array(scores) > limit) + A_DAY // 2
    found = sorted(set((middles // A_DAY).tolist()))
    print(f"{len(middles)} of {len(scores)} shingles score above {limit:.2f}")
    print(f"unusual days: {', '.join(map(str, found))}")
    missed = [name for day, name in ODD_DAYS.items() if not {day - 1, day, day + 1} & set(found)]
    print(f"missed: {', '.join(missed) or 'none'}")


def shingled(series: np.ndarray, size: int) -> np.ndarray:
    """Return ``size`` values from each place on, (len(series) - size + 1, size)."""
    return np.lib.stride_tricks.sliding_window_view(series, size)


def passengers() -> np.ndarray:
    """Return the counts of every half hour, in thousands."""
    random = np.random.default_rng(0)
    hours = np.arange(DAYS * A_DAY) / 2
    daily = 15 - 8 * np.cos(2 * np.pi * (hours - 4) / 24) + 2 * np.cos(4 * np.pi * (hours - 19) / 24)
    counts = daily * np.where(hours // 24 % 7 >= 5, 0.85, 1) + random.normal(0, 0.5, len(hours))
    for day, name in ODD_DAYS.items():
        span = slice(day * A_DAY, (day + 1) * A_DAY)
        counts[span] = counts[span][::-1] if name == "marathon" else counts[span] * 0.4
    return counts.astype(np.float32)


if __name__ == "__main__":
    main()
