"""Reading data sets: whole files, or parts of a stream."""

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.filereader.part10 import dcmread
from pydcm.filereader.streams import (
    data_element_generator,
    data_element_offset_to_value,
    read_dataset,
    read_deferred_data_element,
    read_file_meta_info,
    read_partial,
    read_preamble,
    read_sequence,
    read_sequence_item,
)

__all__ = [
    "data_element_generator",
    "data_element_offset_to_value",
    "dcmread",
    "read_dataset",
    "read_deferred_data_element",
    "read_file_meta_info",
    "read_partial",
    "read_preamble",
    "read_sequence",
    "read_sequence_item",
]

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
