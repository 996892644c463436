"""What a job says while it trains: log lines in the form that metric regexes and users' scripts expect."""

import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

_EVERY_LINE = 1000


class Report:
    """Writes a job's log and carries the word that it should stop.

    Lines have the form of SageMaker's own containers: metrics bare, the rest behind a stamp of time, level
    and thread. ``stopping`` turns true when the platform asks the job to end, ``leads`` is false on all
    hosts of a job but the first.
    """

    def __init__(self, host: str = "algo-1", stream: TextIO | None = None) -> None:
        self.host = host
        self.leads = True
        self.stopping = False
        self._stream = sys.stdout if stream is None else stream

    def info(self, text: str) -> None:
        """Write a line with its stamp."""
        self._stamped("INFO", text)

    def error(self, text: str) -> None:
        """Write why the job or a request failed."""
        self._stamped("ERROR", text)

    def plain(self, text: str) -> None:
        """Write metrics in the words of the library that trains."""
        self._tell(text)

    def quality(
        self, split: str, metric: str, value: float, *, epoch: int | None = None, batch: int | None = None
    ) -> None:
        """Report a metric of ``split``, of an epoch, of one of its batches, or final.

        ``metric`` ends in <loss> or <score>.
        """
        scope = "" if epoch is None else f"epoch={epoch}, "
        scope += "" if batch is None else f"batch={batch} "
        self._tell(f"#quality_metric: host={self.host}, {scope}{split} {metric}={value}")

    def early_stopping(self, epoch: int, criterion: str, value: float) -> None:
        """Report the value that early stopping watches."""
        self._tell(
            f"#early_stopping_criteria_metric: host={self.host}, epoch={epoch}, criteria={criterion}, "
            f"value={value}"
        )

    def progress(self, percent: int) -> None:
        """Report how much of the planned epochs is done."""
        self._tell(f"#progress_metric: host={self.host}, completed {percent} % of epochs")

    def throughput(self, records_per_second: float) -> None:
        """Report the speed of the epoch just done."""
        self._tell(
            f"#throughput_metric: host={self.host}, train throughput={records_per_second} records/second"
        )

    def evaluation(self, round_number: int, values: Mapping[str, float]) -> None:
        """Report the metrics of a round of boosting by ``<split>-<metric>``, as XGBoost writes them.

        There is a TAB before each, which the platform's log shows as ``#011``.
        """
        told = "".join(f"\t{name}:{value:.5f}" for name, value in values.items())
        self._tell(f"[{round_number}]{told}")

    def test_score(self, metric: str, value: float) -> None:
        """Report a final score on the test channel."""
        self._tell(f"#test_score ({self.host}) : {(metric, value)!r}")

    def metrics(
        self, span: tuple[float, float], dimensions: Mapping[str, Any], values: Mapping[str, float]
    ) -> None:
        """Report values measured between the two times of ``span``, in seconds since the epoch."""
        self._tell(self._metrics_line(span, dimensions, values))

    def packed_metrics(
        self, span: tuple[float, float], dimensions: Mapping[str, Any], rows: Sequence[Mapping[str, float]]
    ) -> None:
        """Report one ``metrics`` line for each model trained in a pack, numbered in ``dimensions``."""
        lines = (
            self._metrics_line(span, {**dimensions, "model": model}, values)
            for model, values in enumerate(rows)
        )
        self._tell("\n".join(lines))

    def _metrics_line(
        self, span: tuple[float, float], dimensions: Mapping[str, Any], values: Mapping[str, float]
    ) -> str:
        document = {
            "StartTime": span[0],
            "EndTime": span[1],
            "Dimensions": {"Host": self.host, "Operation": "training", **dimensions},
            "Metrics": {
                name: {"sum": value, "count": 1, "min": value, "max": value} for name, value in values.items()
            },
        }
        return f"#metrics {json.dumps(document)}"

    def _stamped(self, level: str, text: str) -> None:
        stamp = time.strftime("%m/%d/%Y %H:%M:%S")
        self._write(f"[{stamp} {level} {threading.get_ident()}] {text}")

    def _tell(self, lines: str) -> None:
        """Write metrics, which of several hosts only the first does: they are of all hosts together."""
        if self.leads:
            self._write(lines)

    def _write(self, lines: str) -> None:
        self._stream.write(lines + "\n")
        self._stream.flush()


def is_worth_a_line(number: int) -> bool:
    """Tell whether the epoch ``number`` is to be logged, so that a million of them do not fill a disk.

    All of the first thousand are, then every tenth, from ten thousand on every hundredth, and so on: any
    client that waits for the next line gets one after at most a hundredth of the time that has passed.
    """
    stride = 1
    while number >= _EVERY_LINE * stride:
        stride *= 10
    return number % stride == 0
