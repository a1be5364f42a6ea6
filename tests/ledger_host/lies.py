"""A device that lies to its host, in the ways that docs/ledger-protocol.md section 8 names."""

from collections.abc import Callable

from carry import Carrier
from checked import Check, Host
from curve import ORDER
from device import (
    ADDRESS, APPROVE, BEGIN, INPUT, MESSAGE, PAGE, REGISTER, SIGNATURE, STREAM, TICKET, VERSION, Device, Liar,
)  # fmt: skip
from encoding import Container
from wire import DONE, Exchange, Simulator


class Lying:
    """Changes what a device says to one command."""

    def __init__(self, device: Exchange, instruction: int, change: Callable[[bytes], bytes]) -> None:
        self._device = device
        self._instruction = instruction
        self._change = change

    def exchange(self, command: bytes) -> bytes:
        """Lie about the data, never about the status."""
        reply = self._device.exchange(command)
        if command[1] != self._instruction or reply[-2:] != DONE.to_bytes(2, "big"):
            return reply
        return self._change(reply[:-2]) + reply[-2:]


def flip(place: int, bit: int = 1) -> Callable[[bytes], bytes]:
    """Change one bit."""

    def change(data: bytes) -> bytes:
        at = place % len(data)
        return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]

    return change


def high_s(data: bytes) -> bytes:
    """Give the other s, which verifies too."""
    return data[:-32] + (ORDER - int.from_bytes(data[-32:], "big")).to_bytes(32, "big")


def of_kind(kind: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the signatures of one kind only."""
    return lambda data: change(data) if data[0] == kind else data


def check_lies(check: Check, simulator: Simulator, carrier: Carrier, request: Container) -> None:
    """Lie to the host in every way that section 8 names; it must notice."""
    lies: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
        "major version": (VERSION, flip(0)),
        "fingerprint": (REGISTER, flip(-1)),
        "MAC too long": (REGISTER, lambda data: data + b"\0"),
        "address": (ADDRESS, flip(-1)),
        "id": (STREAM, lambda data: flip(0)(data) if data else data),
        "data where none belong": (BEGIN, lambda data: b"\0"),
        "inputs": (APPROVE, flip(0)),
        "messages": (APPROVE, flip(2)),
        "kind": (SIGNATURE, flip(0)),
        "r of an input": (SIGNATURE, of_kind(INPUT, flip(10))),
        "s of an input": (SIGNATURE, of_kind(INPUT, flip(-1))),
        "r of a ticket": (SIGNATURE, of_kind(TICKET, flip(10))),
        "s of a ticket": (SIGNATURE, of_kind(TICKET, flip(-1))),
        "s of a message": (SIGNATURE, of_kind(MESSAGE, flip(-1))),
        "high s": (SIGNATURE, of_kind(INPUT, high_s)),
        "recovery id": (SIGNATURE, of_kind(MESSAGE, flip(1))),
        "nothing": (SIGNATURE, lambda data: data[:1]),
        "topic": (PAGE, flip(0, 0x80)),
    }
    key = carrier.signer.accounts[carrier.spending.account].public()
    for name, (instruction, change) in lies.items():
        host = Host(Check(), Lying(simulator, instruction, change))
        try:
            host.device.version()
            host.device.abort()
            host.device.address(carrier.spending, key, (0, 0))
            host.sign(name, carrier, request)
            noticed = False
        except Liar:
            noticed = True
        check.equal(f"a lie about {name} is noticed", noticed, True)
    Device(simulator).abort()
