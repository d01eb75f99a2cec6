"""Tools around data sets: hexadecimal text, dumps, code generation, repairs while reading."""

from pydcm.util import hexutil as hexutil
