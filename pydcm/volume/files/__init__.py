"""The files of a series, wherever they are: folders, media, archives, object stores.

:func:`list_files` gives names, :func:`read` opens one of them. A name is text:
it can be kept, sent to another process and read there.

Examples
--------
>>> import os, tempfile, zipfile
>>> from pydcm import examples
>>> from pydcm.volume.files import list_files, read
>>> with tempfile.TemporaryDirectory() as folder:
...     archive = os.path.join(folder, "study.zip")
...     with zipfile.ZipFile(archive, "w") as members:
...         members.write(examples.get_path("ct"), "series/ct0001")
...     names = list_files(archive)
...     print([os.path.basename(name) for name in names])
...     read(names[0]).Modality
['ct0001']
'CT'
"""

from pydcm.volume.files.listing import FileList, Unlisted, list_files
from pydcm.volume.files.opening import read

__all__ = ["FileList", "Unlisted", "list_files", "read"]
