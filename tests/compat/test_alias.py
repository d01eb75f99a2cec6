"""``import pydicom`` gives this package while the alias is installed, and not before or after."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import textwrap

import pytest

from tests.shared import ROOT

needs_pydicom = pytest.mark.skipif(
    importlib.util.find_spec("pydicom") is None, reason="pydicom is not installed"
)


def run(program: str) -> str:
    """Return what a program prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_modules_are_the_same_under_both_names() -> None:
    run(
        """
        from pydcm.compat import install_as_pydicom
        install_as_pydicom()
        import pydicom
        import pydicom.pixels.utils
        import pydicom.uid as uid
        from pydicom import config, dcmread, Dataset
        from pydicom.dataset import FileDataset
        from pydicom.pixels.decoders.base import get_decoder
        import pydcm, sys
        assert pydicom.dataset is pydcm.dataset
        assert pydicom.pixels.utils is sys.modules["pydcm.pixels.utils"]
        assert uid is pydcm.uid and config is pydcm.config and dcmread is pydcm.dcmread
        assert Dataset is pydcm.Dataset and FileDataset is pydcm.FileDataset
        assert get_decoder is pydcm.pixels.get_decoder
        assert sys.modules["pydicom.dataset"] is sys.modules["pydcm.dataset"]
        """
    )


def test_the_modules_themselves_stay_as_they_are() -> None:
    run(
        """
        import pydcm.uid, importlib
        before = pydcm.uid.__spec__, pydcm.uid.__name__, pydcm.uid.__loader__
        from pydcm.compat import install_as_pydicom
        with install_as_pydicom():
            import pydicom.uid
            assert pydicom.uid is pydcm.uid
            assert before == (pydcm.uid.__spec__, pydcm.uid.__name__, pydcm.uid.__loader__)
            assert importlib.reload(pydcm.uid) is pydicom.uid
        """
    )


def test_everything_below_can_be_imported_by_its_other_name() -> None:
    run(
        """
        import importlib, pkgutil, sys, warnings
        import pydcm
        from pydcm.compat import install_as_pydicom
        install_as_pydicom()
        warnings.simplefilter("ignore")
        names = [m.name for m in pkgutil.walk_packages(pydcm.__path__, "pydcm.")
                 if "._" not in m.name and not m.name.startswith("pydcm.kernels")]
        assert len(names) > 80
        for name in names:
            theirs = "pydicom" + name[len("pydcm"):]
            assert importlib.import_module(theirs) is sys.modules[name], name
        """
    )


def test_star_import_and_versions() -> None:
    printed = run(
        """
        from pydcm.compat import install_as_pydicom
        install_as_pydicom()
        import importlib.metadata as metadata, pydicom
        from pydicom import *
        assert Dataset is pydicom.Dataset
        assert "dcmread" in dir(pydicom) and "__path__" in dir(pydicom)
        assert metadata.version("PyDicom") == metadata.version("pydicom")
        assert metadata.metadata("pydicom")["Name"] == "pydicom"
        print(pydicom.__version__, metadata.version("pydicom"), pydicom.__version_info__[0])
        """
    )
    assert printed == "3.0.2 3.0.2 3"


def test_what_is_not_there_is_not_found() -> None:
    run(
        """
        from pydcm.compat import install_as_pydicom
        install_as_pydicom()
        try:
            import pydicom.no_such_module
        except ModuleNotFoundError as error:
            assert error.name == "pydicom.no_such_module", error.name
        else:
            raise SystemExit("was found")
        import pydicom
        assert not hasattr(pydicom, "no_such_name")
        """
    )


def test_it_is_undone() -> None:
    run(
        """
        import sys
        from pydcm.compat import install_as_pydicom, is_installed, uninstall
        before = list(sys.meta_path)
        with install_as_pydicom() as alias:
            assert alias.installed and is_installed()
            import pydicom.tag
            with install_as_pydicom() as again:
                assert not again.installed
            assert is_installed()
        assert not is_installed() and sys.meta_path == before
        assert not [name for name in sys.modules if name.split(".")[0] == "pydicom"]
        uninstall()
        import pydcm
        assert pydicom.tag is pydcm.tag  # what was imported stays
        """
    )


@needs_pydicom
def test_afterwards_the_name_means_pydicom_again() -> None:
    run(
        """
        import warnings
        warnings.simplefilter("ignore")
        import pydcm
        from pydcm.compat import install_as_pydicom
        with install_as_pydicom():
            import pydicom
            assert pydicom.Dataset is pydcm.Dataset
        import pydicom
        assert pydicom.Dataset is not pydcm.Dataset
        assert pydicom.dataset.Dataset.__module__ == "pydicom.dataset"
        """
    )


@needs_pydicom
def test_pydicom_must_not_be_loaded_before() -> None:
    run(
        """
        import warnings
        warnings.simplefilter("ignore")
        import pydicom, sys
        from pydcm.compat import install_as_pydicom, is_installed
        before = list(sys.meta_path)
        try:
            install_as_pydicom()
        except RuntimeError as error:
            assert "loaded already" in str(error)
        else:
            raise SystemExit("no error")
        assert not is_installed() and sys.meta_path == before
        """
    )


def test_settings_hold_under_both_names() -> None:
    run(
        """
        import pydcm
        from pydcm.compat import install_as_pydicom
        install_as_pydicom()
        import pydicom, pydicom.config
        pydicom.config.use_DS_decimal = True
        ds = pydcm.Dataset()
        ds.SliceThickness = "1.5"
        assert type(ds.SliceThickness).__name__ == "DSdecimal"
        assert isinstance(ds, pydicom.Dataset)
        """
    )


def test_pickles_of_pydicom_find_their_classes() -> None:
    run(
        """
        import pickle
        import pydcm
        from pydcm.compat import install_as_pydicom
        install_as_pydicom()
        import pydicom.valuerep
        assert pickle.loads(b"cpydicom.uid\\nUID\\n.") is pydcm.UID
        made = pickle.loads(pickle.dumps(pydicom.valuerep.PersonName("Doe^Jane")))
        assert made == "Doe^Jane"
        """
    )


def test_names_of_older_versions_that_libraries_import() -> None:
    run(
        """
        from pydcm.compat import install_as_pydicom
        install_as_pydicom()
        from pydicom._storage_sopclass_uids import SegmentationStorage
        assert SegmentationStorage == "1.2.840.10008.5.1.4.1.1.66.4"
        """
    )


def test_installing_imports_little() -> None:
    loaded = run(
        """
        import sys
        from pydcm.compat import install_as_pydicom
        install_as_pydicom()
        print("numpy" in sys.modules, "pydcm.dataset" in sys.modules)
        """
    )
    assert loaded == "False False"
