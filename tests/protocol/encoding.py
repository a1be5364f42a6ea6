"""The container of section 2 and the body encoding of section 3."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from hashes import blake256

MAGIC = b"DCRCOLD"
VERSION = 1
PURCHASE, SEND, REGISTER, ANSWER, WATCH, VOTER, HOT_KEYS = range(1, 8)
NETWORKS = 3
HEADER_LENGTH = 47
MAX_BODY = 1 << 20
DEFLATED = 1

UINT, BYTES, TEXT, ARRAY, MAP = 0, 2, 3, 4, 5

# A body in memory.
Value = int | bytes | str | list["Value"] | dict[int, "Value"]


class Refused(Exception):
    """A broken rule, named as in section 12."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def require(holds: bool, rule: str) -> None:
    """Refuse by the rule unless it holds."""
    if not holds:
        raise Refused(rule)


def _head(major: int, number: int) -> bytes:
    """Write a head in its shortest form."""
    if number < 24:
        return bytes([major << 5 | number])
    size = next(s for s in range(4) if number < 1 << (8 << s))
    return bytes([major << 5 | 24 + size]) + number.to_bytes(1 << size, "big")


def encode(value: Value) -> bytes:
    """Write a body in its one encoding."""
    if isinstance(value, int):
        return _head(UINT, value)
    if isinstance(value, bytes):
        return _head(BYTES, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return _head(TEXT, len(text)) + text
    if isinstance(value, list):
        return _head(ARRAY, len(value)) + b"".join(map(encode, value))
    return _head(MAP, len(value)) + b"".join(encode(key) + encode(value[key]) for key in sorted(value))


class Reader:
    """Reads a body from its start, value by value, and refuses every encoding but the one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Read plain bytes."""
        require(count <= len(self._data) - self._at, "not-canonical")
        self._at += count
        return self._data[self._at - count : self._at]

    def head(self) -> tuple[int, int]:
        """Read the head of any value: its type and its number or length."""
        first = self.take(1)[0]
        major, short = first >> 5, first & 31
        require(major in (UINT, BYTES, TEXT, ARRAY, MAP) and short < 28, "not-canonical")
        if short < 24:
            return major, short
        number = int.from_bytes(self.take(1 << short - 24), "big")
        require(_head(major, number)[0] == first, "not-canonical")
        return major, number

    def expect(self, major: int) -> int:
        """Read the head of a value of one type."""
        found, number = self.head()
        require(found == major, "not-canonical")
        return number

    def uint(self) -> int:
        """Read an unsigned integer."""
        return self.expect(UINT)

    def bytes(self, length: int | None = None) -> bytes:
        """Read a byte string, of that length if one is given."""
        found = self.expect(BYTES)
        require(length is None or found == length, "not-canonical")
        return self.take(found)

    def cut_bytes(self) -> tuple[bytes, bool]:
        """Read a byte string as far as there are bytes, and tell whether some are missing."""
        length = self.expect(BYTES)
        there = min(length, len(self._data) - self._at)
        return self.take(there), there < length

    def array(self, length: int) -> None:
        """Read the head of an array of that many items."""
        require(self.expect(ARRAY) == length, "not-canonical")

    def numbers(self, count: int) -> list[int]:
        """Read an array of that many unsigned integers."""
        self.array(count)
        return [self.uint() for _ in range(count)]

    def keys(self) -> Iterator[int]:
        """Read a map: yield each key when its value is next to be read."""
        previous = -1
        for _ in range(self.expect(MAP)):
            key = self.uint()
            require(key > previous, "not-canonical")
            previous = key
            yield key

    def value(self) -> Value:
        """Read any value."""
        start = self._at
        major, number = self.head()
        if major == UINT:
            return number
        if major == BYTES:
            return self.take(number)
        if major == TEXT:
            try:
                return self.take(number).decode()
            except UnicodeDecodeError:
                raise Refused("not-canonical") from None
        if major == ARRAY:
            return [self.value() for _ in range(number)]
        self._at = start
        return {key: self.value() for key in self.keys()}

    def end(self) -> None:
        """Refuse bytes that are left over."""
        require(self._at == len(self._data), "not-canonical")


def decode(data: bytes) -> Value:
    """Read a whole body without a schema."""
    reader = Reader(data)
    value = reader.value()
    reader.end()
    return value


@dataclass(frozen=True)
class Container:
    """A container whose header was read; `id` is computed, `stated_id` and `length` are what the header says."""

    kind: int
    network: int
    body: bytes
    id: bytes
    stated_id: bytes
    length: int

    def write(self) -> bytes:
        """Write the container with a plain body."""
        head = bytes([VERSION, self.kind, self.network, 0])
        return MAGIC + head + len(self.body).to_bytes(4, "little") + self.id + self.body


def container_id(kind: int, network: int, body: bytes) -> bytes:
    """Hash what the id of a container covers."""
    return blake256(bytes([VERSION, kind, network]) + body)


def container(kind: int, network: int, body: bytes) -> Container:
    """Wrap a body."""
    id_ = container_id(kind, network, body)
    return Container(kind, network, body, id_, id_, len(body))


def open_container(data: bytes, kinds: tuple[int, ...]) -> Container:
    """Read the header and the body of a container of one of the kinds; id and length are left to the caller."""
    require(len(data) >= HEADER_LENGTH and data[:7] == MAGIC, "not-canonical")
    require(data[7] == VERSION, "version-unknown")
    kind, network, flags = data[8:11]
    require(kind in kinds, "kind-unexpected")
    require(flags & ~DEFLATED == 0, "flags-unknown")
    require(network < NETWORKS, "network-mismatch")
    length = int.from_bytes(data[11:15], "little")
    require(length <= MAX_BODY, "too-large")
    stated_id, body = data[15:HEADER_LENGTH], data[HEADER_LENGTH:]
    if flags & DEFLATED:
        inflater = zlib.decompressobj(wbits=-15)
        try:
            body = inflater.decompress(body, length + 1)
        except zlib.error:
            raise Refused("not-canonical") from None
        require(inflater.eof and not inflater.unused_data and len(body) == length, "not-canonical")
    return Container(kind, network, body, container_id(kind, network, body), stated_id, length)
