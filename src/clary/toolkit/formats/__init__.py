"""The data formats of training channels, requests and answers, one file each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from clary.toolkit import media_type
from clary.toolkit.batch import Batch
from clary.toolkit.formats import csv, json, libsvm, recordio
from clary.toolkit.predictions import Predictions

DECODERS: Mapping[str, Callable[[bytes], Batch]] = MappingProxyType(
    {
        media_type.CSV: csv.decode,
        media_type.JSON: json.decode,
        media_type.JSON_LINES: json.decode_lines,
        media_type.RECORDIO: recordio.decode,
        media_type.LIBSVM: libsvm.decode,
    }
)
"""How a request body of each content type is read."""

ENCODERS: Mapping[str, Callable[[Predictions], bytes]] = MappingProxyType(
    {
        media_type.CSV: csv.encode,
        media_type.JSON: json.encode,
        media_type.JSON_LINES: json.encode_lines,
        media_type.RECORDIO: recordio.encode,
    }
)
"""How an answer of each content type is written."""
