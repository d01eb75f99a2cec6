"""What was found out about an image, kept with its data set while that stays as it is.

Programs decode one frame after the other from the same data set. Neither the
description of its pixels nor the place of each frame is looked for again.
"""

from __future__ import annotations

from typing import NamedTuple

from pydcm import limits
from pydcm.dataelem import DataElement
from pydcm.dataset import Dataset
from pydcm.dataset.lazy import decodes_plainly
from pydcm.elementindex import ElementIndex
from pydcm.encaps import FrameIndex
from pydcm.kernels.registry import Label, used
from pydcm.limits import Limits
from pydcm.pixels.frames import Decoding, FrameReader
from pydcm.pixels.model import (
    DESCRIBING_TAGS,
    NUMBER_OF_FRAMES,
    SYNTAX_TAGS,
    PixelModel,
    read_model,
)

__all__ = ["model_of", "reader_of"]


class _State(NamedTuple):
    """Everything that a model was read from."""

    home: ElementIndex | None
    meta: Dataset
    meta_home: ElementIndex | None
    entries: tuple[object, ...]
    meta_entries: tuple[object, ...]
    allowed: Limits

    def holds_for(self, other: _State) -> bool:
        """Whether a model read from one would be that read from the other."""
        return (
            self.home is other.home
            and self.meta is other.meta
            and self.meta_home is other.meta_home
            and self.entries == other.entries
            and self.meta_entries == other.meta_entries
            and self.allowed is other.allowed
        )


class _Model(NamedTuple):
    state: _State
    model: PixelModel


class _Reader(NamedTuple):
    label: Label | None
    reader: FrameReader


def model_of(ds: Dataset) -> PixelModel:
    """Return what :func:`~pydcm.pixels.model.read_model` reads, perhaps from the last time.

    Parameters
    ----------
    ds : Dataset
        An image.
    """
    kept: _Model | None = ds.__dict__.get("_pixel_model")
    if kept is not None and _is_untouched(ds, kept.state):
        return kept.model
    state = _state(ds)
    if kept is not None and state is not None and state.holds_for(kept.state):
        return kept.model
    model = read_model(ds)
    if state is not None and _is_in_file(ds, model):
        ds.__dict__["_pixel_model"] = _Model(state, model)
    return model


def reader_of(ds: Dataset, model: PixelModel, decoding: Decoding) -> FrameReader:
    """Return what decodes frames, perhaps that of the last time, or one that knows its places.

    Parameters
    ----------
    ds : Dataset
        The image.
    model : PixelModel
        What describes it.
    decoding : Decoding
        How to decode.
    """
    kept: _Reader | None = ds.__dict__.get("_frame_reader")
    label, index = used(), None
    if kept is not None:
        reader = kept.reader
        alike = reader.model is model and reader.decoding == decoding and kept.label == label
        if alike and reader.is_settled():
            return reader
        index = _known_places(reader, model)
    reader = FrameReader(model, decoding, index)
    if reader.index is not None and _is_in_file(ds, model):
        ds.__dict__["_frame_reader"] = _Reader(label, reader)
    return reader


def _known_places(reader: FrameReader, model: PixelModel) -> FrameIndex | None:
    """Return where a reader found the frames of a model, if they are those of its own."""
    known, index = reader.model, reader.index
    if index is None or index.problems:  # which are found, and told, each time
        return None
    if known is not model and (
        known.extent != model.extent
        or known.frames != model.frames
        or known.extended_offsets != model.extended_offsets
    ):
        return None
    return index


def _is_untouched(ds: Dataset, state: _State) -> bool:
    """Whether everything is as it was, without a look into elements: nobody made any."""
    meta = ds.__dict__.get("file_meta")
    return (
        meta is state.meta
        and meta._index is state.meta_home
        and ds._index is state.home
        and limits.current() is state.allowed
        and (*map(meta._dict.get, SYNTAX_TAGS),) == state.meta_entries
        and (*map(ds._dict.get, DESCRIBING_TAGS),) == state.entries
        and decodes_plainly()
    )


def _state(ds: Dataset) -> _State | None:
    meta = getattr(ds, "file_meta", None)
    entries = ds._as_they_are(DESCRIBING_TAGS)
    if meta is None or entries is None or _is_assumed(ds._dict.get(NUMBER_OF_FRAMES)):
        return None
    meta_entries = meta._as_they_are(SYNTAX_TAGS)
    if meta_entries is None:
        return None
    return _State(ds._index, meta, meta._index, entries, meta_entries, limits.current())


def _is_assumed(frames: object) -> bool:
    """Whether Number of Frames is nonsense, which reading a model warns of each time."""
    if not isinstance(frames, DataElement):
        return False
    return not (isinstance(frames.value, int) and frames.value > 0)


def _is_in_file(ds: Dataset, model: PixelModel) -> bool:
    """Whether the data set keeps the pixels in any case, so that a model keeps nothing else."""
    return ds._index is not None and model.extent.source is ds._index.source
