"""Imports every family of kernels, so that the registry is complete."""

from pydcm.kernels import bits as bits
from pydcm.kernels import colour as colour
from pydcm.kernels import decimals as decimals
from pydcm.kernels import elements as elements
from pydcm.kernels import items as items
from pydcm.kernels import jpegdct as jpegdct
from pydcm.kernels import jpegentropy as jpegentropy
from pydcm.kernels import jpeglossless as jpeglossless
from pydcm.kernels import jpegls as jpegls
from pydcm.kernels import lut as lut
from pydcm.kernels import rle as rle
