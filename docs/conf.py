"""Sphinx configuration; `make docs` builds with warnings as errors."""

from __future__ import annotations

import sys
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pydcm._version import __version__  # noqa: E402  # the checkout is on the path from here on

project = "pydcm"
author = "The pydcm authors"
copyright = "2026, The pydcm authors"
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.extlinks",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"pydcm {version}"

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

# Links to the standard are by part, so that they outlive its editions.
extlinks = {
    "dcm": ("https://dicom.nema.org/medical/dicom/current/output/html/part%s.html", "PS3.%s"),
}

# Cross-references within pydcm must resolve. What has no page here is prose in
# a docstring's types ("optional", "array_like"), the standard library or numpy,
# type variables, and what is private.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!pydcm\.).*"),
    (r"py:.*", r"pydcm\..*\.[A-Z]"),
    (r"py:.*", r"pydcm\.(.*\.)?_\w+"),
    (r"py:class", r"pydcm\._codecs\..+"),
    (r"py:class", r"pydcm\.pixels\.(frames|encoders\.source)\.\w+"),
    (r"py:class", r"pydcm\.volume\.(frames|image)\.\w+"),
]


def public_bases(app: Sphinx, name: str, made: type, options: object, bases: list[type]) -> None:
    """Show no base that is only a part of its class: its members stand with the class."""
    del app, name, made, options
    shown = [base for base in bases if base.__module__ not in PARTS and base.__name__[0] != "_"]
    bases[:] = shown or [object]


PARTS = {
    f"pydcm.dataset.{part}"
    for part in "conversions keywords lazy mapping original private text".split()
} | {f"pydcm.fileset.{part}" for part in ("committing", "descriptor", "staging")}


def plain_words(app: Sphinx, doctree: nodes.document) -> None:
    """Take words such as ``shape`` in the type of a parameter for what they are: no class."""
    del app
    for word in list(doctree.findall(addnodes.pending_xref)):
        target = str(word.get("reftarget", ""))
        if word.get("reftype") == "class" and target.isidentifier() and target.islower():
            word.replace_self(word.children)


def setup(app: Sphinx) -> None:
    """Connect what is above."""
    app.connect("doctree-read", plain_words)
    app.connect("autodoc-process-bases", public_bases)
