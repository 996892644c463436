"""The data formats of training channels, requests and answers, one file each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from clary.toolkit import media_type
from clary.toolkit.batch import Batch
from clary.toolkit.formats import csv, json, json_lines, libsvm, npy, parquet, recordio
from clary.toolkit.media_type import MediaType
from clary.toolkit.predictions import Predictions
from clary.toolkit.source import Source

Reader = Callable[[Sequence[Source], MediaType, bool], Iterator[Batch]]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        media_type.CSV: lambda sources, kind, missing: csv.read(
            sources, csv.label_size(kind), missing=missing
        ),
        media_type.JSON_LINES: lambda sources, _, missing: json_lines.read(sources, missing=missing),
        media_type.LIBSVM: lambda sources, kind, _: libsvm.read(sources, libsvm.indexing_mode(kind)),
        media_type.NPY: lambda sources, kind, _: npy.read(sources, csv.label_size(kind)),
        media_type.PARQUET: lambda sources, _, missing: parquet.read(sources, missing=missing),
        media_type.RECORDIO: lambda sources, *_: recordio.read(sources),
    }
)
"""How rows to learn from are read from each content type; the last argument lets values be missing."""

DECODERS: Mapping[str, Callable[[bytes], Batch]] = MappingProxyType(
    {
        media_type.CSV: csv.decode,
        media_type.JSON: json.decode,
        media_type.JSON_LINES: json.decode_lines,
        media_type.RECORDIO: recordio.decode,
        media_type.LIBSVM: libsvm.decode,
        media_type.NPY: npy.decode,
    }
)
"""How a request body of each content type is read."""

ENCODERS: Mapping[str, Callable[[Predictions], bytes]] = MappingProxyType(
    {
        media_type.CSV: csv.encode,
        media_type.JSON: json.encode,
        media_type.JSON_LINES: json.encode_lines,
        media_type.RECORDIO: recordio.encode,
        media_type.NPY: npy.encode,
    }
)
"""How an answer of each content type is written."""
