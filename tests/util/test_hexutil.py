"""Hexadecimal text."""

from __future__ import annotations

from typing import Any

import pytest

from pydcm.util import hexutil

pydicom_hexutil = pytest.importorskip("pydicom.util.hexutil")


@pytest.fixture(params=[hexutil, pydicom_hexutil], ids=["pydcm", "pydicom"])
def module(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize("text", ["01 02 ff", "0102FF", b"01 02 fF", " 0 1 02 FF "])
def test_bytes_of_text(module: Any, text: str | bytes) -> None:
    assert module.hex2bytes(text) == b"\x01\x02\xff"


@pytest.mark.parametrize("text", ["1", "zz", "01\n02 3", "é"])
def test_text_that_is_not_hexadecimal(module: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        module.hex2bytes(text)


def test_only_text_and_bytes(module: Any) -> None:
    with pytest.raises(TypeError):
        module.hex2bytes(5)
    with pytest.raises(TypeError):
        module.bytes2hex("abc")


def test_there_and_back(module: Any) -> None:
    every = bytes(range(256))
    assert module.bytes2hex(b"\x01\xff") == "01 ff"
    assert module.bytes2hex(b"") == ""
    assert module.hex2bytes(module.bytes2hex(every)) == every
