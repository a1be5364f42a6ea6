"""The hash functions that the Python standard library lacks, and base58 addresses."""

import struct

_WORD = 0xFFFFFFFF


def _digits(*rows: str) -> tuple[tuple[int, ...], ...]:
    """Read tables of numbers below 16, one hexadecimal digit each."""
    return tuple(tuple(int(digit, 16) for digit in row) for row in rows)


# BLAKE-256: the initial state (that of SHA-256), the first digits of pi, and the order of the message words.
_BLAKE_START = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
_BLAKE_PI = (
    0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0, 0x082EFA98, 0xEC4E6C89,
    0x452821E6, 0x38D01377, 0xBE5466CF, 0x34E90C6C, 0xC0AC29B7, 0xC97C50DD, 0x3F84D5B5, 0xB5470917,
)  # fmt: skip
_BLAKE_ORDER = _digits(
    "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
    "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0",
)  # fmt: skip
_BLAKE_ROUNDS = 14
_BLAKE_LINES = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip


def _blake_block(state: list[int], block: bytes, bits: int) -> None:
    """Compress one block into the state, with `bits` message bits hashed so far."""
    message = struct.unpack(">16I", block)
    v = [*state, *_BLAKE_PI[:8]]
    v[12] ^= bits & _WORD
    v[13] ^= bits & _WORD
    v[14] ^= bits >> 32
    v[15] ^= bits >> 32
    for round_number in range(_BLAKE_ROUNDS):
        order = _BLAKE_ORDER[round_number % 10]
        for line, (ia, ib, ic, id_) in enumerate(_BLAKE_LINES):
            left, right = order[2 * line], order[2 * line + 1]
            a, b, c, d = v[ia], v[ib], v[ic], v[id_]
            a = (a + b + (message[left] ^ _BLAKE_PI[right])) & _WORD
            d ^= a
            d = (d >> 16 | d << 16) & _WORD
            c = (c + d) & _WORD
            b ^= c
            b = (b >> 12 | b << 20) & _WORD
            a = (a + b + (message[right] ^ _BLAKE_PI[left])) & _WORD
            d ^= a
            d = (d >> 8 | d << 24) & _WORD
            c = (c + d) & _WORD
            b ^= c
            b = (b >> 7 | b << 25) & _WORD
            v[ia], v[ib], v[ic], v[id_] = a, b, c, d
    for i in range(8):
        state[i] ^= v[i] ^ v[i + 8]


def blake256(data: bytes) -> bytes:
    """Hash with BLAKE-256 of 14 rounds, `H` of the protocol."""
    bits = 8 * len(data)
    zeros = -(len(data) + 9) % 64
    pad = bytearray(1 + zeros)
    pad[0] |= 0x80
    pad[-1] |= 0x01
    padded = data + bytes(pad) + struct.pack(">Q", bits)
    state = list(_BLAKE_START)
    for start in range(0, len(padded), 64):
        # The counter leaves the padding out, and is 0 for a block that holds nothing else.
        counted = min(bits, 8 * (start + 64)) if 8 * start < bits else 0
        _blake_block(state, padded[start : start + 64], counted)
    return struct.pack(">8I", *state)


# RIPEMD-160: two lines of five rounds, each a word order, rotations and a constant a round.
_RIPEMD_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
_RIPEMD_LEFT = (
    _digits("0123456789abcdef", "74d1a6f3c0952eb8", "3ae49f812706db5c", "19ba08c4d37fe562", "40597c2ae138b6fd"),
    _digits("befc5879bdef6798", "768db97f7cf9b7dc", "bd67e9dfe8d65c75", "bcefef989e56865c", "9f5b68dc5cdeb856"),
    (0x00000000, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E),
)
_RIPEMD_RIGHT = (
    _digits("5e7092b4d6f81a3c", "6b370d5aef8c4912", "f5137e69b8c2a04d", "86413bf05c2d97ae", "cfa4158762de039b"),
    _digits("899bdff5778beec6", "9df7c89b77c76fdb", "97fb866ecd5edd75", "f58bee6e69c9c5f8", "85c9c5e68d65fdbb"),
    (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0x00000000),
)


def _ripemd_mix(kind: int, x: int, y: int, z: int) -> int:
    """Mix three words by one of the five round functions."""
    if kind == 0:
        return x ^ y ^ z
    if kind == 1:
        return (x & y) | (~x & z)
    if kind == 2:
        return (x | ~y) ^ z
    if kind == 3:
        return (x & z) | (y & ~z)
    return x ^ (y | ~z)


def ripemd160(data: bytes) -> bytes:
    """Hash with RIPEMD-160."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", 8 * len(data))
    state = _RIPEMD_START
    for start in range(0, len(padded), 64):
        message = struct.unpack("<16I", padded[start : start + 64])
        lines = []
        for (orders, turns, constants), backwards in ((_RIPEMD_LEFT, False), (_RIPEMD_RIGHT, True)):
            a, b, c, d, e = state
            for round_number in range(5):
                kind = 4 - round_number if backwards else round_number
                for word, turn in zip(orders[round_number], turns[round_number]):
                    t = (a + _ripemd_mix(kind, b, c, d) + message[word] + constants[round_number]) & _WORD
                    t = ((t << turn | t >> (32 - turn)) + e) & _WORD
                    a, b, c, d, e = e, t, b, (c << 10 | c >> 22) & _WORD, d
            lines.append((a, b, c, d, e))
        left, right = lines
        state = tuple((state[(i + 1) % 5] + left[(i + 2) % 5] + right[(i + 3) % 5]) & _WORD for i in range(5))
    return struct.pack("<5I", *state)


def hash160(data: bytes) -> bytes:
    """Hash a public key or a script to the 20 bytes of an address."""
    return ripemd160(blake256(data))


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def address(prefix: bytes, key_hash: bytes) -> str:
    """Print an address in base58 with its check bytes."""
    payload = prefix + key_hash
    payload += blake256(blake256(payload))[:4]
    number, text = int.from_bytes(payload, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    zeros = len(payload) - len(payload.lstrip(b"\0"))
    return _BASE58[0] * zeros + text
