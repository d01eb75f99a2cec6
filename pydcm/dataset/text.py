"""How a data set prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydcm import config
from pydcm.dataelem import DataElement
from pydcm.dataset.mapping import ElementMapping

__all__ = ["PrintedElements"]


class PrintedElements(ElementMapping):
    """What a data set offers for printing."""

    default_element_format = "%(tag)s %(name)-35.35s %(VR)s: %(repval)s"
    default_sequence_element_format = "%(tag)s %(name)-35.35s %(VR)s: %(repval)s"
    indent_chars = "   "

    def formatted_lines(
        self,
        element_format: str = default_element_format,
        sequence_element_format: str = default_sequence_element_format,
        indent_format: str | None = None,
    ) -> Iterator[str]:
        """Yield one line for each element, those of items included.

        Parameters
        ----------
        element_format, sequence_element_format : str
            ``%`` formats over the attributes of :class:`DataElement`, for
            sequences and for all others.
        indent_format : str, optional
            Put before a line once for each level of nesting.
        """
        for elem, depth in self._with_depth(0):
            form = sequence_element_format if elem.VR == "SQ" else element_format
            fields = {
                name: getattr(elem, name)
                for name in dir(elem)
                if not name.startswith("_") and not callable(getattr(elem, name))
            }
            yield (indent_format or "") * depth + form % fields

    def _with_depth(self, depth: int) -> Iterator[tuple[DataElement, int]]:
        for elem in self:
            yield elem, depth
            if elem.VR == "SQ":
                for item in elem.value:
                    yield from item._with_depth(depth + 1)

    def top(self) -> str:
        """Return the elements as text, those of items left out."""
        return self._pretty_str(0, top_level_only=True)

    def __str__(self) -> str:
        return self._pretty_str()

    def _pretty_str(self, indent: int = 0, top_level_only: bool = False) -> str:
        return "\n".join(self._lines(indent, top_level_only))

    def _lines(self, indent: int, top_level_only: bool) -> Iterator[str]:
        outer = self.indent_chars * indent
        inner = self.indent_chars * (indent + 1)
        file_meta: Any = self.__dict__.get("file_meta")
        if config.show_file_meta and file_meta:
            yield "Dataset.file_meta -------------------------------"
            for elem in file_meta:
                yield outer + repr(elem)
            yield "-------------------------------------------------"
        for elem in self:
            if elem.VR != "SQ":
                yield outer + repr(elem)
                continue
            yield f"{outer}{elem.tag}  {elem.name}  {len(elem.value)} item(s) ---- "
            if not top_level_only:
                for item in elem.value:
                    yield item._pretty_str(indent + 1)
                    yield inner + "---------"

    def dir(self, *filters: str) -> list[str]:
        """Return the keywords of the elements here that contain one of the filters.

        Parameters
        ----------
        *filters : str
            Texts in any case; without any, all keywords are returned.
        """
        words = set(self._keywords())
        if filters:
            wanted = [text.lower() for text in filters]
            words = {word for word in words if any(text in word.lower() for text in wanted)}
        return sorted(words)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._keywords()})

    def trait_names(self) -> list[str]:
        """Return what can follow the dot, for interactive completion."""
        return dir(self)
