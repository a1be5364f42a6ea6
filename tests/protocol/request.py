"""Requests of section 4, read as a stream, with their parents of section 5."""

from collections.abc import Callable
from dataclasses import dataclass, field

from encoding import ARRAY, PURCHASE, REGISTER, SEND, TEXT, Reader, open_container, require
from hashes import blake256

MAX_AMOUNT = 21 * 10**14
INDEX_END = (1 << 31) - 1024
ACCOUNT_END = 1 << 24
COIN_TYPES = ((42, 20), (1, 11), (1, 115))

MAX_TICKET = 172
TAGGED_LENGTH = 26
SPENDABLE_TAGS = (0xBB, 0xBC, 0xBD)

TO_KEY, TO_SCRIPT, TO_PURSE = range(3)

Path = tuple[int, int]


@dataclass(frozen=True)
class Room:
    """How much a signer takes in one request."""

    inputs: int = 256
    tickets: int = 100


@dataclass(frozen=True)
class TxInput:
    """What a transaction spends; `id` stands as hashed."""

    id: bytes
    output: int
    tree: int
    sequence: int = 0xFFFFFFFF


@dataclass(frozen=True)
class TxOutput:
    """What a transaction pays."""

    value: int
    script: bytes
    version: int = 0


@dataclass(frozen=True)
class Tx:
    """A transaction without signatures."""

    inputs: tuple[TxInput, ...]
    outputs: tuple[TxOutput, ...]
    expiry: int
    lock_time: int = 0
    version: int = 1

    def prefix(self) -> bytes:
        """Write the prefix serialisation."""
        parts = [u16(self.version), u16(1), varint(len(self.inputs))]
        for spent in self.inputs:
            parts += spent.id, u32(spent.output), bytes([spent.tree]), u32(spent.sequence)
        parts.append(varint(len(self.outputs)))
        for paid in self.outputs:
            parts += u64(paid.value), u16(paid.version), varint(len(paid.script)), paid.script
        return b"".join(parts) + u32(self.lock_time) + u32(self.expiry)

    def id(self) -> bytes:
        """Compute the transaction id, as hashed."""
        return blake256(self.prefix())


Judge = Callable[[int, TxOutput], None]


def u16(number: int) -> bytes:
    """Write two bytes, little endian."""
    return number.to_bytes(2, "little")


def u32(number: int) -> bytes:
    """Write four bytes, little endian."""
    return number.to_bytes(4, "little")


def u64(number: int) -> bytes:
    """Write eight bytes, little endian."""
    return number.to_bytes(8, "little")


def varint(number: int) -> bytes:
    """Write a length in its shortest form."""
    if number < 0xFD:
        return bytes([number])
    if number < 1 << 16:
        return b"\xfd" + u16(number)
    return b"\xfe" + u32(number) if number < 1 << 32 else b"\xff" + u64(number)


def read_prefix(data: bytes, broken: str, cut: str = "", judge: Judge = lambda place, output: None) -> Tx:
    """Read a prefix serialisation and judge each output as it arrives; refuse by `broken`, or `cut` at the end."""
    at = 0

    def take(size: int) -> bytes:
        nonlocal at
        require(size <= len(data) - at, cut or broken)
        at += size
        return data[at - size : at]

    def number(size: int) -> int:
        return int.from_bytes(take(size), "little")

    def count() -> int:
        first = number(1)
        if first < 0xFD:
            return first
        value = number(2 << first - 0xFD)
        require(varint(value)[0] == first, broken)
        return value

    version = number(2)
    require(number(2) == 1, broken)
    inputs = count()
    require(inputs >= 1, broken)
    spends = [TxInput(take(32), number(4), number(1), number(4)) for _ in range(inputs)]
    outputs = count()
    require(outputs >= 1, broken)
    pays = []
    for place in range(outputs):
        value = number(8)
        require(value <= MAX_AMOUNT, broken)
        script_version = number(2)
        pays.append(TxOutput(value, take(count()), script_version))
        judge(place, pays[-1])
    lock_time, expiry = number(4), number(4)
    require(at == len(data), broken)
    return Tx(tuple(spends), tuple(pays), expiry, lock_time, version)


@dataclass(frozen=True)
class Coin:
    """An input whose parent was read."""

    id: bytes
    output: int
    tree: int
    value: int
    script: bytes
    path: Path

    def key_hash(self) -> bytes:
        """Read the key hash that the script pays."""
        return self.script[-22:-2]


def payee(script: bytes) -> tuple[int, bytes] | None:
    """Read whom a script without a tag pays."""
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return TO_KEY, script[3:23]
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":
        return TO_SCRIPT, script[2:22]
    return None


def is_spendable(script: bytes) -> bool:
    """Tell whether a script pays a key hash, with a stake tag that may be spent or without one."""
    tagged = len(script) == TAGGED_LENGTH and script[0] in SPENDABLE_TAGS
    paid = payee(script[1:] if tagged else script)
    return paid is not None and paid[0] == TO_KEY


@dataclass(frozen=True)
class SendOutput:
    """An output of a send; only a purse has an index."""

    kind: int
    to: bytes
    index: int
    atoms: int


@dataclass
class Request:
    """The parameters of a request; what a kind does not have stays empty."""

    kind: int
    network: int
    coin_type: int = 0
    account: int = 0
    inputs: list[tuple[int, int, int, int]] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    tickets: int = 0
    outputs: list[SendOutput] = field(default_factory=list)
    amount: int = 0
    fee_rate: int = 0
    first_internal: int | None = None
    voter: tuple[bytes, int] | None = None
    voting_hashes: list[bytes] | None = None
    purse: tuple[int, int] | None = None
    expiry: int = 0
    tip_height: int = 0
    tip_time: int = 0
    price: int = 0
    label: str = ""
    direct_or_sweep: bool = False
    coins: list[Coin] = field(default_factory=list)
    ticket_prefixes: list[bytes] = field(default_factory=list)
    id: bytes = b""


_ALLOWED = {
    PURCHASE: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13},
    SEND: {0, 1, 2, 4, 5, 10, 11, 12, 13},
    REGISTER: {0, 1, 6, 10, 11, 13},
}
_REQUIRED = {PURCHASE: {0, 1, 2, 3, 4, 5, 9, 10, 13}, SEND: {0, 1, 2, 4, 10, 13}, REGISTER: {0, 1, 6, 10, 13}}


def at_most(number: int, most: int, rule: str) -> int:
    """Pass a number that is not above a bound."""
    require(number <= most, rule)
    return number


def checked_amount(number: int, rule: str = "amount-overflow") -> int:
    """Pass an amount that can exist."""
    return at_most(number, MAX_AMOUNT, rule)


def checked_u32(number: int, rule: str) -> int:
    """Pass a number of 32 bits."""
    return at_most(number, (1 << 32) - 1, rule)


def checked_index(number: int) -> int:
    """Pass a key index."""
    return at_most(number, INDEX_END - 1, "index-out-of-range")


def checked_path(branch: int, index: int) -> Path:
    """Pass a branch and an index."""
    return at_most(branch, 1, "index-out-of-range"), checked_index(index)


class _RequestReader:
    """Reads the values of a request in the order of their keys and judges each once it is whole."""

    def __init__(self, reader: Reader, request: Request, room: Room) -> None:
        self.reader = reader
        self.request = request
        self.room = room
        self.seen: set[int] = set()

    def read(self) -> None:
        """Read the whole body."""
        for key in self.reader.keys():
            require(key in _ALLOWED[self.request.kind], "not-canonical")
            self.seen.add(key)
            getattr(self, f"key_{key}")()
        self.reader.end()

    def finish(self) -> None:
        """Judge what only the whole tells."""
        seen, request = self.seen, self.request
        whole = seen >= _REQUIRED[request.kind]
        if request.kind == PURCHASE:
            whole &= (6 in seen) != (7 in seen)
            whole &= 8 not in seen or (6 in seen and 12 not in seen)
            whole &= 7 not in seen or len(request.voting_hashes) == request.tickets
        elif request.kind == SEND:
            whole &= (5 in seen) != (12 in seen)
        else:
            whole &= len(request.paths) == len(request.ticket_prefixes)
        require(whole, "not-canonical")
        require(len(request.coins) == len(request.inputs), "output-index-out-of-range")

    def items(self, most: int, rule: str) -> range:
        """Read the head of an array and count its items off."""
        return range(at_most(self.reader.expect(ARRAY), most, rule))

    def key_0(self) -> None:
        """Read the coin type and the account."""
        coin_type, account = self.reader.numbers(2)
        require(coin_type in COIN_TYPES[self.request.network], "network-coin-mismatch")
        self.request.coin_type = coin_type
        self.request.account = at_most(account, ACCOUNT_END - 1, "account-out-of-range")

    def key_1(self) -> None:
        """Read the inputs, or the commitment paths of kind 3."""
        if self.request.kind == REGISTER:
            for _ in self.items(self.room.tickets, "tickets-above-limit"):
                self.request.paths.append(checked_path(*self.reader.numbers(2)))
            return
        for _ in self.items(self.room.inputs, "too-large"):
            parent, output, *path = self.reader.numbers(4)
            checked_u32(parent, "parent-missing")
            checked_u32(output, "output-index-out-of-range")
            self.request.inputs.append((parent, output, *checked_path(*path)))

    def key_2(self) -> None:
        """Read the number of tickets, or the outputs of a send."""
        if self.request.kind == PURCHASE:
            self.request.tickets = at_most(self.reader.uint(), self.room.tickets, "tickets-above-limit")
            return
        for _ in self.items(self.room.tickets, "too-large"):
            items = self.reader.expect(ARRAY)
            require(items in (3, 4), "not-canonical")
            kind, to = self.reader.uint(), self.reader.bytes(20 if items == 3 else 16)
            index = self.reader.uint() if items == 4 else 0
            atoms = self.reader.uint()
            require(kind in ((TO_KEY, TO_SCRIPT) if items == 3 else (TO_PURSE,)), "not-canonical")
            output = SendOutput(kind, to, checked_index(index), checked_amount(atoms))
            purses = {other.to for other in [*self.request.outputs, output] if other.kind == TO_PURSE}
            require(len(purses) <= 1, "not-canonical")
            self.request.outputs.append(output)

    def key_3(self) -> None:
        """Read the atoms per ticket."""
        self.request.amount = checked_amount(self.reader.uint(), "amount-above-limit")

    def key_4(self) -> None:
        """Read the fee rate."""
        self.request.fee_rate = self.reader.uint()

    def key_5(self) -> None:
        """Read the first internal index, or the change index."""
        self.request.first_internal = checked_index(self.reader.uint())

    def key_6(self) -> None:
        """Read the voter and its first index."""
        self.reader.array(2)
        fingerprint, first = self.reader.bytes(16), self.reader.uint()
        self.request.voter = (fingerprint, checked_index(first))

    def key_7(self) -> None:
        """Read the voting hashes."""
        self.request.voting_hashes = []
        for _ in self.items(self.room.tickets, "tickets-above-limit"):
            self.request.voting_hashes.append(self.reader.bytes(20))
            require(self.request.voter is None, "not-canonical")

    def key_8(self) -> None:
        """Read the purse top-up."""
        atoms, index = self.reader.numbers(2)
        self.request.purse = (checked_amount(atoms, "purse-above-limit"), checked_index(index))

    def key_9(self) -> None:
        """Read the expiry."""
        self.request.expiry = checked_u32(self.reader.uint(), "expiry-too-far")

    def key_10(self) -> None:
        """Read what the online side claims."""
        height, time, *price = self.reader.numbers(3 if self.request.kind == PURCHASE else 2)
        self.request.tip_height = checked_u32(height, "timestamp-out-of-range")
        self.request.tip_time = checked_u32(time, "timestamp-out-of-range")
        require(time > 0, "timestamp-out-of-range")
        self.request.price = checked_amount(*price) if price else 0

    def key_11(self) -> None:
        """Read the label."""
        length = at_most(self.reader.expect(TEXT), 64, "label-unprintable")
        label = self.reader.take(length)
        require(label != b"" and all(0x20 <= byte <= 0x7E for byte in label), "label-unprintable")
        self.request.label = label.decode()

    def key_12(self) -> None:
        """Read the flag of a direct purchase or a sweep."""
        require(self.reader.uint() == 1, "not-canonical")
        self.request.direct_or_sweep = True

    def key_13(self) -> None:
        """Read the parents, or the tickets of kind 3."""
        if self.request.kind == REGISTER:
            for _ in self.items(self.room.tickets, "tickets-above-limit"):
                ticket, cut = self.reader.cut_bytes()
                require(len(ticket) <= MAX_TICKET, "ticket-malformed")
                require(not cut, "not-canonical")
                self.request.ticket_prefixes.append(ticket)
            return
        count = self.items(self.room.inputs, "too-large")
        named = {place[0] for place in self.request.inputs}
        require(all(parent < len(count) for parent in named), "parent-missing")
        parents: dict[bytes, Tx] = {}
        for number in count:
            parent = self._parent(number)
            require(parent.id() not in parents, "parent-duplicate")
            require(number in named, "parent-unused")
            parents[parent.id()] = parent
        by_number = list(parents.items())
        for number, place, branch, index in self.request.inputs:
            id_, parent = by_number[number]
            if place < len(parent.outputs):
                spent = parent.outputs[place]
                tree = 1 if len(spent.script) == TAGGED_LENGTH else 0
                self.request.coins.append(Coin(id_, place, tree, spent.value, spent.script, (branch, index)))

    def _parent(self, number: int) -> Tx:
        """Read a parent and judge the outputs that inputs name."""
        named = {place[1] for place in self.request.inputs if place[0] == number}

        def judge(place: int, output: TxOutput) -> None:
            if place in named:
                require(output.version == 0, "script-version-unsupported")
                require(is_spendable(output.script), "input-script-unsupported")

        data, cut = self.reader.cut_bytes()
        parent = read_prefix(data, "parent-malformed", "not-canonical" if cut else "", judge)
        require(not cut, "not-canonical")
        return parent


def read_request(data: bytes, room: Room) -> Request:
    """Read a request file up to the rules that need no wallet."""
    opened = open_container(data, (PURCHASE, SEND, REGISTER))
    request = Request(opened.kind, opened.network, id=opened.id)
    reader = _RequestReader(Reader(opened.body[: opened.length]), request, room)
    reader.read()
    require(len(opened.body) == opened.length, "not-canonical")
    require(opened.id == opened.stated_id, "id-mismatch")
    reader.finish()
    return request
