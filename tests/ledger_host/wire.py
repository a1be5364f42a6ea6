"""Commands and replies of docs/ledger-protocol.md sections 1 and 4, and what carries them."""

import re
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

DOCS = Path(__file__).parents[2] / "docs"
CLASS = 0xDC
DONE, LENGTH, STATE, DECLINED, MEANINGLESS, PARAMETER, INSTRUCTION, OTHER_CLASS = (
    0x9000, 0x6700, 0x6901, 0x6985, 0x6A80, 0x6B00, 0x6D00, 0x6E00,
)  # fmt: skip
_NAMED = re.findall(r"^## (\S+)\n\nCode (\d+):", (DOCS / "policy.md").read_text(), re.MULTILINE)
RULES = {int(code): name for name, code in _NAMED}


class Exchange(Protocol):
    """Carries a command to a device and its reply back."""

    def exchange(self, command: bytes) -> bytes:
        """Give data and status word."""


@dataclass(frozen=True)
class Figure:
    """What was found or expected where a rule is broken."""

    code: int
    content: bytes

    def number(self) -> int:
        """Read the content as an integer."""
        return int.from_bytes(self.content, "little")


@dataclass(frozen=True)
class Broken:
    """Where and how a rule is broken."""

    rule: str
    part: int
    number: int
    found: Figure
    expected: Figure


class Status(Exception):
    """A reply other than 9000; `broken` is there if it names a rule."""

    def __init__(self, status: int, data: bytes) -> None:
        super().__init__(f"{status:04x}")
        self.status = status
        self.broken = read_broken(status, data) if 0x6A01 <= status <= 0x6A7F else None


def read_broken(status: int, data: bytes) -> Broken:
    """Read the data of a refusal."""
    figures, at = [], 5
    for _ in range(2):
        code, length = data[at], data[at + 1]
        figures.append(Figure(code, data[at + 2 : at + 2 + length]))
        at += 2 + length
    if at != len(data):
        raise ValueError("a refusal with another length")
    return Broken(RULES[status - 0x6A00], data[0], int.from_bytes(data[1:5], "little"), *figures)


def command(instruction: int, data: bytes = b"", parameter: int = 0) -> bytes:
    """Write a command."""
    return bytes([CLASS, instruction, parameter, 0, len(data)]) + data


def ask(device: Exchange, sent: bytes) -> bytes:
    """Give the data of the reply to a command, or raise its status."""
    reply = device.exchange(sent)
    status = int.from_bytes(reply[-2:], "big")
    if status != DONE:
        raise Status(status, reply[:-2])
    return reply[:-2]


class Speculos:
    """A connection in the framing of Speculos."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)

    def exchange(self, command: bytes) -> bytes:
        """Send a command and wait for its reply."""
        self._socket.sendall(len(command).to_bytes(4, "big") + command)
        return self._take(int.from_bytes(self._take(4), "big") + 2)

    def close(self) -> None:
        """Go away, whatever the device is doing."""
        self._socket.close()

    def _take(self, count: int) -> bytes:
        """Read exactly that many bytes."""
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the device went away")
            data += part
        return data


class Simulator:
    """A running `dcrcold-simulator` with a scripted person; docs/simulator.md."""

    def __init__(self, program: Path, seed: str, script: str) -> None:
        self._files = tempfile.TemporaryDirectory()
        scripted, self._screens = (Path(self._files.name) / name for name in ("script", "screens"))
        scripted.write_text(script + "\n")
        options = ("--seed", seed, "--listen", "127.0.0.1:0", "--script", scripted, "--screens", self._screens)
        self._process = subprocess.Popen(
            [program, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        said = self._process.stdout.readline()
        found = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", said)
        if not found:
            raise ValueError(f"the simulator says {said!r}")
        self._port = int(found[1])
        self._connection = Speculos(self._port)

    def exchange(self, command: bytes) -> bytes:
        """Send a command and wait for its reply."""
        return self._connection.exchange(command)

    def reconnect(self) -> None:
        """Break the connection off and make a new one."""
        self._connection.close()
        self._connection = Speculos(self._port)

    def screens(self) -> str:
        """Read what was shown so far."""
        return self._screens.read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()
        self._files.cleanup()


class Example:
    """The worked example of section 10: takes its commands only, in its order, and gives its replies."""

    def __init__(self) -> None:
        text = (DOCS / "ledger-protocol.md").read_text().split("## 10 Worked example")[1]
        self._lines: list[tuple[str, bytes]] = []
        for line in text.split("```text\n")[1].split("```")[0].splitlines():
            data = bytes.fromhex(line[2:].split("  ")[0])
            if line[0] in "<>":
                self._lines.append((line[0], data))
            else:
                self._lines[-1] = (self._lines[-1][0], self._lines[-1][1] + data)
        self.commands = len(self._lines) // 2

    def exchange(self, command: bytes) -> bytes:
        """Give the next reply if this is the next command."""
        (sent, wanted), (received, reply) = self._lines[:2]
        del self._lines[:2]
        if (sent, received) != (">", "<") or command != wanted:
            raise ValueError(f"the example has another command: {wanted.hex()}, not {command.hex()}")
        return reply

    def left(self) -> int:
        """Count the commands that were not sent."""
        return len(self._lines) // 2
