"""File-sets: media with a DICOMDIR, which lists what is on them (PS3.10 8, PS3.3 Annex F)."""

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.fileset.fileset import FileSet
from pydcm.fileset.instance import FileInstance
from pydcm.fileset.names import FileID, generate_filename, is_conformant_file_id
from pydcm.fileset.nodes import RecordNode, RootNode
from pydcm.fileset.records import DIRECTORY_RECORDERS
from pydcm.fileset.staging import DSPathType

__all__ = [
    "DIRECTORY_RECORDERS",
    "DSPathType",
    "FileID",
    "FileInstance",
    "FileSet",
    "RecordNode",
    "RootNode",
    "generate_filename",
    "is_conformant_file_id",
]

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
