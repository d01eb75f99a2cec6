"""Compiled kernels for pydcm, which finds and calls them by itself."""

__version__ = "0.1.0"
"""Equal to that of the pydcm whose kernels these are."""
