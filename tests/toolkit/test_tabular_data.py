"""Tables come in one channel or two, with rows held out and categories named."""

import json
from pathlib import Path

import numpy as np
import pytest

from clary.toolkit import media_type
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.tabular_data import TabularData, TabularReader

ROWS = "".join(f"{number % 2},{number},{number % 3}\n" for number in range(50))


def written(folder: Path, text: str = ROWS, name: str = "data.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder


def read(*folders: Path, report: Report | None = None, problem_type: str | None = None) -> TabularData:
    channels = {folder.name: Channel(folder.name, folder, "text/csv") for folder in folders}
    reader = TabularReader((media_type.CSV,), report or Report(), Host(), seed=1)
    return reader.read(channels, problem_type)


def test_a_fifth_of_the_rows_is_held_out_by_chance(tmp_path: Path) -> None:
    data = read(written(tmp_path / "train"))
    assert (len(data.train), len(data.validation)) == (40, 10)
    everything = np.concatenate([data.train.features, data.validation.features])
    assert sorted(everything[:, 0]) == list(range(50))
    groups = (data.validation.features[:, 0] // 5).tolist()
    assert groups == list(range(10)), "one of every five neighbours"
    assert len(set((data.validation.features[:, 0] % 5).tolist())) > 1
    again = read(written(tmp_path / "train"))
    np.testing.assert_array_equal(again.validation.features, data.validation.features)


def test_validation_has_a_channel_or_a_folder_of_its_own(tmp_path: Path) -> None:
    few = "1,100,0\n0,101,1\n"
    apart = read(written(tmp_path / "apart/train"), written(tmp_path / "apart/validation", few))
    whole = tmp_path / "whole/training"
    written(whole / "train")
    written(whole / "validation", few)
    written(whole / "test", "no,numbers,at all\n")
    together = read(whole)
    for data in (apart, together):
        assert (len(data.train), len(data.validation)) == (50, 2)
        assert data.schema.classes == (0, 1)


@pytest.mark.parametrize("place", [".", "train"])
def test_an_index_beside_the_data_names_the_categories(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "training"
    written(folder / "train")
    written(folder / place, json.dumps({"cat_index_list": [2]}), "categorical_index.json")
    assert read(folder).schema.categorical == (1,)


@pytest.mark.parametrize("index", ["[]", "{}", '{"cat_index_list": [0]}', '{"cat_index_list": ["a"]}', "{"])
def test_an_index_of_another_form_is_refused(tmp_path: Path, index: str) -> None:
    folder = written(written(tmp_path / "train"), index, "categorical_index.json")
    with pytest.raises(ClientError, match=r"categorical_index\.json must have the form"):
        read(folder)


def test_an_index_beyond_the_last_column_is_refused(tmp_path: Path) -> None:
    folder = written(written(tmp_path / "train"), '{"cat_index_list": [3]}', "categorical_index.json")
    with pytest.raises(ClientError, match="names column 3, but the last column is 2"):
        read(folder)


def test_what_cannot_be_learnt_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="Channel 'train' is missing"):
        read(written(tmp_path / "validation"))
    with pytest.raises(ClientError, match="have 2 rows, too few to hold some out"):
        read(written(tmp_path / "few/train", "1,2\n0,3\n"))
    with pytest.raises(ClientError, match="must have one label"):
        folder = written(tmp_path / "unlabelled/train")
        reader = TabularReader((media_type.CSV,), Report(), Host(), seed=1)
        reader.read({"train": Channel("train", folder, "text/csv;label_size=0")}, None)


def test_reading_ends_when_the_job_is_to_stop(tmp_path: Path) -> None:
    report = Report()
    report.stopping = True
    with pytest.raises(StoppedError):
        read(written(tmp_path / "train"), report=report)
