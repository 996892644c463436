"""Log lines have the form that SageMaker's metric regexes expect."""

import json
import re
from io import StringIO

from clary.toolkit.report import Report


def lines(write: str, *args: object, **options: object) -> list[str]:
    stream = StringIO()
    getattr(Report("algo-1", stream), write)(*args, **options)
    return stream.getvalue().splitlines()


def test_stamped_lines() -> None:
    assert re.fullmatch(r"\[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d INFO \d+\] hello", lines("info", "hello")[0])
    assert " ERROR " in lines("error", "no")[0]


def test_metric_lines() -> None:
    assert lines("quality", "train", "mse <loss>", 0.5, epoch=3) == [
        "#quality_metric: host=algo-1, epoch=3, train mse <loss>=0.5"
    ]
    assert lines("quality", "validation", "mse <loss>", 0.5) == [
        "#quality_metric: host=algo-1, validation mse <loss>=0.5"
    ]
    assert lines("progress", 40) == ["#progress_metric: host=algo-1, completed 40 % of epochs"]
    assert lines("throughput", 1.5) == [
        "#throughput_metric: host=algo-1, train throughput=1.5 records/second"
    ]
    assert lines("test_score", "accuracy", 0.9) == ["#test_score (algo-1) : ('accuracy', 0.9)"]
    assert lines("early_stopping", 0, "loss", 0.4) == [
        "#early_stopping_criteria_metric: host=algo-1, epoch=0, criteria=loss, value=0.4"
    ]


def test_rounds_of_boosting() -> None:
    values = {"train-rmse": 0.5, "validation-rmse": 1.25}
    assert lines("evaluation", 3, values) == ["[3]\ttrain-rmse:0.50000\tvalidation-rmse:1.25000"]


def test_packed_metrics_are_one_line_a_model() -> None:
    written = lines(
        "packed_metrics", (1.0, 2.5), {"Algorithm": "A", "epoch": 0}, [{"loss": 1.0}, {"loss": 2.0}]
    )
    documents = [json.loads(line.removeprefix("#metrics ")) for line in written]
    assert documents[1] == {
        "StartTime": 1.0,
        "EndTime": 2.5,
        "Dimensions": {"Host": "algo-1", "Operation": "training", "Algorithm": "A", "epoch": 0, "model": 1},
        "Metrics": {"loss": {"sum": 2.0, "count": 1, "min": 2.0, "max": 2.0}},
    }
