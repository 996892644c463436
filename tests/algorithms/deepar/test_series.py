"""Series come from JSON Lines, plain or packed, and from Parquet, and what is malformed is named."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.algorithms.deepar.frequency import Frequency
from clary.algorithms.deepar.series import of, read
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError

DAY = Frequency.parse("D")
START = "2024-01-02 00:00:00"


def test_missing_values_have_three_spellings() -> None:
    text = f'{{"start": "{START}", "target": [1, NaN, "NaN", null, 5.5]}}'
    found = of(json.loads(text), DAY, "here")
    np.testing.assert_array_equal(found.target, np.array([1, np.nan, np.nan, np.nan, 5.5], np.float32))
    assert found.start == DAY.number(START)
    assert (found.categories, found.dynamic, found.features) == ((), None, 0)


def test_categories_and_features_are_read() -> None:
    document = {"start": START, "target": [], "cat": [3, 0], "dynamic_feat": [[1, 2], [3, 4]]}
    found = of(document, DAY, "here")
    assert found.categories == (3, 0)
    assert found.features == 2
    assert len(found.target) == 0
    assert of({**document, "cat": 4}, DAY, "here").categories == (4,)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"start": "soon"}, "'soon' is no time"),
        ({"target": "x"}, "'target' must be a list of numbers"),
        ({"target": [[1]]}, "'target' must be a list of numbers"),
        ({"target": ["much"]}, "'target' must be a list of numbers"),
        ({"cat": [-1]}, "'cat' must be a list of integers"),
        ({"cat": ["red"]}, "'cat' must be a list of integers"),
        ({"dynamic_feat": [1]}, "'dynamic_feat' must be a list of lists"),
        ({"dynamic_feat": [[1], [1, 2]]}, "'dynamic_feat' must be a list of lists"),
        ({"dynamic_feat": [[None]]}, "'dynamic_feat' has missing values"),
    ],
)
def test_what_is_malformed_is_named(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ClientError, match=f"^here: {complaint}"):
        of({"start": START, "target": [1], **change}, DAY, "here")


@pytest.mark.parametrize("document", [[], 1, {"start": START}, {"target": [1]}])
def test_what_is_no_series_is_refused(document: Any) -> None:
    with pytest.raises(ClientError, match="here is no time series: give an object of the form"):
        of(document, DAY, "here")


def test_files_are_read_in_order_and_spark_leaves_none(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"start": START, "target": [number]}) for number in (1, 2)) + "\n\n"
    (tmp_path / "a.json").write_text(lines)
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / ".hidden").write_text("no JSON")
    found = read(Channel("train", tmp_path, "json"), DAY)
    assert [each.target.tolist() for each in found] == [[1], [2], [1], [2]]


def test_parquet_is_read(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [{"start": START, "target": [1.0, None], "cat": [1], "dynamic_feat": [[1.0, 2.0]]}] * 2
    parquet.write_table(arrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = list(read(Channel("train", tmp_path, "application/x-parquet"), DAY))
    assert len(found) == 2
    np.testing.assert_array_equal(found[1].target, np.array([1, np.nan], np.float32))
    assert found[0].categories == (1,)
    assert found[0].dynamic is not None
    assert found[0].dynamic.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{}\n", "line 1 is no time series"),
        (b"nonsense\n", "line 1 is not valid JSON"),
        (gzip.compress(b"{}")[:-4], "cannot be unpacked"),
        (b"PAR1 and no more", "cannot be read as Parquet"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(ClientError, match=f"bad.*{complaint}"):
        list(read(Channel("train", tmp_path), DAY))


def test_other_content_types_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="'text/csv' of channel 'train' is not supported"):
        list(read(Channel("train", tmp_path, "text/csv"), DAY))
