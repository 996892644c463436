"""Sample data are tables, the same ones every time."""

import json

from clary.services.jumpstart import samples


def test_every_table_has_rows_to_train_on_to_watch_and_to_ask() -> None:
    files = samples.tables()
    assert files == samples.tables()
    for name, columns in {"tabular_multiclass": 17, "tabular_binary": 6, "tabular_regress": 5}.items():
        for part, count in {"train": 800, "validation": 200, "test": 200}.items():
            lines = files[f"training-datasets/{name}/{part}/data.csv"].decode().splitlines()
            assert len(lines) == count
            assert {len([float(cell) for cell in line.split(",")]) for line in lines} == {columns}


def test_categories_are_named_and_whole() -> None:
    files = samples.tables()
    index = json.loads(files["training-datasets/tabular_binary/categorical_index.json"])["cat_index_list"]
    rows = [
        line.split(",") for line in files["training-datasets/tabular_binary/train/data.csv"].decode().split()
    ]
    assert all(row[column].isdecimal() for row in rows for column in index)
    labels = [row[0] for row in rows]
    assert 100 < labels.count("1") < 700
