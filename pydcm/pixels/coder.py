"""What decodes or encodes the pixels of one transfer syntax, and its plugins."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydcm._codecs import codec_for
from pydcm.errors import UnsupportedSyntaxError
from pydcm.uid import UID

if TYPE_CHECKING:
    from pydcm._codecs.implementation import Verb

__all__ = ["CoderBase"]

PEERS = frozenset({"gdcm", "pillow", "pydicom", "pyjpegls", "pylibjpeg"})
"""Names of plugins that programs written for pydicom choose; each stands for the best codec."""


F = TypeVar("F", bound="Callable[..., Any]")


class CoderBase(Generic[F]):
    """Something that decodes or encodes the pixels of one transfer syntax.

    Its plugins are the implementations of the codec (``"pydcm"`` and libraries)
    and what :meth:`add_plugin` adds.

    Parameters
    ----------
    uid : UID
        Transfer Syntax UID (0002,0010).
    decoder : bool
        Whether it decodes.

    Raises
    ------
    UnsupportedSyntaxError
        If the transfer syntax is unknown.
    """

    def __init__(self, uid: str, decoder: bool) -> None:
        self._uid = UID(uid)
        self._verb: Verb = "decode" if decoder else "encode"
        self._codec = codec_for(str(uid))
        self._added: dict[str, F] = {}
        self._missing: dict[str, str] = {}
        self._removed: set[str] = set()

    def __repr__(self) -> str:
        """Return what it is for."""
        return f"<{type(self).__name__} of {self._codec.label}>"

    @property
    def UID(self) -> UID:
        """The transfer syntax."""
        return self._uid

    @property
    def is_encapsulated(self) -> bool:
        """Whether Pixel Data hold fragments (PS3.5 A.4)."""
        return self._codec.encapsulated

    @property
    def is_native(self) -> bool:
        """Whether Pixel Data are not encapsulated."""
        return not self._codec.encapsulated

    @property
    def available_plugins(self) -> tuple[str, ...]:
        """The names of what can run here."""
        return tuple(sorted([*self._added, *self._own()]))

    @property
    def missing_dependencies(self) -> list[str]:
        """A line for each plugin that cannot run here, and what it lacks."""
        lacking = dict(self._missing)
        for row in self._codec.implementations():
            if getattr(row, self._verb) and row.name not in self._removed:
                lacking.setdefault(row.name, row.why_not(self._verb))
        return [f"{name}: {problem}" for name, problem in lacking.items() if problem]

    @property
    def is_available(self) -> bool:
        """Whether there is something that can run here."""
        return bool(self._added or self._own())

    def add_plugin(self, label: str, import_path: tuple[str, str]) -> None:
        """Add a plugin, which is preferred to the codec's own implementations.

        Parameters
        ----------
        label : str
            Its name.
        import_path : tuple of str
            The module, and the name in it of a function that takes the octets
            of a frame and a runner. The module tells with
            ``is_available(uid)`` whether it can run, and with
            ``DECODER_DEPENDENCIES`` or ``ENCODER_DEPENDENCIES``, by UID, what
            it needs.

        Raises
        ------
        ValueError
            If there is one of that name.
        ImportError
            If there is no such module.
        AttributeError
            If it lacks one of those names.
        """
        if label in self._added or label in self._missing or label in self._own():
            raise ValueError(f"{self!r} has a plugin {label!r} already")
        module = import_module(import_path[0])
        function = getattr(module, import_path[1])
        if module.is_available(self._uid):
            self._added[label] = function
        else:
            table = getattr(module, f"{self._verb.upper()}R_DEPENDENCIES")
            self._missing[label] = f"needs {' and '.join(table[self._uid])}"
        self._removed.discard(label)

    def add_plugins(self, plugins: list[tuple[str, tuple[str, str]]]) -> None:
        """Add plugins; see :meth:`add_plugin`.

        Parameters
        ----------
        plugins : list of tuple
            The name of each, and its module and function.
        """
        for label, import_path in plugins:
            self.add_plugin(label, import_path)

    def remove_plugin(self, label: str) -> None:
        """Remove a plugin.

        Parameters
        ----------
        label : str
            Its name.

        Raises
        ------
        ValueError
            If there is none of that name.
        """
        if self._added.pop(label, None) or self._missing.pop(label, None):
            return
        if label not in self._own():
            raise ValueError(f"{self!r} has no plugin {label!r}")
        self._removed.add(label)

    def _own(self) -> list[str]:
        """Return the implementations of the codec that can run here, best first."""
        return [
            row.name
            for row in self._codec.implementations()
            if row.name not in self._removed and row.available(self._verb)
        ]

    def _choice(self, plugin: str) -> str:
        """Return the plugin to run: one that was added, or an implementation of the codec.

        It is empty if the codec may choose.

        Raises
        ------
        ValueError
            If `plugin` is not known.
        UnsupportedSyntaxError
            If it, or all of them, lack what they need.
        """
        if not (plugin or self._added or self._removed):
            return ""
        own = self._own()
        if plugin in self._added or plugin in own:
            return plugin
        if plugin in self._missing:
            raise UnsupportedSyntaxError(f"{self!r}: plugin {plugin} {self._missing[plugin]}")
        known = {row.name for row in self._codec.implementations() if getattr(row, self._verb)}
        # Native pixel data need no plugin, so any name may be given.
        foreign = plugin in PEERS or not plugin or self.is_native
        if not foreign and plugin not in known - self._removed:
            names = ", ".join(self.available_plugins) or "none"
            raise ValueError(f"{self!r} has no plugin {plugin!r}; available: {names}")
        if plugin in known:
            return plugin  # the registry tells what it lacks
        if self._added:
            return next(iter(self._added))
        if own:
            return own[0] if self._removed else ""
        problems = "; ".join(self.missing_dependencies) or f"nothing {self._verb}s it"
        raise UnsupportedSyntaxError(
            f"transfer syntax {self._uid} ({self._codec.label}) cannot be {self._verb}d",
            hint=problems,
        )
