"""Where the sample lies and is searched: exact by Clary itself, approximate by faiss; files are faiss's."""

import os
import struct
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.algorithms.knn.params import FLAT, IVF_PQ, L2, KNNParams
from clary.toolkit import extra
from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.neighbours import Neighbours

Longs = npt.NDArray[np.int64]

_KINDS = {b"IxF2": False, b"IxFI": True}  # flat, by squared distance or by inner product
_HEAD = struct.Struct("<4siqqq?iQ")
_UNUSED = 1 << 20  # what faiss writes where older versions had members
_CODE_BITS, _CODES = 8, 256


class Index(ABC):
    """Rows by number, (rows, width), of which the nearest can be found."""

    width: int

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def search(self, rows: Floats, k: int) -> tuple[Floats, Longs]:
        """Return distances and numbers of the ``k`` rows nearest to each of ``rows``, the nearest first.

        Distances are squared, or the negative of the inner product where the index goes by that.
        """

    @abstractmethod
    def write(self, path: Path) -> None:
        """Write the index as ``faiss.write_index`` does."""


class Flat(Index):
    """Finds the nearest of all ``points``."""

    def __init__(self, points: Floats, *, inner: bool) -> None:
        self.width, self._inner = points.shape[1], inner
        self._points, self._neighbours = points, Neighbours(points, inner=inner)

    def __len__(self) -> int:
        return len(self._points)

    def search(self, rows: Floats, k: int) -> tuple[Floats, Longs]:
        """Return the nearest, exactly."""
        return self._neighbours.of(rows, k)

    def write(self, path: Path) -> None:
        """Write the points behind the head of faiss's ``IndexFlat``.

        It is the kind of index; the width and the number of points; two numbers that are not used; whether
        it is trained; the metric (0 inner product, 1 L2); and how many values follow. All little endian.
        """
        kind = next(kind for kind, inner in _KINDS.items() if inner == self._inner)
        numbers = (self.width, len(self), _UNUSED, _UNUSED, True, int(not self._inner), self._points.size)
        with path.open("wb") as file:
            file.write(_HEAD.pack(kind, *numbers))
            self._points.astype("<f4", copy=False).tofile(file)

    @classmethod
    def read(cls, path: Path) -> "Flat":
        """Read what ``write`` or faiss wrote; raises ValueError for anything else."""
        with path.open("rb") as file:
            kind, width, count, *_, values = _HEAD.unpack(file.read(_HEAD.size))
        if kind not in _KINDS or width <= 0 or values != width * count:
            raise ValueError("its head is another")
        points = np.memmap(path, "<f4", "r", _HEAD.size, (count, width))
        return cls(points, inner=_KINDS[kind])


class Inverted(Index):
    """Finds the nearest of the rows in those of faiss's inverted lists that are nearest."""

    def __init__(self, index: Any) -> None:
        self._index, self.width = index, int(index.d)
        self._faiss = _faiss()

    @classmethod
    def built(cls, points: Floats, params: KNNParams) -> "Inverted":
        """Put ``points`` into lists; raises ClientError when they are too few to be coded."""
        faiss = _faiss()
        flat, metric = (
            (faiss.IndexFlatL2, faiss.METRIC_L2)
            if params.index_metric == L2
            else (faiss.IndexFlatIP, faiss.METRIC_INNER_PRODUCT)
        )
        lists, width = min(params.lists, len(points)), points.shape[1]
        if params.index_type == IVF_PQ:
            if len(points) < _CODES:
                raise ClientError(
                    f"The sample has {len(points)} rows; 'index_type' {IVF_PQ} needs {_CODES}: raise "
                    "'sample_size', add data or choose another index."
                )
            index = faiss.IndexIVFPQ(flat(width), width, lists, params.faiss_index_pq_m, _CODE_BITS)
            index.pq.cp.min_points_per_centroid = 1
        else:
            index = faiss.IndexIVFFlat(flat(width), width, lists, metric)
        index.cp.min_points_per_centroid = 1  # a small sample is the user's choice: no warning
        index.train(points)
        index.add(points)
        index.nprobe = min(params.probes, lists)
        return cls(index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, rows: Floats, k: int) -> tuple[Floats, Longs]:
        """Return the nearest in some lists; rows for which these hold too few are compared with all."""
        distances, points = self._index.search(rows, k)
        short = np.flatnonzero((points < 0).any(axis=1))
        if len(short):
            every = self._faiss.SearchParametersIVF(nprobe=self._index.nlist)
            distances[short], points[short] = self._index.search(rows[short], k, params=every)
        inner = self._index.metric_type == self._faiss.METRIC_INNER_PRODUCT
        return (-distances if inner else distances), points

    def write(self, path: Path) -> None:
        """Write the index by faiss."""
        self._faiss.write_index(self._index, str(path))


def built(points: Floats, params: KNNParams) -> Index:
    """Return an index of the type and metric that ``params`` ask for."""
    if params.index_type == FLAT:
        return Flat(points, inner=params.index_metric != L2)
    return Inverted.built(points, params)


def read(path: Path) -> Index:
    """Return the index in a file; raises ClientError for another kind of file."""
    try:
        with path.open("rb") as file:
            kind = file.read(4)
        if kind in _KINDS:
            return Flat.read(path)
        if not kind.startswith(b"Iw"):
            raise ValueError("its first bytes are others")
        return Inverted(_faiss().read_index(str(path)))
    except (OSError, ValueError, RuntimeError, struct.error) as error:
        raise ClientError(
            f"{path} is not an index of rows ({error}): the model data must be what its training job saved."
        ) from error


def _faiss() -> Any:
    """Import faiss and give it the cores of this job."""
    faiss = extra.load("faiss", "faiss")
    faiss.omp_set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    return faiss
