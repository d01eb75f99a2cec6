"""Encapsulated Pixel Data: fragments, frames and offset tables (PS3.5 A.4).

Functions that take a `buffer` accept bytes or a seekable binary file. To find
one frame of a file without reading the others, see :func:`frame_index`.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.encaps.buffers import (
    EncapsulatedBuffer,
    encapsulate_buffer,
    encapsulate_extended_buffer,
)
from pydcm.encaps.index import FrameIndex, frame_index
from pydcm.encaps.reading import (
    generate_fragmented_frames,
    generate_fragments,
    generate_frames,
    get_frame,
    parse_basic_offsets,
    parse_fragments,
)
from pydcm.encaps.writing import (
    encapsulate,
    encapsulate_extended,
    fragment_frame,
    itemize_fragment,
    itemize_frame,
)

if TYPE_CHECKING:
    from pydcm.encaps.deprecated import (
        decode_data_sequence as decode_data_sequence,
    )
    from pydcm.encaps.deprecated import (
        defragment_data as defragment_data,
    )
    from pydcm.encaps.deprecated import (
        generate_pixel_data as generate_pixel_data,
    )
    from pydcm.encaps.deprecated import (
        generate_pixel_data_fragment as generate_pixel_data_fragment,
    )
    from pydcm.encaps.deprecated import (
        generate_pixel_data_frame as generate_pixel_data_frame,
    )
    from pydcm.encaps.deprecated import (
        get_frame_offsets as get_frame_offsets,
    )
    from pydcm.encaps.deprecated import (
        get_nr_fragments as get_nr_fragments,
    )
    from pydcm.encaps.deprecated import (
        read_item as read_item,
    )

__all__ = [
    "EncapsulatedBuffer",
    "FrameIndex",
    "encapsulate",
    "encapsulate_buffer",
    "encapsulate_extended",
    "encapsulate_extended_buffer",
    "fragment_frame",
    "frame_index",
    "generate_fragmented_frames",
    "generate_fragments",
    "generate_frames",
    "get_frame",
    "itemize_fragment",
    "itemize_frame",
    "parse_basic_offsets",
    "parse_fragments",
]

_DEPRECATED = {
    "decode_data_sequence": "generate_fragments",
    "defragment_data": "generate_frames",
    "generate_pixel_data": "generate_fragmented_frames",
    "generate_pixel_data_fragment": "generate_fragments",
    "generate_pixel_data_frame": "generate_frames",
    "get_frame_offsets": "parse_basic_offsets",
    "get_nr_fragments": "parse_fragments",
    "read_item": "generate_fragments",
}


def __getattr__(name: str) -> object:
    if name not in _DEPRECATED:
        return borrowed(__name__)(name)
    warnings.warn(
        f"{name} is deprecated, use {_DEPRECATED[name]} instead", DeprecationWarning, stacklevel=2
    )
    from pydcm.encaps import deprecated

    return getattr(deprecated, name)
