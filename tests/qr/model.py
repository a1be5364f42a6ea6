"""The code of docs/qr.md, written from that page alone, in the plainest way.

`python3 tests/qr/model.py` makes the vectors again, compares them with tests/vectors/qr.json and takes apart what they
hold. `--write` writes them.
"""

import json
import random
import struct
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "protocol"))

from encoding import HEADER_LENGTH, MAGIC, VERSION, container_id  # noqa: E402
from hashes import blake256  # noqa: E402

VECTORS = Path(__file__).parent.parent / "vectors" / "qr.json"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SYMBOL = 80
WORD = 0xFFFFFFFF

EXP = [1]
for _ in range(254):
    EXP.append(EXP[-1] << 1 ^ (0x11D if EXP[-1] & 0x80 else 0))
LOG = {value: power for power, value in enumerate(EXP)}


def times(left: int, right: int) -> int:
    """Multiply in GF(256)."""
    return EXP[(LOG[left] + LOG[right]) % 255] if left and right else 0


def mix(word: int) -> int:
    """Spread the bits of a word."""
    word = (word ^ word >> 16) * 0x85EBCA6B & WORD
    word = (word ^ word >> 13) * 0xC2B2AE35 & WORD
    return word ^ word >> 16


def coefficients(stream: bytes, number: int, count: int) -> list[int]:
    """Make the coefficients of a combination."""
    start = mix(mix(number) ^ int.from_bytes(stream, "little"))
    words = [mix(start + word * 0x9E3779B9 & WORD) for word in range(-(-count // 4))]
    return list(b"".join(struct.pack("<I", word) for word in words))[:count]


def base45(data: bytes) -> str:
    """Write RFC 9285."""
    text = ""
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            text += ALPHABET[digit]
    return text


def from_base45(text: str) -> bytes:
    """Read RFC 9285."""
    data = b""
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        value = sum(ALPHABET.index(character) * 45**place for place, character in enumerate(group))
        data += value.to_bytes(len(group) - 1, "big")
    return data


def framed(body: bytes) -> str:
    """Add the check sum and the prefix."""
    return "DCR1/" + base45(body + struct.pack("<I", zlib.crc32(body)))


class Sender:
    """Cuts a transfer and makes its frames."""

    def __init__(self, transfer: bytes) -> None:
        self.transfer = transfer
        self.stream = blake256(transfer)[:4]
        padded = transfer + bytes(-len(transfer) % SYMBOL)
        self.source = [padded[at : at + SYMBOL] for at in range(0, len(padded), SYMBOL)]

    def symbol(self, number: int) -> bytes:
        """Make one symbol."""
        if number < len(self.source):
            return self.source[number]
        result = bytearray(SYMBOL)
        for source, factor in zip(self.source, coefficients(self.stream, number, len(self.source)), strict=True):
            for place, value in enumerate(source):
                result[place] ^= times(value, factor)
        return bytes(result)

    def part(self, first: int, count: int) -> str:
        """Make one frame of symbols."""
        head = b"\x10" + self.stream + struct.pack("<I", len(self.transfer))[:3] + struct.pack("<I", first)[:3]
        return framed(head + b"".join(self.symbol(first + n) for n in range(count)))

    def whole(self) -> str:
        """Make the one frame of a small transfer."""
        return framed(b"\x11" + self.transfer)


def receive(frames: list[str]) -> bytes | None:
    """Give the transfer back, by Gaussian elimination over whole symbols, or nothing while symbols are missing."""
    rows: dict[int, tuple[list[int], bytes]] = {}
    length = 0
    for text in frames:
        frame = from_base45(text.removeprefix("DCR1/"))
        body, check = frame[:-4], frame[-4:]
        assert struct.pack("<I", zlib.crc32(body)) == check, "check sum"
        if body[0] == 0x11:
            return body[1:]
        length = int.from_bytes(body[5:8], "little")
        count = -(-length // SYMBOL)
        for n in range((len(body) - 11) // SYMBOL):
            number = int.from_bytes(body[8:11], "little") + n
            factors = [int(n == number) for n in range(count)]
            if number >= count:
                factors = coefficients(body[1:5], number, count)
            reduce(rows, factors, body[11 + n * SYMBOL :][:SYMBOL])
    if length == 0 or len(rows) < -(-length // SYMBOL):
        return None
    return b"".join(rows[pivot][1] for pivot in sorted(rows))[:length]


def minus(row: tuple[list[int], bytes], other: tuple[list[int], bytes], factor: int) -> tuple[list[int], bytes]:
    """Take a multiple of another row away."""
    left = [value ^ times(factor, of) for value, of in zip(row[0], other[0], strict=True)]
    return left, bytes(value ^ times(factor, of) for value, of in zip(row[1], other[1], strict=True))


def reduce(rows: dict[int, tuple[list[int], bytes]], factors: list[int], symbol: bytes) -> None:
    """Add a symbol to rows in reduced form."""
    row = (factors, symbol)
    for pivot, other in rows.items():
        row = minus(row, other, row[0][pivot])
    pivot = next((place for place, value in enumerate(row[0]) if value), None)
    if pivot is None:
        return
    inverse = EXP[-LOG[row[0][pivot]] % 255]
    row = ([times(inverse, value) for value in row[0]], bytes(times(inverse, value) for value in row[1]))
    for place, other in rows.items():
        rows[place] = minus(other, row, other[0][pivot])
    rows[pivot] = row


def transfer_of(length: int, seed: int) -> bytes:
    """Make an answer whose file has this length; what it holds does not matter here."""
    body = random.Random(seed).randbytes(length - HEADER_LENGTH)
    head = bytes([VERSION, 4, 2])
    return MAGIC + head + b"\0" + struct.pack("<I", len(body)) + container_id(4, 2, body) + body


def vectors() -> dict[str, object]:
    """Make all vectors."""
    lengths = [48, 79, 80, 81, 160, 400, 1227, 1672, 2400, 4000]
    transfers, symbols, frames, wholes, streams = [], [], [], [], []
    for index, length in enumerate(lengths):
        sender = Sender(transfer_of(length, index))
        transfers.append(sender.transfer.hex())
        count = len(sender.source)
        for number in (0, count - 1, count, count + 1, 0xFFFFFF):
            symbols.append({"transfer": index, "symbol": number, "bytes": sender.symbol(number).hex()})
        for first, size in ((0, 1), (max(count - 2, 0), 3), (count + 7, 6), (0xFFFFF6, 10)):
            frame = {"first": first, "symbols": size, "text": sender.part(first, size)}
            frames.append({"transfer": index, **frame})
        if length <= 1227:
            wholes.append({"transfer": index, "text": sender.whole()})
        lost = random.Random(length)
        seen: list[str] = []
        first = 0
        while len(seen) * 3 < count + 3:
            if lost.random() < 0.6:
                seen.append(sender.part(first, 3))
            first += 3
        lost.shuffle(seen)
        streams.append({"transfer": index, "stream": sender.stream.hex(), "frames": seen})
    rows = [
        {"stream": stream, "symbol": number, "coefficients": bytes(coefficients(bytes.fromhex(stream), number, 33)).hex()}
        for stream in ("00000000", "01020304", "ffffffff")
        for number in (0, 1, 4096, 0xFFFFFF)
    ]
    products = [[left, right, times(left, right)] for left, right in ((1, 255), (2, 128), (3, 7), (0x53, 0xCA), (255, 255))]
    return {
        "origin": "made by tests/qr/model.py, an independent implementation of docs/qr.md",
        "products": products,
        "coefficients": rows,
        "transfers": transfers,
        "symbols": symbols,
        "frames": frames,
        "wholes": wholes,
        "streams": streams,
    }


def main() -> int:
    """Compare or write."""
    made = vectors()
    if "--write" in sys.argv:
        VECTORS.write_text(json.dumps(made, indent=1) + "\n")
    kept = json.loads(VECTORS.read_text())
    failures = sum(made[key] != kept[key] for key in made)
    taken_apart = 0
    transfers = [bytes.fromhex(transfer) for transfer in kept["transfers"]]
    for stream in kept["streams"]:
        failures += receive(stream["frames"]) != transfers[stream["transfer"]]
        taken_apart += 1
    for whole in kept["wholes"]:
        failures += receive([whole["text"]]) != transfers[whole["transfer"]]
        taken_apart += 1
    rows = sum(len(made[key]) for key in made if key not in ("origin", "transfers"))
    print(f"qr model: {rows} vectors made again, {taken_apart} transfers taken apart, {failures} failures")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
