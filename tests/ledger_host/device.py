"""A host of docs/ledger-protocol.md: the commands of section 2, a session of section 5, the checks of section 8."""

from collections.abc import Iterator
from dataclasses import dataclass

from curve import ORDER, Point, PublicKey, Signature, add, decompress, multiply_base
from encoding import ANSWER, HEADER_LENGTH, Container, Value, container, encode
from hashes import address, blake256
from request import Coin, Path, Request, Room, Tx, u32
from signer import KEY_HASH_PREFIXES, Plan, Signer, Voter, message_digest, witness_message
from wire import Exchange, ask, command

(VERSION, ACCOUNT, ADDRESS, REGISTER, VOTER, BEGIN, STREAM, APPROVE, PAGE, SIGNATURE, ABORT) = range(11)
INPUT, TICKET, MESSAGE = range(3)
ADDRESS_LENGTH, MAC_LENGTH, FINGERPRINT_LENGTH = 35, 16, 16
RECOVERY_BASE = 31


class Liar(Exception):
    """A device said what cannot be."""


def believe(holds: bool, what: str) -> None:
    """Give a device up unless what it says holds."""
    if not holds:
        raise Liar(what)


@dataclass(frozen=True)
class Version:
    """What a device can do."""

    major: int
    minor: int
    inputs: int
    tickets: int
    kinds: int
    networks: int
    chunk: int


@dataclass(frozen=True)
class Spending:
    """A spending account by its name."""

    network: int
    coin_type: int
    account: int

    def write(self) -> bytes:
        """Write the 9 bytes that name it."""
        return bytes([self.network]) + u32(self.coin_type) + u32(self.account)


@dataclass(frozen=True)
class PageText:
    """A page as the device tells it."""

    topic: int
    origin: int
    text: str


def record(spending: Spending, name: str, voter: Voter) -> bytes:
    """Write a voter record."""
    keys = b"".join(account.key + account.chain for account in (voter.voting, voter.alt_sign, voter.purse))
    return spending.write() + bytes([len(name)]) + name.encode() + keys


class Device:
    """Speaks to a device, and takes its word for nothing that can be computed."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def _ask(self, instruction: int, data: bytes = b"", parameter: int = 0) -> bytes:
        """Send a command of the protocol."""
        return ask(self._exchange, command(instruction, data, parameter))

    def _do(self, instruction: int, data: bytes = b"") -> None:
        """Send a command that is answered by its status alone."""
        believe(self._ask(instruction, data) == b"", "data where none belong")

    def abort(self) -> None:
        """Make the device idle."""
        self._do(ABORT)

    def version(self) -> Version:
        """Ask what it can do; a longer reply is one of a later minor version."""
        data = self._ask(VERSION)
        believe(data[:1] == b"\1" and len(data) >= 9, "another major version")
        sizes = (int.from_bytes(data[at : at + 2], "little") for at in (2, 4))
        return Version(data[0], data[1], *sizes, *data[6:9])

    def account(self, spending: Spending) -> tuple[PublicKey, bytes]:
        """Ask for an account's key and the fingerprint of its parent."""
        data = self._ask(ACCOUNT, spending.write())
        believe(len(data) == 69, "an account of another length")
        decompress(data[:33])
        return PublicKey(data[:33], data[33:65]), data[65:]

    def address(self, spending: Spending, key: PublicKey, path: Path) -> str:
        """Have an address shown, and compare it with the account's."""
        told = self._ask(ADDRESS, spending.write() + bytes([path[0]]) + u32(path[1])).decode("ascii")
        wanted = address(KEY_HASH_PREFIXES[spending.network], key.path(*path).hash160())
        believe(len(told) == ADDRESS_LENGTH and told == wanted, "another address")
        return told

    def register(self, spending: Spending, name: str, voter: Voter) -> bytes:
        """Register a voter and give its MAC."""
        data = self._ask(REGISTER, record(spending, name, voter))
        believe(len(data) == MAC_LENGTH + FINGERPRINT_LENGTH, "a MAC of another length")
        believe(data[MAC_LENGTH:] == voter.fingerprint(spending.network), "another fingerprint")
        return data[:MAC_LENGTH]

    def voter(self, spending: Spending, name: str, voter: Voter, mac: bytes) -> None:
        """Name the voter of the next request."""
        self._do(VOTER, record(spending, name, voter) + mac)

    def begin(self, request: bytes) -> None:
        """Send a request's header."""
        self._do(BEGIN, request[:HEADER_LENGTH])

    def part(self, data: bytes) -> None:
        """Send a part of the body that is not the last one."""
        self._do(STREAM, data)

    def stream(self, request: bytes, chunk: int) -> int:
        """Send the body and give the number of pages."""
        *parts, last = (request[at : at + chunk] for at in range(HEADER_LENGTH, len(request), chunk))
        for part in parts:
            self.part(part)
        data = self._ask(STREAM, last)
        believe(len(data) == 33 and data[:32] == request[15:HEADER_LENGTH], "another id")
        return data[32]

    def page(self, number: int) -> PageText:
        """Ask for a page."""
        data = self._ask(PAGE, parameter=number)
        believe(len(data) >= 2 and data[0] <= 6 and data[1] <= 2, "a page of no topic")
        text = data[2:].decode("ascii")
        believe(": " in text and all(line.isprintable() for line in text.split("\n")), "a page that is no text")
        return PageText(data[0], data[1], text)

    def approve(self, id_: bytes, counts: tuple[int, int, int]) -> None:
        """Have the person approve, and compare how many signatures there are."""
        believe(self._ask(APPROVE, id_) == bytes(counts), "another number of signatures")

    def signature(self, number: int) -> tuple[int, bytes]:
        """Ask for a signature and its kind."""
        data = self._ask(SIGNATURE, parameter=number)
        return data[0], data[1:]


class Watcher(Signer):
    """Builds what a request asks for, with the public key of one account and no secret."""

    def __init__(self, spending: Spending, key: PublicKey, voter: Voter | None, room: Room) -> None:
        super().__init__(bytes(32), spending.network, spending.coin_type, (), True)
        del self.coin
        self.accounts = {spending.account: key}
        self.room = room
        self._of_request = voter
        self._watched: dict[Path, PublicKey] = {}

    def watched(self, path: Path) -> PublicKey:
        """Derive a public key once."""
        if path not in self._watched:
            (account,) = self.accounts.values()
            self._watched[path] = account.path(*path)
        return self._watched[path]

    def hash_at(self, request: Request, path: Path) -> bytes:
        """Hash a public key of the account."""
        return self.watched(path).hash160()

    def _voter(self, request: Request, fingerprint: bytes) -> Voter:
        """Find the voter that was registered."""
        believe(self._of_request is not None, "a request without its voter")
        believe(self._of_request.fingerprint(self.network) == fingerprint, "a request of another voter")
        return self._of_request


def multiply(scalar: int, point: Point) -> Point:
    """Multiply any point; this runs in variable time and is good for public values only."""
    total: Point = None
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def nonce_point(digest: bytes, signature: bytes, key: bytes) -> Point:
    """Compute the point a signature of 64 bytes verifies to; only r and s in range with low s are taken."""
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    believe(len(signature) == 64 and 0 < r < ORDER and 0 < s <= ORDER // 2, "a signature out of range")
    inverse = pow(s, -1, ORDER)
    base = multiply_base(int.from_bytes(digest, "big") * inverse % ORDER)
    return add(base, multiply(r * inverse % ORDER, decompress(key)))


def verify(digest: bytes, signature: bytes, key: bytes) -> int:
    """Verify a signature of 64 bytes and give its recovery id."""
    point = nonce_point(digest, signature, key)
    believe(point is not None and point[0] % ORDER == int.from_bytes(signature[:32], "big"), "another signature")
    return (point[1] & 1) | (2 if point[0] >= ORDER else 0)


def spend_digest(tx: Tx, coins: list[Coin], number: int) -> bytes:
    """Hash what an input's signature signs."""
    return blake256(u32(1) + tx.id() + blake256(witness_message(len(coins), number, coins[number].script)))


def jobs(plan: Plan) -> Iterator[tuple[int, bytes, Path]]:
    """List the kind, digest and path of every signature in the order of their numbers."""
    if plan.spend:
        for number, coin in enumerate(plan.coins):
            yield INPUT, spend_digest(plan.spend, plan.coins, number), coin.path
    for ticket, coin in zip(plan.tickets, plan.ticket_coins):
        yield TICKET, spend_digest(ticket, [coin], 0), coin.path
    for registration in plan.registrations:
        yield MESSAGE, message_digest(registration.message.encode()), registration.path


def counts(plan: Plan) -> tuple[int, int, int]:
    """Count the signatures of each kind."""
    kinds = [kind for kind, _, _ in jobs(plan)]
    return tuple(kinds.count(kind) for kind in (INPUT, TICKET, MESSAGE))


def checked_signature(watcher: Watcher, job: tuple[int, bytes, Path], given: tuple[int, bytes]) -> bytes:
    """Pass a signature that is the one that was asked for."""
    kind, digest, path = job
    told, signature = given
    believe(told == kind, "a signature of another kind")
    key = watcher.watched(path).key
    if kind == MESSAGE:
        believe(len(signature) == 65, "a message's signature of another length")
        believe(signature[0] == RECOVERY_BASE + verify(digest, signature[1:], key), "another recovery id")
    else:
        verify(digest, signature, key)
    return signature


def collect(device: Device, watcher: Watcher, plan: Plan, id_: bytes, backwards: bool = False) -> Container:
    """Ask for all signatures of an approved request, check each and write the answer."""
    numbered = list(enumerate(jobs(plan)))
    order = reversed(numbered) if backwards else numbered
    checked = {number: checked_signature(watcher, job, device.signature(number)) for number, job in order}
    body: dict[int, Value] = {0: id_}
    for kind in (INPUT, TICKET, MESSAGE):
        signatures: list[Value] = [checked[n] for n, job in numbered if job[0] == kind]
        if signatures:
            body[1 + kind] = signatures
    return container(ANSWER, watcher.network, encode(body))
