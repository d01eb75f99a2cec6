"""Waveforms: electrocardiograms, sounds, pressures and other signals over time.

Examples
--------
>>> from pydcm import examples, waveforms
>>> waveforms.multiplex_array(examples.waveform, 0).shape
(4000, 12)
"""

from __future__ import annotations

from pydcm.waveforms.numpy_handler import generate_multiplex, multiplex_array

__all__ = ["generate_multiplex", "multiplex_array"]
