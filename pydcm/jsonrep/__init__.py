"""The DICOM JSON model of data sets (PS3.18 Annex F), both ways.

Each element becomes an object with its VR and at most one of ``Value``,
``InlineBinary`` and ``BulkDataURI``. What the standard leaves to taste is done
as existing code expects it: decimal and integer strings become numbers. Where
it is definite, it is followed:

* an empty element has no ``Value``, an empty sequence neither; one of several
  values that is empty is null (F.2.5);
* group lengths are left out, and elements come in the order of their tags (F.2.2);
* only the components of a person name that are not empty are there (F.2.2);
* JSON has no number for NaN and the infinities, so that :func:`json_text` writes
  them as the texts ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, which
  reading takes for numbers again.

Examples
--------
>>> from pydcm import Dataset
>>> ds = Dataset()
>>> ds.PatientName = "Yamada^Tarou=山田^太郎"
>>> ds.to_json_dict()
{'00100010': {'vr': 'PN', 'Value': [{'Alphabetic': 'Yamada^Tarou', 'Ideographic': '山田^太郎'}]}}
>>> Dataset.from_json(ds.to_json()) == ds
True
"""

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.jsonrep.decoding import (
    JSON_VALUE_KEYS,
    BulkDataHandlerType,
    BulkDataType,
    JsonDataElementConverter,
    convert_to_python_number,
    dataset_from_json,
    element_from_json,
)
from pydcm.jsonrep.encoding import dataset_to_json_dict, element_to_json, json_text
from pydcm.valuerep import FLOAT_VR, INT_VR

__all__ = [
    "FLOAT_VR",
    "INT_VR",
    "JSON_VALUE_KEYS",
    "BulkDataHandlerType",
    "BulkDataType",
    "JsonDataElementConverter",
    "convert_to_python_number",
    "dataset_from_json",
    "dataset_to_json_dict",
    "element_from_json",
    "element_to_json",
    "json_text",
]

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
