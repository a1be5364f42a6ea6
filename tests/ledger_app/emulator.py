"""An app in Speculos: its commands over TCP, its screen and its buttons over HTTP."""

import json
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

TESTS = Path(__file__).parent.parent
# Where `scripts/setup speculos` puts Speculos.
PYTHON = TESTS.parent / ".tools" / "speculos" / "bin" / "python"
DONE = 0x9000
# Where a finger goes on a large screen: on, back, and the way out.
FINGER = {
    "stax": {"next": (360, 620), "back": (230, 620), "out": (80, 620), "hold": (200, 515), "yes": (200, 530)},
    "flex": {"next": (430, 550), "back": (280, 550), "out": (90, 550), "hold": (240, 435), "yes": (240, 435)},
}


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Emulator:
    """One device with one seed."""

    def __init__(self, model: str, program: Path, seed: str) -> None:
        """Start it and wait until it answers."""
        self.model = model
        self.touch = model in FINGER
        self._api, self._apdus = free_port(), free_port()
        command = [str(PYTHON), str(TESTS / "speculos" / "loopback.py"), "--display", "headless"]
        command += ["--model", "nanosp" if model == "nanosplus" else model]
        command += ["--apdu-port", str(self._apdus), "--api-port", str(self._api), "--seed", f"hex:{seed}", str(program)]
        self._log = Path(f"{program}.{model}.log").open("wb")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        self._socket = self._connect()
        self.wait_for_text()

    def __enter__(self) -> "Emulator":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """End it."""
        self._socket.close()
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def _connect(self) -> socket.socket:
        for _ in range(300):
            if self._process.poll() is not None:
                break
            try:
                self._request("GET", "/events?currentscreenonly=true")
                return socket.create_connection(("127.0.0.1", self._apdus), timeout=300)
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"Speculos did not start; see {self._log.name}")

    def _request(self, method: str, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self._api}{path}"
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return bytes(reply.read())

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            part = self._socket.recv(length - len(data))
            if not part:
                raise RuntimeError(f"the app ended; see {self._log.name}")
            data += part
        return data

    def raw(self, command: bytes) -> tuple[int, bytes]:
        """Send bytes; give the status word and the data that came back."""
        self.send(command)
        return self.receive()

    def send(self, command: bytes) -> None:
        """Send bytes, whose reply comes later."""
        self._socket.sendall(len(command).to_bytes(4, "big") + command)

    def receive(self) -> tuple[int, bytes]:
        """Wait for a reply: status word and data."""
        data = self._read(int.from_bytes(self._read(4), "big"))
        return int.from_bytes(self._read(2), "big"), data

    def beside(self, command: bytes) -> tuple[int, bytes]:
        """Send bytes as another host while a command is under way."""
        reply = bytes.fromhex(json.loads(self._request("POST", "/apdu", {"data": command.hex()}))["data"])
        # Speculos gives every reply to the first host, too.
        assert self.receive() == (int.from_bytes(reply[-2:], "big"), reply[:-2])
        return int.from_bytes(reply[-2:], "big"), reply[:-2]

    def command(self, instruction: int, data: bytes = b"", number: int = 0) -> tuple[int, bytes]:
        """Send a command of docs/ledger-protocol.md."""
        return self.raw(bytes([0xDC, instruction, number, 0, len(data)]) + data)

    def asked(self, instruction: int, data: bytes = b"") -> "Asked":
        """Send a command that a person has to answer."""
        return Asked(self, instruction, data)

    def screen(self) -> list[str]:
        """Read the lines of the screen, without the marks for thick letters."""
        events = json.loads(self._request("GET", "/events?currentscreenonly=true"))["events"]
        return [event["text"].replace("\b", "").strip() for event in events]

    def picture(self) -> bytes:
        """Take the screen as a PNG."""
        return self._request("GET", "/screenshot")

    def wait_for_text(self, text: str = "", seconds: float = 150) -> list[str]:
        """Wait until a text is on the screen, wherever its lines break; any text where none is named."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            lines = self.screen()
            if lines and "".join(text.split()) in "".join("".join(lines).split()):
                return lines
            time.sleep(0.05)
        raise RuntimeError(f"never on the screen: {text!r}; there is {self.screen()}")

    def turn(self, what: str) -> list[str]:
        """Press, and wait until the screen is another one: presses are not lost, but they may take a while."""
        before = self.settle()
        self.press(what)
        end = time.monotonic() + 150
        while time.monotonic() < end:
            lines = self.settle()
            if lines != before:
                return lines
        raise RuntimeError(f"{what} does nothing; there is {before}")

    def settle(self) -> list[str]:
        """Wait until the screen does not change any more."""
        before: list[str] | None = None
        lines = self.screen()
        while lines != before or not lines:
            time.sleep(0.15)
            before, lines = lines, self.screen()
        return lines

    def press(self, what: str) -> None:
        """Press a button or touch the place that does the same: next, back, both; on a large screen also out, hold."""
        if self.touch:
            x, y = FINGER[self.model][{"both": "hold"}.get(what, what)]
            delay = 3.0 if what in ("both", "hold") else 0.1
            self._request("POST", "/finger", {"action": "press-and-release", "x": x, "y": y, "delay": delay})
        else:
            button = {"next": "right", "back": "left", "both": "both"}[what]
            self._request("POST", f"/button/{button}", {"action": "press-and-release"})


class Asked:
    """A command whose reply comes when a person has decided."""

    def __init__(self, emulator: Emulator, instruction: int, data: bytes) -> None:
        """Send it."""
        self._reply: tuple[int, bytes] | None = None
        self._thread = threading.Thread(target=self._run, args=(emulator, instruction, data), daemon=True)
        self._thread.start()

    def _run(self, emulator: Emulator, instruction: int, data: bytes) -> None:
        self._reply = emulator.command(instruction, data)

    def done(self) -> bool:
        """Tell whether the reply is there."""
        return not self._thread.is_alive()

    def reply(self) -> tuple[int, bytes]:
        """Wait for the reply."""
        self._thread.join(150)
        if self._reply is None:
            raise RuntimeError("no reply")
        return self._reply
