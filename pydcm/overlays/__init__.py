r"""Overlay planes: bitmaps that lie over an image (PS3.3 C.9.2).

Examples
--------
>>> from pydcm import Dataset
>>> from pydcm.overlays import get_overlay_array
>>> ds = Dataset()
>>> ds.add_new(0x60000010, "US", 2)
>>> ds.add_new(0x60000011, "US", 3)
>>> ds.add_new(0x60000100, "US", 1)
>>> ds.add_new(0x60003000, "OW", b"\x15\x00")
>>> get_overlay_array(ds, 0x6000).tolist()
[[1, 0, 1], [0, 1, 0]]
"""

from pydcm.overlays.planes import get_overlay_array

__all__ = ["get_overlay_array"]
