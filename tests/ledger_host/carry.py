"""The requests of `tests/vectors/builder.json`, carried over to a test network: other keys, the same parameters."""

import hashlib
from typing import Any

from check import NETWORKS, find_voter, load, make_signer
from device import Spending
from encoding import HEADER_LENGTH, MAX_BODY, Container, container, decode, encode
from request import Path, Room, u32
from signer import Signer, Voter

# docs/simulator.md names this seed `abandon`; the keys are those of BIP-32.
WORDS = " ".join(["abandon"] * 11 + ["about"])
SEED = hashlib.pbkdf2_hmac("sha512", WORDS.encode(), b"mnemonic", 2048)
VOTER_SEED = bytes(range(32))
COIN_TYPE = 1
ROOM = Room(inputs=24, tickets=20)
NEAR_PATHS = [(branch, index) for branch in (0, 1) for index in range(8)]

Json = dict[str, Any]


def signer_of(spending: Spending) -> Signer:
    """Make the signer that has the device's seed and room."""
    signer = Signer(SEED, spending.network, spending.coin_type, (spending.account,), strict=True)
    signer.room = ROOM
    return signer


def foreign_voter(network: int) -> Voter:
    """Derive the voter of another seed."""
    return Signer(VOTER_SEED, network, COIN_TYPE, ()).own_voter(0, 0)


class Carrier:
    """Replaces coin type, keys and voter of the requests of one wallet."""

    def __init__(self, wallet: Json, voter: Json, network: int) -> None:
        self.spending = Spending(network, COIN_TYPE, wallet["account"])
        self.signer = signer_of(self.spending)
        self.voter = foreign_voter(network)
        self._from = make_signer(wallet, voter)
        self._network = NETWORKS.index(wallet["network"])
        self._from_voter = find_voter(self._from, voter).fingerprint(self._network)
        self.signer.register(self.voter)

    def carry(self, request: bytes) -> Container:
        """Carry a request over."""
        body = decode(request[HEADER_LENGTH:])
        paths = [tuple(item[-2:]) for item in body[1]]
        return container(request[8], self.spending.network, self._body(request[HEADER_LENGTH:], body[0][1], paths))

    def carry_broken(self, request: bytes) -> bytes:
        """Carry a request over that is refused; what is wrong with it stays wrong, in the header too."""
        old = container(request[8], request[9], request[HEADER_LENGTH:])
        new = container(request[8], self.spending.network, self._body(old.body, self.spending.account, NEAR_PATHS))
        stated = int.from_bytes(request[11:15], "little")
        length = stated if stated > MAX_BODY else new.length + stated - old.length
        id_ = bytes(a ^ b ^ c for a, b, c in zip(new.id, old.id, request[15:HEADER_LENGTH]))
        return request[:9] + bytes([new.network, request[10]]) + u32(length) + id_ + new.body

    def _body(self, body: bytes, account: int, paths: list[Path]) -> bytes:
        """Replace coin type, key hashes and voter in a body that may be in disorder."""
        ours, theirs = (encode([signer.coin_type, 0])[:-1] for signer in (self.signer, self._from))
        right = body[2:].startswith(theirs)
        body = body[:2] + (body[2:].replace(theirs, ours, 1) if right else body[2:].replace(ours, theirs, 1))
        for path in paths:
            body = body.replace(*(s.key(account, path).public().hash160() for s in (self._from, self.signer)))
        return body.replace(self._from_voter, self.voter.fingerprint(self.spending.network))


def cases(network: int) -> list[tuple[str, Carrier, Container]]:
    """Carry all requests over that are signed."""
    carried = []
    for case in load("builder.json")["cases"]:
        carrier = Carrier(case["wallet"], case["voter"], network)
        carried.append((case["name"], carrier, carrier.carry(bytes.fromhex(case["transfer"]["request"]))))
    return carried


def refused(network: int) -> tuple[Carrier, list[tuple[str, str, bytes]]]:
    """Carry all requests over that are refused, with the reason and the rule."""
    given = load("builder.json")["refused"]
    carrier = Carrier(given["wallet"], given["voter"], network)
    return carrier, [(c["why"], c["rule"], carrier.carry_broken(bytes.fromhex(c["request"]))) for c in given["cases"]]
