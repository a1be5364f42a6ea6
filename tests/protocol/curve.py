"""secp256k1, deterministic ECDSA and BIP-32 with the two derivations of the protocol."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from hashes import hash160

FIELD = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HARDENED = 1 << 31

Point = tuple[int, int] | None  # affine; None is the point at infinity

_BASE: Point = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def add(p: Point, q: Point) -> Point:
    """Add two points of the curve."""
    if p is None:
        return q
    if q is None:
        return p
    (px, py), (qx, qy) = p, q
    if px == qx:
        if (py + qy) % FIELD == 0:
            return None
        slope = 3 * px * px * pow(2 * py, -1, FIELD)
    else:
        slope = (qy - py) * pow(qx - px, -1, FIELD)
    x = (slope * slope - px - qx) % FIELD
    return x, (slope * (px - x) - py) % FIELD


def _windows() -> list[list[Point]]:
    """Tabulate d * 16^w * G for every digit d of every hexadecimal place w of a scalar."""
    table, base = [], _BASE
    for _ in range(64):
        row: list[Point] = [None]
        for _ in range(16):
            row.append(add(row[-1], base))
        base = row.pop()
        table.append(row)
    return table


_WINDOWS = _windows()


def multiply_base(scalar: int) -> Point:
    """Multiply the base point; this runs in variable time and is good for tests only."""
    total: Point = None
    for window in _WINDOWS:
        total = add(total, window[scalar & 15])
        scalar >>= 4
    return total


def compress(point: Point) -> bytes:
    """Write a point as 33 bytes."""
    assert point is not None
    x, y = point
    return bytes([2 + (y & 1)]) + x.to_bytes(32, "big")


def decompress(data: bytes) -> Point:
    """Read a point of 33 bytes."""
    x = int.from_bytes(data[1:], "big")
    square = (x * x * x + 7) % FIELD
    y = pow(square, (FIELD + 1) // 4, FIELD)
    if len(data) != 33 or data[0] not in (2, 3) or x >= FIELD or y * y % FIELD != square:
        raise ValueError("not a compressed point")
    return x, y if y & 1 == data[0] & 1 else FIELD - y


@dataclass(frozen=True)
class Signature:
    """An ECDSA signature with the number of the nonce point that a verifier may recover from."""

    r: int
    s: int
    recovery: int

    def fixed(self) -> bytes:
        """Write r and s as 64 bytes."""
        return self.r.to_bytes(32, "big") + self.s.to_bytes(32, "big")

    def der(self) -> bytes:
        """Write r and s as DER."""
        body = b""
        for number in (self.r, self.s):
            digits = number.to_bytes(number.bit_length() // 8 + 1, "big")
            body += bytes([2, len(digits)]) + digits
        return bytes([0x30, len(body)]) + body


def _nonces(secret: int, digest: bytes) -> Iterator[int]:
    """Yield the nonces of RFC 6979 with HMAC-SHA256."""

    def mac(data: bytes) -> bytes:
        return hmac.new(key, data, hashlib.sha256).digest()

    reduced = int.from_bytes(digest, "big") % ORDER
    seed = secret.to_bytes(32, "big") + reduced.to_bytes(32, "big")
    key, value = bytes(32), b"\x01" * 32
    for separator in (b"\x00", b"\x01"):
        key = mac(value + separator + seed)
        value = mac(value)
    while True:
        value = mac(value)
        yield int.from_bytes(value, "big")
        key = mac(value + b"\x00")
        value = mac(value)


def sign(secret: int, digest: bytes) -> Signature:
    """Sign a digest of 32 bytes, with s not above half the order."""
    message = int.from_bytes(digest, "big")
    for nonce in _nonces(secret, digest):
        if not 0 < nonce < ORDER:
            continue
        x, y = multiply_base(nonce)
        r = x % ORDER
        s = pow(nonce, -1, ORDER) * (message + r * secret) % ORDER
        if r and s:
            recovery = (y & 1) | (2 if x >= ORDER else 0)
            return Signature(r, ORDER - s, recovery ^ 1) if s > ORDER // 2 else Signature(r, s, recovery)
    raise AssertionError("the nonces never end")


@dataclass(frozen=True)
class PublicKey:
    """An extended public key: 33 bytes and a chain code of 32."""

    key: bytes
    chain: bytes

    def child(self, index: int) -> "PublicKey":
        """Derive a child that is not hardened."""
        digest = hmac.new(self.chain, self.key + index.to_bytes(4, "big"), hashlib.sha512).digest()
        point = add(multiply_base(int.from_bytes(digest[:32], "big")), decompress(self.key))
        return PublicKey(compress(point), digest[32:])

    def path(self, *indices: int) -> "PublicKey":
        """Derive along several indices."""
        key = self
        for index in indices:
            key = key.child(index)
        return key

    def hash160(self) -> bytes:
        """Hash the key as an address does."""
        return hash160(self.key)


@dataclass(frozen=True)
class PrivateKey:
    """An extended private key; `stored` is what a hardened child hashes, short after zero bytes were lost."""

    secret: int
    chain: bytes
    stored: bytes
    strict: bool

    @staticmethod
    def from_seed(seed: bytes, strict: bool) -> "PrivateKey":
        """Make the master key, which keeps its zero bytes in both derivations."""
        digest = hmac.new(b"Bitcoin seed", seed, hashlib.sha512).digest()
        return PrivateKey(int.from_bytes(digest[:32], "big"), digest[32:], digest[:32], strict)

    def child(self, index: int) -> "PrivateKey":
        """Derive a child, hardened from 2^31 on."""
        head = (b"\0" + self.stored).ljust(33, b"\0") if index >= HARDENED else self.public().key
        digest = hmac.new(self.chain, head + index.to_bytes(4, "big"), hashlib.sha512).digest()
        secret = (int.from_bytes(digest[:32], "big") + self.secret) % ORDER
        stored = secret.to_bytes(32, "big")
        return PrivateKey(secret, digest[32:], stored if self.strict else stored.lstrip(b"\0"), self.strict)

    def path(self, *indices: int) -> "PrivateKey":
        """Derive along several indices."""
        key = self
        for index in indices:
            key = key.child(index)
        return key

    def public(self) -> PublicKey:
        """Give the extended public key."""
        return PublicKey(compress(multiply_base(self.secret)), self.chain)
