"""Names that a module of the compatible API offers besides its own.

Programs import names from where they happened to find them:
``from pydicom.filereader import InvalidDicomError``. Each module listed here
answers for such names, without importing their homes when it loads; the names
stay out of ``__all__``, out of the documentation and out of the types.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache

__all__ = ["borrowed"]

_LENDERS = """
charset misc warn_and_log
charset valuerep CUSTOMIZABLE_CHARSET_VR PersonName TEXT_VR_DELIMS VR
data.data_manager misc warn_and_log
datadict misc warn_and_log
dataelem config logger
dataelem fileutil buffer_equality buffer_length check_buffer
dataelem hooks hooks
dataelem jsonrep BulkDataType JsonDataElementConverter
dataelem misc warn_and_log
dataelem valuerep AMBIGUOUS_VR BYTES_VR DEFAULT_CHARSET_VR LONG_VALUE_VR STR_VR VR_=VR
dataset charset convert_encodings default_encoding
dataset config logger
dataset datadict dictionary_VR dictionary_description get_private_entry keyword_for_tag
dataset datadict repeater_has_keyword tag_for_keyword
dataset dataelem DataElement RawDataElement convert_raw_data_element
dataset filebase ReadableBuffer WriteableBuffer
dataset fileutil PathType path_from_pathlike
dataset misc warn_and_log
dataset pixels compress convert_color_space decompress pixel_array
dataset pixels.utils get_image_pixel_ids reshape_pixel_array set_pixel_data
dataset tag BaseTag TAG_PIXREP Tag TagType tag_in_exception
dataset uid PYDICOM_IMPLEMENTATION_UID UID
dataset valuerep AMBIGUOUS_VR VR_=VR
encaps filebase DicomBytesIO DicomIO ReadableBuffer
encaps fileutil buffer_length reset_buffer_position
encaps misc warn_and_log
encaps tag ItemTag SequenceDelimiterTag Tag
encoders misc warn_and_log
examples data get_testdata_file
examples filereader dcmread
filereader charset convert_encodings default_encoding
filereader config logger
filereader dataelem DataElement RawDataElement convert_raw_data_element empty_value_for_VR
filereader dataset Dataset FileDataset FileMetaDataset
filereader errors InvalidDicomError
filereader filebase DicomBytesIO ReadableBuffer
filereader fileutil PathType path_from_pathlike read_undefined_length_value
filereader misc size_in_bytes warn_and_log
filereader sequence Sequence
filereader tag BaseTag ItemTag SequenceDelimiterTag Tag TagListType
filereader util.hexutil bytes2hex
filereader valuerep EXPLICIT_VR_LENGTH_32 VR_=VR
fileset charset default_encoding
fileset datadict dictionary_description tag_for_keyword
fileset dataelem DataElement
fileset dataset Dataset FileDataset FileMetaDataset
fileset filebase DicomBytesIO DicomFileLike
fileset filereader dcmread
fileset filewriter write_data_element write_dataset write_file_meta_info
fileset misc warn_and_log
fileset tag BaseTag Tag
fileset uid ExplicitVRLittleEndian ImplicitVRLittleEndian MediaStorageDirectoryStorage UID
fileset uid generate_uid
fileutil config logger settings
fileutil datadict dictionary_description
fileutil tag Tag TupleTag
filewriter charset convert_encodings default_encoding encode_string
filewriter dataelem DataElement RawDataElement convert_raw_data_element
filewriter dataset Dataset FileMetaDataset validate_file_meta
filewriter filebase DicomBytesIO DicomFile DicomIO WriteableBuffer
filewriter fileutil PathType buffer_remaining path_from_pathlike read_buffer reset_buffer_position
filewriter misc warn_and_log
filewriter multival MultiValue
filewriter tag BaseTag ItemDelimiterTag ItemTag SequenceDelimiterTag Tag tag_in_exception
filewriter uid DeflatedExplicitVRLittleEndian ExplicitVRBigEndian ImplicitVRLittleEndian UID
filewriter valuerep AMBIGUOUS_VR CUSTOMIZABLE_CHARSET_VR DA DSclass DT EXPLICIT_VR_LENGTH_32 IS
filewriter valuerep PersonName TM VR
filewriter values convert_numbers
hooks datadict private_dictionary_VR
hooks misc warn_and_log
hooks valuerep VR
jsonrep misc warn_and_log
jsonrep valuerep VR
misc config LOGGER=logger
overlays.numpy_handler misc warn_and_log
overlays.numpy_handler pixels.utils unpack_bits
pixel_data_handlers misc warn_and_log
pixel_data_handlers.gdcm_handler encaps generate_fragmented_frames generate_frames
pixel_data_handlers.gdcm_handler pixels.utils get_expected_length get_j2k_parameters get_nr_frames
pixel_data_handlers.gdcm_handler pixels.utils pixel_dtype
pixel_data_handlers.gdcm_handler uid UID
pixel_data_handlers.jpeg_ls_handler encaps generate_frames
pixel_data_handlers.jpeg_ls_handler pixels.utils get_nr_frames pixel_dtype
pixel_data_handlers.numpy_handler misc warn_and_log
pixel_data_handlers.numpy_handler pixels.utils get_expected_length pixel_dtype unpack_bits
pixel_data_handlers.pillow_handler config logger
pixel_data_handlers.pillow_handler encaps generate_frames
pixel_data_handlers.pillow_handler misc warn_and_log
pixel_data_handlers.pillow_handler pixels.utils get_j2k_parameters get_nr_frames pixel_dtype
pixel_data_handlers.pillow_handler uid UID
pixel_data_handlers.pylibjpeg_handler config LOGGER=logger
pixel_data_handlers.pylibjpeg_handler encaps frame_generator=generate_frames
pixel_data_handlers.pylibjpeg_handler pixels.utils get_expected_length get_j2k_parameters
pixel_data_handlers.pylibjpeg_handler pixels.utils get_nr_frames pixel_dtype reshape_pixel_array
pixel_data_handlers.pylibjpeg_handler uid UID
pixel_data_handlers.rle_handler encaps generate_frames
pixel_data_handlers.rle_handler misc warn_and_log
pixel_data_handlers.rle_handler pixels.utils get_nr_frames pixel_dtype
pixel_data_handlers.util misc warn_and_log
pixels.common misc warn_and_log
pixels.common pixels.utils as_pixel_options
pixels.common uid UID
pixels.decoders.base config HAVE_NP=have_numpy LOGGER=logger
pixels.decoders.base encaps generate_frames get_frame
pixels.decoders.base misc warn_and_log
pixels.decoders.base pixels.common PI=PhotometricInterpretation RunnerOptions
pixels.decoders.base pixels.processing convert_color_space
pixels.decoders.base pixels.utils get_j2k_parameters
pixels.decoders.base uid DeflatedExplicitVRLittleEndian ExplicitVRBigEndian ExplicitVRLittleEndian
pixels.decoders.base uid HTJ2K HTJ2KLossless HTJ2KLosslessRPCL ImplicitVRLittleEndian JPEG2000
pixels.decoders.base uid JPEG2000Lossless JPEG2000TransferSyntaxes JPEGBaseline8Bit
pixels.decoders.base uid JPEGExtended12Bit JPEGLSLossless JPEGLSNearLossless
pixels.decoders.base uid JPEGLSTransferSyntaxes JPEGLossless JPEGLosslessSV1 JPEGTransferSyntaxes
pixels.decoders.base uid RLELossless UID
pixels.encoders.base config LOGGER=logger
pixels.encoders.base pixels.common Buffer
pixels.encoders.base uid JPEG2000 JPEG2000Lossless JPEGBaseline8Bit JPEGExtended12Bit
pixels.encoders.base uid JPEGLSLossless JPEGLSNearLossless JPEGLSTransferSyntaxes JPEGLossless
pixels.encoders.base uid JPEGLosslessSV1 RLELossless
pixels.processing config HAVE_NP=have_numpy
pixels.processing misc warn_and_log
pixels.processing data get_palette_files
pixels.processing uid UID
pixels.processing valuerep VR
pixels.utils charset default_encoding
pixels.utils config HAVE_NP=have_numpy LOGGER=logger
pixels.utils datadict DicomDictionary
pixels.utils encaps encapsulate encapsulate_extended
pixels.utils misc warn_and_log
pixels.utils tag BaseTag
pixels.utils uid ExplicitVRLittleEndian JPEG2000 JPEGLSNearLossless UID generate_uid
pixels.utils valuerep VR
sequence dataset Dataset
sequence multival ConstrainedList
uid config disable_value_validation
uid valuerep STR_VR_REGEXES
util.codify datadict dictionary_keyword
util.codify dataelem DataElement
util.codify tag BaseTag
util.codify valuerep AMBIGUOUS_VR BYTES_VR
util.dump valuerep VR
util.hexutil charset default_encoding
util.leanread datadict dictionary_VR
util.leanread tag ItemTag TupleTag
util.leanread uid UID
valuerep misc warn_and_log
values charset decode_bytes default_encoding
values config have_numpy logger
values dataelem RawDataElement empty_value_for_VR
values errors BytesLengthException
values filereader read_sequence
values multival MultiValue
values sequence Sequence
values tag BaseTag Tag TupleTag
values valuerep CUSTOMIZABLE_CHARSET_VR DA DT IS PersonName TEXT_VR_DELIMS TM VR_=VR
values valuerep validate_value
"""
"""A line for each lender of a module: the module, the lender, names; or ``name=other``."""


def borrowed(module: str) -> Callable[[str], object]:
    """Return the ``__getattr__`` of a module: what finds the names that it borrows."""

    def find(name: str) -> object:
        place = None if name.startswith("__") else _places().get((module, name))
        if place is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        home, own = place
        return getattr(importlib.import_module(home), own)

    return find


@cache
def _places() -> dict[tuple[str, str], tuple[str, str]]:
    """Return the home of each borrowed name, and what it is called there."""
    places = {}
    for line in filter(None, _LENDERS.splitlines()):
        module, home, *names = line.split()
        for name in names:
            alias, _, own = name.partition("=")
            places[f"pydcm.{module}", alias] = f"pydcm.{home}", own or alias
    return places
