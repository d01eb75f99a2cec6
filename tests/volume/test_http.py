"""Series behind a real web server, with and without ranges."""

from __future__ import annotations

import pickle
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, ClassVar

import numpy as np
import pytest

from pydcm import dcmread, decode, examples
from pydcm.errors import PydcmError, ReadError
from pydcm.examples import write_ct_series
from pydcm.volume import load_series
from pydcm.volume.files import list_files, read

pytest.importorskip("fsspec", reason="URLs are read through fsspec (extra remote)")
pytest.importorskip("aiohttp", reason="fsspec needs aiohttp for URLs of the web")


class Plain(SimpleHTTPRequestHandler):
    """Serves whole files only, as the library's own server does; counts what it sends."""

    sent: ClassVar[list[int]] = []

    def copyfile(self, source: BinaryIO, outputfile: BinaryIO) -> None:  # type: ignore[override]
        """Send a file; the library's own is typed for any reader and writer of bytes."""
        data = source.read()
        self.sent.append(len(data))
        outputfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


class Ranged(Plain):
    """Serves ranges (RFC 9110, section 14)."""

    def send_head(self) -> BinaryIO | None:
        """Answer with a part where a range is asked for."""
        path = Path(self.translate_path(self.path))
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if asked is None or not path.is_file():
            return super().send_head()
        data = path.read_bytes()
        first, last = int(asked[1]), min(int(asked[2]), len(data) - 1)
        part = data[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        return BytesIO(part)


Served = Callable[[type[Plain]], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A series of five, and a large image."""
    (tmp_path / "series").mkdir()
    write_ct_series(tmp_path / "series", slices=5, size=64)
    ds = dcmread(examples.get_path("ct"))
    ds.Rows, ds.Columns = 1024, 1024
    ds.PixelData = bytes(2 * 1024 * 1024)
    ds.save_as(tmp_path / "large.dcm")
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    """Begin to serve the folder; return the URL."""
    servers: list[ThreadingHTTPServer] = []

    def serve(handler: type[Plain]) -> str:
        handler.sent.clear()
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("handler", [Ranged, Plain])
def test_a_series_is_listed_and_loaded(handler: type[Plain], served: Served, folder: Path) -> None:
    url = served(handler)
    assert len(list_files(f"{url}/series/")) == 5
    far, near = load_series(f"{url}/series/"), load_series(folder / "series")
    np.testing.assert_array_equal(far.pixels, near.pixels)
    np.testing.assert_array_equal(far.affine, near.affine)


def test_only_ranges_are_sent(served: Served, folder: Path) -> None:
    remote = read(f"{served(Ranged)}/large.dcm")
    assert remote.PatientID
    assert sum(Ranged.sent) == 1 << 16
    np.testing.assert_array_equal(decode(remote), decode(folder / "large.dcm"))
    assert sum(Ranged.sent) < (2 << 20) + (1 << 18)
    copy = pickle.loads(pickle.dumps(remote))
    np.testing.assert_array_equal(decode(copy), decode(folder / "large.dcm"))


def test_faults_of_the_server_are_told(served: Served) -> None:
    url = served(Ranged)
    with pytest.raises(FileNotFoundError):
        read(f"{url}/absent.dcm")
    with pytest.raises((PydcmError, OSError)):
        read("http://127.0.0.1:1/nobody.dcm")


def test_a_file_that_shrinks_is_told(served: Served, folder: Path) -> None:
    remote = read(f"{served(Ranged)}/large.dcm")
    whole = (folder / "large.dcm").read_bytes()
    (folder / "large.dcm").write_bytes(whole[: 1 << 17])
    with pytest.raises(ReadError):
        decode(remote)
