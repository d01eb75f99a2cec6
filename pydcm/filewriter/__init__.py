"""Writing data sets: whole files, or one element to a stream."""

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.filewriter.part10 import dcmwrite
from pydcm.filewriter.streams import (
    correct_ambiguous_vr,
    correct_ambiguous_vr_element,
    write_ATvalue,
    write_DA,
    write_data_element,
    write_dataset,
    write_DT,
    write_file_meta_info,
    write_number_string,
    write_numbers,
    write_OBvalue,
    write_OWvalue,
    write_PN,
    write_sequence,
    write_sequence_item,
    write_string,
    write_text,
    write_TM,
    write_UI,
    write_UN,
)
from pydcm.filewriter.values import multi_string

__all__ = [
    "correct_ambiguous_vr",
    "correct_ambiguous_vr_element",
    "dcmwrite",
    "multi_string",
    "write_ATvalue",
    "write_DA",
    "write_DT",
    "write_OBvalue",
    "write_OWvalue",
    "write_PN",
    "write_TM",
    "write_UI",
    "write_UN",
    "write_data_element",
    "write_dataset",
    "write_file_meta_info",
    "write_number_string",
    "write_numbers",
    "write_sequence",
    "write_sequence_item",
    "write_string",
    "write_text",
]

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
