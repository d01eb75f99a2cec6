"""The specification of every hot loop, and the choice of what runs it.

Examples
--------
>>> from pydcm import kernels
>>> with kernels.using("reference"):
...     kernels.kernels()["elements.scan"].chosen()
'reference'
"""

from pydcm.kernels.registry import ABI, Kernel, Label, kernel, kernels, using

__all__ = ["ABI", "Kernel", "Label", "kernel", "kernels", "using"]
