"""Runs the Ledger app in Speculos over the pinned vectors: every byte it signs, every word it shows.

python3 tests/ledger_app/check.py MODEL PROGRAM [DIRECTORY FOR SCREENS]
"""

import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "protocol"))

from curve import HARDENED, PrivateKey  # noqa: E402
from emulator import DONE, Emulator  # noqa: E402
from hashes import address, hash160  # noqa: E402
from signer import KEY_HASH_PREFIXES, VOTER_ACCOUNTS  # noqa: E402

Json = dict[str, Any]

NETWORKS = ("mainnet", "testnet3", "simnet")
VERSION, ACCOUNT, ADDRESS, REGISTER, VOTER, BEGIN, STREAM, APPROVE, PAGE, SIGNATURE, ABORT = range(11)
DECLINED = 0x6985
CLAIMED = "from the online computer, not checked"
HEADER = 47


class Check:
    """Counts what was compared, and stops at the first difference."""

    def __init__(self) -> None:
        self.cases = 0

    def equal(self, what: str, found: object, wanted: object) -> None:
        """Compare one value."""
        self.cases += 1
        if found != wanted:
            raise SystemExit(f"{what}\n  found  {found!r}\n  wanted {wanted!r}")


def dense(text: str) -> str:
    """Leave spaces and line breaks out: the screen puts them where it likes."""
    return "".join(text.split())


def u32(number: int) -> bytes:
    """Write a number as the protocol does."""
    return number.to_bytes(4, "little")


def account_bytes(wallet: Json) -> bytes:
    """Name the spending account of a wallet."""
    return bytes([NETWORKS.index(wallet["network"])]) + u32(wallet["coin_type"]) + u32(wallet["account"])


def account_key(wallet: Json, kind: int = 0, number: int | None = None) -> PrivateKey:
    """Derive an account as BIP-32 says, which is what Ledger's operating system does."""
    master = PrivateKey.from_seed(bytes.fromhex(wallet["seed"]), strict=True)
    own = kind + (wallet["account"] if number is None else number)
    return master.path(44 | HARDENED, wallet["coin_type"] | HARDENED, own | HARDENED)


def voter_record(wallet: Json, voter: Json, name: bytes = b"test") -> bytes:
    """Write the record that registers a case's voter."""
    owner = {"seed": voter["seed"], "coin_type": wallet["coin_type"], "account": voter["account"]}
    keys = [account_key(owner, kind + (voter["generation"] << 24)).public() for kind in VOTER_ACCOUNTS]
    return account_bytes(wallet) + bytes([len(name)]) + name + b"".join(key.key + key.chain for key in keys)


def voter_mac(seed: str, record: bytes) -> bytes:
    """Compute the mark that the device with this seed gives: SLIP-21, then HMAC-SHA256."""
    node = hmac.new(b"Symmetric key seed", bytes.fromhex(seed), hashlib.sha512).digest()
    node = hmac.new(node[:32], b"\0dcrcold voter mac", hashlib.sha512).digest()
    return hmac.new(node[32:], b"dcrcold voter mac 1" + record, hashlib.sha256).digest()[:16]


class Person:
    """Goes through sheets and keeps what was on them."""

    def __init__(self, emulator: Emulator, screens: Path | None) -> None:
        self._emulator = emulator
        self._screens = screens
        self._pictures = 0
        self.seen: list[str] = []

    def look(self, name: str) -> str:
        """Read the screen and keep a picture of it."""
        text = " ".join(self._emulator.settle())
        if self._screens:
            self._pictures += 1
            self._screens.mkdir(parents=True, exist_ok=True)
            (self._screens / f"{name}-{self._pictures:02}.png").write_bytes(self._emulator.picture())
        return text

    def says_yes(self, text: str) -> bool:
        """Tell whether this sheet is the one that says yes."""
        return "Hold to" in text if self._emulator.touch else "Press both buttons" in text and "Decline" not in text

    def approve(self, name: str, waits: str) -> str:
        """Turn over every sheet and say yes; all that was shown."""
        self._emulator.wait_for_text(waits)
        self.seen = []
        for _ in range(400):
            text = self.look(name)
            self.seen.append(text)
            if self.says_yes(text):
                self._emulator.press("both")
                return dense("".join(self.seen))
            self._emulator.turn("next")
        raise RuntimeError("the review does not end")

    def decline(self, waits: str, sheets: int) -> None:
        """Turn over some sheets and decline there."""
        self._emulator.wait_for_text(waits)
        for _ in range(sheets):
            self._emulator.turn("next")
        asks = self.says_yes(" ".join(self._emulator.settle()))
        if asks and not self._emulator.touch:
            self._emulator.turn("next")
            self._emulator.wait_for_text("to decline.")
            self._emulator.press("both")
            return
        self._emulator.press("out" if self._emulator.touch else "both")
        self._emulator.wait_for_text("Decline?")
        self._emulator.settle()
        if self._emulator.touch:
            self._emulator.press("yes")
            return
        self._emulator.turn("next")
        self._emulator.wait_for_text("Yes, decline")
        self._emulator.press("both")


def check_words(check: Check, emulator: Emulator) -> None:
    """Commands that nobody is asked about."""
    check.equal("version", emulator.command(VERSION), (DONE, bytes.fromhex("0100180014000307ff")))
    check.equal("class", emulator.raw(bytes.fromhex("e000000000"))[0], 0x6E00)
    check.equal("instruction", emulator.command(0x0B)[0], 0x6D00)
    check.equal("parameter", emulator.command(VERSION, number=1)[0], 0x6B00)
    check.equal("length", emulator.command(ACCOUNT, b"\0")[0], 0x6700)
    check.equal("order", emulator.command(SIGNATURE)[0], 0x6901)
    check.equal("coin type of old wallets", emulator.command(ACCOUNT, bytes([0]) + u32(20) + u32(0))[0], 0x6F01)
    name = emulator.raw(bytes.fromhex("b001000000"))
    check.equal("name", (name[0], name[1][2 : 2 + name[1][1]]), (DONE, b"Decred Staking"))


def check_frames(check: Check, emulator: Emulator, person: Person, case: Json) -> None:
    """Frames that are no short APDU are refused, and end a session as every refusal does."""
    account = account_bytes(case["wallet"])
    frames = [
        ("one byte", bytes([0xDC]), 0x6700),
        ("four bytes", bytes([0xDC, VERSION, 0, 0]), 0x6700),
        ("extended, no data", bytes([0xDC, VERSION, 0, 0, 0, 0, 0]), 0x6700),
        ("extended, an account", bytes([0xDC, ACCOUNT, 0, 0, 0, 0, len(account)]) + account, 0x6700),
        ("extended, 256 bytes", bytes([0xDC, STREAM, 0, 0, 0, 1, 0]) + bytes(256), 0x6700),
        ("too long", bytes([0xDC, VERSION, 0, 0, 0, 0]), 0x6700),
        ("too short", bytes([0xDC, ACCOUNT, 0, 0, 9]), 0x6700),
        ("extended, another class", bytes([0xE0, VERSION, 0, 0, 0, 0, 0]), 0x6E00),
        ("extended, unknown", bytes([0xDC, 11, 0, 0, 0, 0, 0]), 0x6D00),
    ]
    request, id_ = bytes.fromhex(case["transfer"]["request"]), bytes.fromhex(case["transfer"]["id"])
    for name, frame, status in frames:
        check.equal(f"{name}: begin", emulator.command(BEGIN, request[:HEADER]), (DONE, b""))
        check.equal(name, emulator.raw(frame), (status, b""))
        check.equal(f"{name}: nothing is left", emulator.command(STREAM, request[HEADER : HEADER + 255])[0], 0x6901)
    check.equal("id", stream(emulator, request)[1][:32], id_)
    asked = emulator.asked(APPROVE, id_)
    person.approve("frames", "Review the request")
    check.equal("approval", asked.reply()[0], DONE)
    check.equal("signature", emulator.command(SIGNATURE)[0], DONE)
    check.equal("extended, 256 bytes", emulator.raw(bytes([0xDC, STREAM, 0, 0, 0, 1, 0]) + bytes(256))[0], 0x6700)
    check.equal("the approval is gone", emulator.command(SIGNATURE)[0], 0x6901)
    print(f"  {len(frames)} frames that are no command")


def check_account(check: Check, emulator: Emulator, person: Person, wallet: Json) -> None:
    """The account's key, shown once; an address below it."""
    data = account_bytes(wallet)
    public = account_key(wallet).public()
    coin = PrivateKey.from_seed(bytes.fromhex(wallet["seed"]), strict=True).path(44 | HARDENED, wallet["coin_type"] | HARDENED)
    wanted = (DONE, public.key + public.chain + hash160(coin.public().key)[:4])

    asked = emulator.asked(ACCOUNT, data)
    person.decline("Share addresses", 0)
    check.equal("account declined", asked.reply(), (DECLINED, b""))
    asked = emulator.asked(ACCOUNT, data)
    shown = person.approve("account", "Share addresses")
    check.equal("account", asked.reply(), wanted)
    check.equal("account on the screen", f"m/44'/{wallet['coin_type']}'/{wallet['account']}'" in shown, True)
    check.equal("account again, without asking", emulator.command(ACCOUNT, data), wanted)

    text = address(KEY_HASH_PREFIXES[NETWORKS.index(wallet["network"])], public.path(1, 7).hash160())
    asked = emulator.asked(ADDRESS, data + bytes([1]) + u32(7))
    shown = person.approve("address", "Address")
    check.equal("address", asked.reply(), (DONE, text.encode()))
    check.equal("address on the screen", text in shown and "1/7" in shown, True)


def check_meanwhile(check: Check, emulator: Emulator, person: Person, wallet: Json) -> None:
    """While somebody reads, the system answers in the app's place, and nothing changes by it."""
    data = account_bytes(wallet) + bytes([0]) + u32(3)
    emulator.send(bytes([0xDC, ADDRESS, 0, 0, len(data)]) + data)
    text = address(KEY_HASH_PREFIXES[NETWORKS.index(wallet["network"])], account_key(wallet).public().path(0, 3).hash160())
    sheet = emulator.wait_for_text(text)
    for instruction in (VERSION, BEGIN, SIGNATURE, ABORT):
        status = emulator.beside(bytes([0xDC, instruction, 0, 0, 0]))
        check.equal(f"instruction {instruction} while somebody reads", status, (0x6901, b""))
    name = emulator.beside(bytes.fromhex("b001000000"))
    check.equal("name while somebody reads", (name[0], name[1][2 : 2 + name[1][1]]), (DONE, b"Decred Staking"))
    check.equal("other command of the system", emulator.beside(bytes.fromhex("b002000000")), (0x6901, b""))
    check.equal("the sheet is still there", emulator.screen(), sheet)
    person.approve("meanwhile", "Address")
    check.equal("address after all", emulator.receive(), (DONE, text.encode()))


def check_register(check: Check, emulator: Emulator, person: Person, case: Json) -> bytes:
    """The voter of a case, and voters that no device takes."""
    wallet, voter = case["wallet"], case["voter"]
    record = voter_record(wallet, voter)
    own = voter_record(wallet, {"seed": wallet["seed"], "account": wallet["account"], "generation": 3})
    check.equal("own voter", emulator.command(REGISTER, own)[0], 0x6A00 + 35)
    emulator.wait_for_text("voter-own-not-exportable")
    no_point = record[:14] + b"\2" + b"\xff" * 32 + record[47:]
    check.equal("no point of the curve", emulator.command(REGISTER, no_point)[0], 0x6A80)

    asked = emulator.asked(REGISTER, record)
    shown = person.approve("voter", "New voter")
    status, reply = asked.reply()
    check.equal("voter", (status, reply.hex()), (DONE, voter_mac(wallet["seed"], record).hex() + voter["fingerprint"]))
    check.equal("fingerprint on the screen", voter["fingerprint"] in shown and '"test"' in shown, True)
    return record + reply[:16]


def stream(emulator: Emulator, request: bytes) -> tuple[int, bytes]:
    """Send a request; what its last bytes were answered."""
    reply = emulator.command(BEGIN, request[:HEADER])
    for start in range(HEADER, len(request), 255):
        if reply[0] != DONE:
            break
        reply = emulator.command(STREAM, request[start : start + 255])
    return reply


def wanted_signatures(result: Json) -> list[str]:
    """Collect the signatures of a case in their order, each after the byte of its kind."""
    inputs = result.get("split_signatures", []) + result.get("signatures", [])
    messages = [base64.b64decode(row["signature"]).hex() for row in result.get("registrations", [])]
    tickets = result.get("ticket_signatures", [])
    return ["00" + row for row in inputs] + ["01" + row for row in tickets] + ["02" + row for row in messages]


def check_trip(check: Check, emulator: Emulator, person: Person, case: Json) -> None:
    """A whole request: the pages on the screen, then every signature."""
    request, id_ = bytes.fromhex(case["transfer"]["request"]), bytes.fromhex(case["transfer"]["id"])
    status, reply = stream(emulator, request)
    check.equal("id", (status, reply[:32]), (DONE, id_))
    pages = [emulator.command(PAGE, number=number)[1] for number in range(reply[32])]

    asked = emulator.asked(APPROVE, id_)
    shown = person.approve("review", "Review the request")
    at = 0
    for number, page in enumerate(pages):
        label, _, value = page[2:].decode().partition(": ")
        for part in (label, value, CLAIMED if page[1] == 2 else ""):
            found = shown.find(dense(part), at)
            check.equal(f"page {number}: {part!r} after what came before it", found >= at, True)
            at = found + len(dense(part))
    words = dense("".join(case["transfer"]["check_words"]))
    check.equal("check words after the last page", shown.find(words, at) >= at, True)

    wanted = wanted_signatures(case["result"])
    check.equal("approval", (asked.reply()[0], sum(asked.reply()[1])), (DONE, len(wanted)))
    for number, signature in enumerate(wanted):
        status, reply = emulator.command(SIGNATURE, number=number)
        check.equal(f"signature {number}", (status, reply.hex()), (DONE, signature))
    check.equal("after the last one", emulator.command(SIGNATURE, number=len(wanted))[0], 0x6B00)


def check_back(check: Check, emulator: Emulator, person: Person, case: Json) -> None:
    """Turn over every sheet, turn all of them back, and turn them over again: the same ones, and yes at the end."""
    stream(emulator, bytes.fromhex(case["transfer"]["request"]))
    asked = emulator.asked(APPROVE, bytes.fromhex(case["transfer"]["id"]))
    emulator.wait_for_text("Review the request")
    sheets = [emulator.settle()]
    while not person.says_yes(" ".join(sheets[-1])):
        sheets.append(emulator.turn("next"))
    back = [emulator.turn("back") for _ in sheets[1:]]
    check.equal("sheets backwards", back[::-1], sheets[:-1])
    check.equal("sheets again", [emulator.turn("next") for _ in sheets[1:]], sheets[1:])
    emulator.press("both")
    check.equal("approval", asked.reply()[0], DONE)
    check.equal("abort", emulator.command(ABORT), (DONE, b""))


def check_declines(check: Check, emulator: Emulator, person: Person, case: Json) -> None:
    """Decline at every sheet: nothing is signed, and nothing is left."""
    request, id_ = bytes.fromhex(case["transfer"]["request"]), bytes.fromhex(case["transfer"]["id"])
    count = 0
    for sheet in range(len(person.seen)):
        check.equal("id", stream(emulator, request)[1][:32], id_)
        asked = emulator.asked(APPROVE, id_)
        person.decline("Review the request", sheet)
        check.equal(f"declined at sheet {sheet}", asked.reply(), (DECLINED, b""))
        check.equal("nothing is left", emulator.command(SIGNATURE)[0], 0x6901)
        count += 1
    print(f"  declined at {count} sheets")


def main() -> int:
    """Run every case whose voter a device takes, and those without one."""
    model, program = sys.argv[1], Path(sys.argv[2])
    screens = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    check = Check()
    cases = json.loads((HERE.parent / "vectors" / "builder.json").read_text())["cases"]
    trips = [case for case in cases if case["voter"]["origin"] == "foreign" or case["kind"] == 2]
    for number, case in enumerate(trips):
        print(f"{model}: {case['name']}", flush=True)
        with Emulator(model, program, case["wallet"]["seed"]) as emulator:
            person = Person(emulator, screens and screens / f"{number}")
            if number == 0:
                check_words(check, emulator)
                check_account(check, emulator, person, case["wallet"])
                check_meanwhile(check, emulator, person, case["wallet"])
            if case["voter"]["origin"] == "foreign":
                check.equal("voter", emulator.command(VOTER, check_register(check, emulator, person, case))[0], DONE)
            check_trip(check, emulator, person, case)
            if case["name"] == "two outputs and change":
                check.equal("abort", emulator.command(ABORT), (DONE, b""))
                check_back(check, emulator, person, case)
                check_declines(check, emulator, person, case)
                check_frames(check, emulator, person, case)
    print(f"{model}: {len(trips)} requests, {check.cases} comparisons")
    return 0 if len(trips) == 4 else 1


if __name__ == "__main__":
    raise SystemExit(main())
