"""Person names (PS3.5 6.2 and 6.2.1, PN).

A name has up to three component groups, separated by ``=``: alphabetic,
ideographic and phonetic. A group has up to five components, separated by
``^``: family name, given name, middle name, prefix and suffix. Each component
may switch character sets on its own, so that names keep their bytes until
their text is wanted, and can be decoded again with another character set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

from pydcm import config
from pydcm.errors import ValueRepresentationError
from pydcm.valuerep.patterns import MAX_NAME_GROUP_LEN
from pydcm.valuerep.validation import validate_pn, validate_value
from pydcm.valuerep.vr import PN_DELIMS

__all__ = ["PersonName"]

_PARTS = ("family_name", "given_name", "middle_name", "name_prefix", "name_suffix")
_GROUPS = ("alphabetic", "ideographic", "phonetic")
_DELIMITERS = "\\=^"
_EQUALS = 0x3D


class PersonName:
    """A person name.

    Parameters
    ----------
    val : str, bytes or PersonName
        The name; None gives None instead of a name.
    encodings : sequence of str, optional
        The codecs of the bytes, as ``charset.convert_encodings`` returns them;
        by default that of the default character repertoire.
    original_string : bytes, optional
        The bytes that `val` was decoded from.
    validation_mode : int, optional
        How to check the name; by default in the mode for reading.

    Attributes
    ----------
    original_string : bytes or None
        The encoded name; None for a name from text that was not encoded yet.
    encodings : tuple of str or None
        The codecs, as given.
    validation_mode : int
        As given.

    Raises
    ------
    ValueRepresentationError
        If the name is invalid and the mode is RAISE.

    Examples
    --------
    >>> name = PersonName("Yamada^Tarou=山田^太郎=やまだ^たろう")
    >>> name.family_name, name.given_name, name.ideographic
    ('Yamada', 'Tarou', '山田^太郎')
    >>> name == "Yamada^Tarou=山田^太郎=やまだ^たろう"
    True
    """

    original_string: bytes | None
    encodings: tuple[str, ...] | None
    validation_mode: int

    def __new__(cls, *args: object, **kwargs: object) -> Self:
        """Make a name, or return None for None."""
        if args and args[0] is None:
            return None  # type: ignore[return-value]  # as an empty element has no name
        return super().__new__(cls)

    def __init__(
        self,
        val: str | bytes | PersonName,
        encodings: Sequence[str] | None = None,
        original_string: bytes | None = None,
        validation_mode: int | None = None,
    ) -> None:
        mode = config.reading_mode() if validation_mode is None else validation_mode
        self.validation_mode = mode
        self._components: tuple[str, ...] | None = None
        self.encodings = _as_tuple(encodings)
        self.original_string = original_string
        if isinstance(val, PersonName):
            self._components = val._components
            self.encodings = val.encodings
            self.original_string = val.original_string
        elif isinstance(val, bytes):
            self.original_string = val
            # Looking for a number in bytes is ten times quicker than for bytes.
            is_plain = len(val) <= MAX_NAME_GROUP_LEN and _EQUALS not in val
            if mode and not is_plain and not validate_pn("PN", val)[0]:
                # The limit counts characters, which can take several bytes, and
                # not the escape sequences between them.
                validate_value("PN", str(self), mode)
        else:
            validate_value("PN", val, mode)
            self._components = _without_empty_end(val.split("="))

    # --- the parts ------------------------------------------------------------

    @property
    def components(self) -> tuple[str, ...]:
        """The component groups that are there, up to the last that is not empty."""
        if self._components is None:
            from pydcm.charset import decode_bytes, split_encoded

            encodings = self._codecs()
            groups = split_encoded(self.original_string or b"", encodings, b"=")
            self._components = _without_empty_end(
                [decode_bytes(group, encodings, PN_DELIMS) for group in groups]
            )
        return self._components

    def _codecs(self) -> tuple[str, ...]:
        from pydcm.charset import default_encoding

        return self.encodings or (default_encoding,)

    def _group(self, index: int) -> str:
        return self.components[index] if len(self.components) > index else ""

    @property
    def alphabetic(self) -> str:
        """The first component group, in letters."""
        return self._group(0)

    @property
    def ideographic(self) -> str:
        """The second component group, in ideographic characters."""
        return self._group(1)

    @property
    def phonetic(self) -> str:
        """The third component group, in phonetic characters."""
        return self._group(2)

    def _part(self, index: int) -> str:
        parts = self.alphabetic.split("^")
        return parts[index] if len(parts) > index else ""

    @property
    def family_name(self) -> str:
        """The first component of the alphabetic group."""
        return self._part(0)

    @property
    def given_name(self) -> str:
        """The second component of the alphabetic group."""
        return self._part(1)

    @property
    def middle_name(self) -> str:
        """The third component of the alphabetic group."""
        return self._part(2)

    @property
    def name_prefix(self) -> str:
        """The fourth component of the alphabetic group."""
        return self._part(3)

    @property
    def name_suffix(self) -> str:
        """The fifth component of the alphabetic group."""
        return self._part(4)

    # --- as text --------------------------------------------------------------

    def __str__(self) -> str:
        return "=".join(self.components)

    def __repr__(self) -> str:
        return repr(str(self))

    def __eq__(self, other: object) -> bool:
        """Compare the text with that of a name or with a string."""
        return isinstance(other, (str, PersonName)) and str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(str(self))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the characters."""
        return iter(str(self))

    def __len__(self) -> int:
        return len(str(self))

    def __contains__(self, x: object) -> bool:
        return x in str(self)  # type: ignore[operator]  # str raises for what is no str

    def __bool__(self) -> bool:
        if self._components is None and not self.original_string:
            return False
        return bool(self.components)

    def formatted(self, format_str: str) -> str:
        """Return a text made from the parts of the name.

        Parameters
        ----------
        format_str : str
            A format for ``%`` with the names of the properties, such as
            ``"%(family_name)s"``.

        Examples
        --------
        >>> PersonName("Doe^Jane^^Dr").formatted("%(name_prefix)s %(family_name)s")
        'Dr Doe'
        """
        return format_str % {name: getattr(self, name) for name in (*_PARTS, *_GROUPS)}

    def family_comma_given(self) -> str:
        """Return the family name, a comma and the given name."""
        return f"{self.family_name}, {self.given_name}"

    # --- as bytes -------------------------------------------------------------

    def decode(self, encodings: Sequence[str] | None = None) -> PersonName:
        """Return the name as decoded with other character sets.

        Parameters
        ----------
        encodings : sequence of str, optional
            The codecs; by default those of the name.

        Returns
        -------
        PersonName
            The name itself if its codecs are these already.
        """
        wanted = self.encodings if encodings is None else _as_tuple(encodings)
        if wanted == self.encodings:
            return self
        encoded = self.encode() if self.original_string is None else self.original_string
        return PersonName(encoded, wanted, validation_mode=self.validation_mode)

    def encode(self, encodings: Sequence[str] | None = None) -> bytes:
        """Return the name as bytes.

        Parameters
        ----------
        encodings : sequence of str, optional
            The codecs; by default those of the name.

        Returns
        -------
        bytes
            The bytes that the name was read from if their codecs are these or
            are not known.
        """
        wanted = _as_tuple(encodings) or self.encodings
        if wanted == self.encodings:
            if self.original_string is None:
                self.original_string = _encoded(self.components, self._codecs())
            return self.original_string
        if self.original_string is not None and self.encodings is None:
            return self.original_string
        return _encoded(self.components, wanted or self._codecs())

    # --- from parts -----------------------------------------------------------

    @classmethod
    def from_named_components(  # noqa: PLR0913, PLR0917  # as in the compatible API
        cls,
        family_name: str | bytes = "",
        given_name: str | bytes = "",
        middle_name: str | bytes = "",
        name_prefix: str | bytes = "",
        name_suffix: str | bytes = "",
        family_name_ideographic: str | bytes = "",
        given_name_ideographic: str | bytes = "",
        middle_name_ideographic: str | bytes = "",
        name_prefix_ideographic: str | bytes = "",
        name_suffix_ideographic: str | bytes = "",
        family_name_phonetic: str | bytes = "",
        given_name_phonetic: str | bytes = "",
        middle_name_phonetic: str | bytes = "",
        name_prefix_phonetic: str | bytes = "",
        name_suffix_phonetic: str | bytes = "",
        encodings: list[str] | None = None,
    ) -> PersonName:
        r"""Return a name made from its components.

        Parameters
        ----------
        family_name, given_name, middle_name, name_prefix, name_suffix : str or bytes
            The components of the alphabetic group, without delimiters.
        family_name_ideographic, ..., name_suffix_ideographic : str or bytes
            Those of the ideographic group.
        family_name_phonetic, ..., name_suffix_phonetic : str or bytes
            Those of the phonetic group.
        encodings : list of str, optional
            The codecs, which bytes are encoded with and strings will be.

        Returns
        -------
        PersonName
            The name; empty components at the end leave no delimiters.

        Raises
        ------
        ValueRepresentationError
            If a component contains a delimiter: a backslash, ``=`` or ``^``.

        Examples
        --------
        >>> PersonName.from_named_components("Adams", "John", name_suffix="B.A.")
        'Adams^John^^^B.A.'
        """
        components = (
            family_name,
            given_name,
            middle_name,
            name_prefix,
            name_suffix,
            family_name_ideographic,
            given_name_ideographic,
            middle_name_ideographic,
            name_prefix_ideographic,
            name_suffix_ideographic,
            family_name_phonetic,
            given_name_phonetic,
            middle_name_phonetic,
            name_prefix_phonetic,
            name_suffix_phonetic,
        )
        size = len(_PARTS)
        groups = [components[start : start + size] for start in range(0, len(components), size)]
        return cls(_joined(groups, encodings), encodings)

    @classmethod
    def from_named_components_veterinary(
        cls,
        responsible_party_name: str | bytes = "",
        patient_name: str | bytes = "",
        responsible_party_name_ideographic: str | bytes = "",
        patient_name_ideographic: str | bytes = "",
        responsible_party_name_phonetic: str | bytes = "",
        patient_name_phonetic: str | bytes = "",
        encodings: list[str] | None = None,
    ) -> PersonName:
        """Return the name of an animal (PS3.5 6.2.1.1, veterinary use).

        Parameters
        ----------
        responsible_party_name, patient_name : str or bytes
            Family name or organization of who is responsible, and the
            animal's own name, in the alphabetic group.
        responsible_party_name_ideographic, patient_name_ideographic : str or bytes
            The same in the ideographic group.
        responsible_party_name_phonetic, patient_name_phonetic : str or bytes
            The same in the phonetic group.
        encodings : list of str, optional
            The codecs, which bytes are encoded with and strings will be.

        Raises
        ------
        ValueRepresentationError
            If a component contains a delimiter: a backslash, ``=`` or ``^``.

        Examples
        --------
        >>> PersonName.from_named_components_veterinary("ABC Farms", "Running on Water")
        'ABC Farms^Running on Water'
        """
        groups = (
            (responsible_party_name, patient_name),
            (responsible_party_name_ideographic, patient_name_ideographic),
            (responsible_party_name_phonetic, patient_name_phonetic),
        )
        return cls(_joined(groups, encodings), encodings)


def _as_tuple(encodings: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if encodings is None:
        return None
    return (encodings,) if isinstance(encodings, str) else tuple(encodings)


def _without_empty_end(groups: list[str]) -> tuple[str, ...]:
    while groups and not groups[-1]:
        groups.pop()
    return tuple(groups)


def _encoded(groups: Sequence[str], encodings: Sequence[str]) -> bytes:
    from pydcm.charset import encode_string

    # The first character set is active again after each delimiter (PS3.5
    # 6.1.2.5.3), so that each component is encoded by itself.
    return b"=".join(
        b"^".join(encode_string(component, encodings) for component in group.split("^"))
        for group in groups
    )


def _joined(groups: Sequence[Sequence[str | bytes]], encodings: Sequence[str] | None) -> bytes:
    """Return an encoded name from the components of its groups."""
    from pydcm.charset import decode_bytes, default_encoding, encode_string

    codecs = _as_tuple(encodings) or (default_encoding,)

    def encoded(component: str | bytes) -> bytes:
        if isinstance(component, bytes):
            _refuse_delimiters(decode_bytes(component, codecs, PN_DELIMS))
            return component
        _refuse_delimiters(component)
        return encode_string(component, codecs)

    joined = (b"^".join(map(encoded, group)).rstrip(b"^") for group in groups)
    return b"=".join(joined).rstrip(b"=")


def _refuse_delimiters(component: str) -> None:
    for delimiter in _DELIMITERS:
        if delimiter in component:
            raise ValueRepresentationError(
                f"a component of a person name cannot contain {delimiter!r}, as {component!r} does",
                clause="PS3.5 6.2",
            )
