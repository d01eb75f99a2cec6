"""BIDS sidecars: what an image's header says, in the names and units of BIDS.

Each field has one or more sources, tried in order (:data:`FIELDS`): elements of
the standard, then makers' private elements.
"""

from pydcm.volume.bids.field import Field, Value
from pydcm.volume.bids.sidecar import FIELDS, bids_sidecar, sidecar_of
from pydcm.volume.bids.standard import IDENTITY_FIELDS

__all__ = ["FIELDS", "IDENTITY_FIELDS", "Field", "Value", "bids_sidecar", "sidecar_of"]
