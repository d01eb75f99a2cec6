"""The house around the code: sizes, layers, versions, and that the documents speak the truth."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared import ROOT
from tools import check_layers, check_sizes

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.rst")),
]


def _toml(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def _project() -> dict[str, object]:
    return _toml("pyproject.toml")["project"]


# --- sizes and layers -------------------------------------------------------


def test_no_module_is_too_large() -> None:
    assert check_sizes.check(ROOT) == []


def test_size_check_finds_a_large_module_and_spares_generated_ones(tmp_path: Path) -> None:
    for name in ("pydcm/large.py", "pydcm/_std/table.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 0\n" * 601)
    (too_large,) = check_sizes.check(tmp_path)
    assert too_large.startswith("pydcm/large.py: 601 lines")


def test_no_module_loads_what_it_must_not() -> None:
    assert list(check_layers.problems(ROOT / "pydcm")) == []


@pytest.mark.parametrize(
    ("where", "source", "count"),
    [
        ("dataset.py", "import numpy", 1),
        ("dataset.py", "try:\n    from numpy import array\nexcept ImportError:\n    pass", 1),
        ("dataset.py", "class A:\n    import numpy", 1),
        ("dataset.py", "def f():\n    import numpy", 0),
        ("dataset.py", "if TYPE_CHECKING:\n    import numpy", 0),
        ("pixels/native.py", "import numpy", 0),
        ("pixels/native.py", "import numba", 1),
        ("kernels/compiled.py", "import numba", 0),
        ("kernels/jit.py", "import numba", 1),
        ("pixels/native.py", "from torch import Tensor", 1),
    ],
)
def test_load_check_tells_imports_apart(
    tmp_path: Path, where: str, source: str, count: int
) -> None:
    path = tmp_path / where
    path.parent.mkdir(exist_ok=True)
    path.write_text(source)
    assert len(list(check_layers.problems(tmp_path))) == count


def test_every_module_has_its_layer() -> None:
    contract = tomllib.loads((ROOT / "tools" / "layers.toml").read_text(encoding="utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in contract["tool"]["importlinter"]["contracts"]
        if contract["id"] == "layers"
    )
    listed = set(re.findall(r"\w+", " ".join(layers)))
    assert _modules(ROOT / "pydcm") - listed == set()


def _modules(package: Path) -> set[str]:
    """Return the names of the modules and packages directly inside a package."""
    return {
        path.stem
        for path in package.iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or any(path.glob("*.py")))
    }


# --- versions and metadata --------------------------------------------------


def test_one_version() -> None:
    import pydcm
    from pydcm._version import __version__

    assert pydcm.__version__ == __version__
    assert _project()["dynamic"] == ["version"]
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == __version__


def test_installed_version() -> None:
    from pydcm._version import __version__

    if not _is_installed_from_here():
        pytest.skip("this checkout is not what is installed")
    assert importlib.metadata.version("pydcm") == __version__


def _is_installed_from_here() -> bool:
    try:
        origin = importlib.metadata.distribution("pydcm").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return False
    return origin is not None and ROOT.as_uri() in origin


def test_numpy_is_the_only_requirement() -> None:
    assert _project()["dependencies"] == ["numpy >= 1.24"]


def test_extras_are_documented() -> None:
    install = (ROOT / "docs" / "install.rst").read_text(encoding="utf-8")
    extras = _project()["optional-dependencies"]
    assert isinstance(extras, dict)
    documented = re.findall(r"^``([\w-]+)`` ", install, re.MULTILINE)
    assert documented == list(extras)


def test_package_is_typed() -> None:
    assert (ROOT / "pydcm" / "py.typed").is_file()


# --- the documents ----------------------------------------------------------


def test_make_targets_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"(?:^\$ |`)make ([a-z]+)", document.read_text("utf-8"), re.M)
    }
    assert {"demo", "test", "bench", "check", "docs"} <= named
    assert named - targets == set()


def test_commands_that_documents_name_exist() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pydcm", "--help"], capture_output=True, text=True, check=True
    ).stdout
    named = {
        command
        for document in DOCUMENTS
        for command in re.findall(r"^ *\$ pydcm ([a-z]+)", document.read_text("utf-8"), re.M)
    }
    assert {"dump", "decode", "info"} <= named
    assert {command for command in named if not re.search(rf"^ +{command}\b", shown, re.M)} == set()


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_links_within_the_project_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_public_module_has_a_reference_page() -> None:
    pages = "\n".join(path.read_text("utf-8") for path in (ROOT / "docs/reference").glob("*.rst"))
    documented = set(re.findall(r"automodule:: pydcm\.(\w+)", pages))
    public = {name for name in _modules(ROOT / "pydcm") if not name.startswith("_")}
    assert public - documented - {"cli"} == set()


def test_codes_of_diagnostics_are_documented() -> None:
    reported = re.compile(r'(?:report|Diagnostic)\(\s*(?:shell, )?"([a-z-]+)"')
    codes = {
        code
        for path in (ROOT / "pydcm").rglob("*.py")
        for code in reported.findall(path.read_text("utf-8"))
    }
    page = (ROOT / "docs/howto/diagnostics.rst").read_text(encoding="utf-8")
    assert codes == set(re.findall(r"^``([a-z-]+)`` ", page, re.MULTILINE))


def test_readme_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ct_folder").mkdir()
    for number in range(3):
        _write_ct_slice(tmp_path / "ct_folder" / f"{number}.dcm", number)
    _write_ct_slice(tmp_path / "ct.dcm", 0)
    monkeypatch.chdir(tmp_path)
    example = re.search(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert example is not None
    names: dict[str, object] = {}
    exec(example[1], names)
    assert getattr(names["hu"], "shape", None) == (1, 4, 5)
    assert getattr(getattr(names["volume"], "pixels", None), "shape", None) == (3, 4, 5)
    assert b"Anonymous" in (tmp_path / "anonymous.dcm").read_bytes()


def _write_ct_slice(path: Path, number: int) -> None:
    from pydcm.dataset import Dataset, FileMetaDataset
    from pydcm.uid import CTImageStorage, ExplicitVRLittleEndian

    ds = Dataset()
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = f"1.2.3.{number}"
    ds.StudyInstanceUID = "1.2.4"
    ds.SeriesInstanceUID = "1.2.5"
    ds.FrameOfReferenceUID = "1.2.6"
    ds.PatientName = "Roe^Jane"
    ds.Modality = "CT"
    ds.SliceThickness = "2.5"
    ds.InstanceNumber = str(number)
    ds.ImagePositionPatient = [0, 0, 2.5 * number]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing = [1, 1]
    ds.Rows, ds.Columns, ds.SamplesPerPixel = 4, 5, 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 1
    ds.RescaleSlope, ds.RescaleIntercept = 1, -1024
    ds.PixelData = bytes(2 * 4 * 5)
    ds["PixelData"].VR = "OW"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)


# --- what must not be in it -------------------------------------------------

UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:home|root|tmp|work|mnt|Users)/[\w.]")
TEXT = {"", ".md", ".py", ".pyi", ".rst", ".toml", ".yaml", ".tsv", ".json"}


def _texts() -> Iterator[tuple[Path, str]]:
    """Yield every text of the project, but no environment and nothing that was built."""
    folders = ("pydcm", "tests", "tools", "docs", "conformance", ".ci")
    paths = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    for folder in folders:
        paths += (path for path in (ROOT / folder).rglob("*") if path.is_file())
    for path in sorted(paths):
        if path.suffix in TEXT and path.name != ".coverage" and "__pycache__" not in path.parts:
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


@pytest.mark.parametrize("pattern", [UNFINISHED, MACHINE_PATH], ids=["unfinished", "machine path"])
def test_nothing_unfinished_and_no_path_of_a_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in _texts()
        if (match := pattern.search(text))
    ]
    assert found == []


def test_files_end_with_one_newline() -> None:
    others = (ROOT / "pydcm" / "_std", ROOT / "conformance" / "blobs")  # generated; not text
    wrong = [
        str(path.relative_to(ROOT))
        for path, text in _texts()
        if text
        and not any(path.is_relative_to(folder) for folder in others)
        and (not text.endswith("\n") or text.endswith("\n\n") or "\r" in text)
    ]
    assert wrong == []
