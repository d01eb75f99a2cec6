"""Blocks of private elements (PS3.5 7.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.datadict import private_dictionary_VR
from pydcm.dataelem import DataElement
from pydcm.dataset.mapping import ElementMapping
from pydcm.tag import BaseTag, Tag

if TYPE_CHECKING:
    from pydcm.dataset.data import Dataset

__all__ = ["PrivateBlock", "PrivateElements"]

_FIRST_CREATOR = 0x10
_LAST_CREATOR = 0xFF


class PrivateBlock:
    """The 256 elements that one private creator has reserved in a group.

    Parameters
    ----------
    key : tuple of (int, str)
        Group number and private creator.
    dataset : Dataset
        Where the block is.
    private_creator_element : int
        Element number of the creator's element, 0x10 to 0xFF.

    Examples
    --------
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> block = ds.private_block(0x0051, "MADE UP", create=True)
    >>> block.add_new(0x01, "SH", "secret")
    >>> block[0x01].value
    'secret'
    """

    def __init__(
        self, key: tuple[int, str], dataset: Dataset, private_creator_element: int
    ) -> None:
        self.group, self.private_creator = key
        self.dataset = dataset
        self.block_start = private_creator_element << 8

    def get_tag(self, element_offset: int) -> BaseTag:
        """Return the full tag of the element at an offset of 0 to 0xFF in the block.

        Raises
        ------
        ValueError
            If the offset is larger.
        """
        if element_offset > 0xFF:
            raise ValueError("the offset of a private element must be below 256")
        return Tag(self.group, self.block_start + element_offset)

    def __contains__(self, element_offset: int) -> bool:
        return self.get_tag(element_offset) in self.dataset

    def __getitem__(self, element_offset: int) -> DataElement:
        return self.dataset[self.get_tag(element_offset)]

    def __deepcopy__(self, memo: dict[int, Any]) -> PrivateBlock:
        # A block is a view: alone it stays one of the same data set.
        dataset = memo.get(id(self.dataset), self.dataset)
        return PrivateBlock((self.group, self.private_creator), dataset, self.block_start >> 8)

    def __delitem__(self, element_offset: int) -> None:
        del self.dataset[self.get_tag(element_offset)]

    def add_new(self, element_offset: int, VR: str, value: object) -> None:
        """Set the element at an offset of 0 to 0xFF in the block."""
        tag = self.get_tag(element_offset)
        self.dataset.add_new(tag, VR, value)
        self.dataset[tag].private_creator = self.private_creator


class PrivateElements(ElementMapping):
    """What a data set offers for private elements."""

    def private_creators(self, group: int) -> list[str]:
        """Return the private creators of a group, in ascending order of their blocks.

        Raises
        ------
        ValueError
            If the group is even.
        """
        if group % 2 == 0:
            raise ValueError("the group of private elements must be odd")
        return [creator for creator, _ in self._creators(group)]

    def _creators(self, group: int) -> list[tuple[str, int]]:
        first = group << 16 | _FIRST_CREATOR
        last = group << 16 | _LAST_CREATOR
        found = []
        for tag in sorted(tag for tag in self._dict if first <= tag <= last):
            value = self._element(tag, self._dict[tag]).value
            found.append((value, tag & 0xFF))
        return found

    def private_block(self, group: int, private_creator: str, create: bool = False) -> PrivateBlock:
        """Return the block that a private creator has reserved.

        Parameters
        ----------
        group : int
            An odd group number.
        private_creator : str
            The creator's identification.
        create : bool
            Reserve the first free block if there is none.

        Raises
        ------
        ValueError
            If the group is even or the creator empty.
        KeyError
            If there is no such block, or no free one is left.
        """
        if not private_creator:
            raise ValueError("a private creator must have a value")
        if group % 2 == 0:
            raise ValueError("the group of private elements must be odd")
        taken = self._creators(group)
        for creator, element in taken:
            if creator == private_creator:
                return self._block(group, private_creator, element)
        if not create:
            raise KeyError(f"private creator {private_creator!r} not found")
        used = {element for _, element in taken}
        for element in range(_FIRST_CREATOR, _LAST_CREATOR + 1):
            if element not in used:
                self.add_new(Tag(group, element), "LO", private_creator)
                return self._block(group, private_creator, element)
        raise KeyError(f"all 240 blocks of group {group:04X} are reserved")

    def _block(self, group: int, creator: str, element: int) -> PrivateBlock:
        return PrivateBlock((group, creator), self, element)  # type: ignore[arg-type]  # self is a Dataset

    def add_new_private(
        self,
        private_creator: str,
        group: int,
        element_offset: int,
        value: Any,
        vr: str | None = None,
    ) -> None:
        """Set a private element, reserving a block for its creator if necessary.

        Parameters
        ----------
        private_creator : str
            The creator's identification.
        group : int
            An odd group number.
        element_offset : int
            0 to 0xFF.
        value : object
            The value.
        vr : str, optional
            By default the one in the private dictionary.

        Raises
        ------
        KeyError
            If `vr` is not given and the private dictionary does not know the element.
        """
        block = self.private_block(group, private_creator, create=True)
        if vr is None:
            vr = private_dictionary_VR(block.get_tag(element_offset), private_creator)
        block.add_new(element_offset, vr, value)

    def get_private_item(
        self, group: int, element_offset: int, private_creator: str
    ) -> DataElement:
        """Return a private element.

        Raises
        ------
        KeyError
            If there is no such element or creator.
        """
        return self.private_block(group, private_creator)[element_offset]
