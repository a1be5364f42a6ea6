"""The worked example, and the commands that need no request."""

import hmac
from collections.abc import Callable

from carry import COIN_TYPE, ROOM, foreign_voter, signer_of
from check import find_voter, load
from checked import BIG, MAINNET, MOST, NAME, SIMNET, TESTNET, Check, Host, rule
from curve import PublicKey
from device import ADDRESS, Device, Spending, Watcher, collect, counts, record
from encoding import HEADER_LENGTH
from hashes import address
from request import u32
from signer import KEY_HASH_PREFIXES, Signer, Voter
from wire import DONE, INSTRUCTION, LENGTH, MEANINGLESS, OTHER_CLASS, PARAMETER, STATE, Example, ask, command


def check_example(check: Check) -> None:
    """Send the commands of the worked example, and accept what it answers."""
    by_name = {case["name"]: case for case in load("builder.json")["cases"]}
    case, voter_case = by_name["two outputs and change"], by_name[BIG]
    example = Example()
    device, spending = Device(example), Spending(MAINNET, 42, 0)
    device.abort()
    version = device.version()
    key, _ = device.account(spending)
    seed = bytes.fromhex(case["wallet"]["seed"])
    check.equal("example: account", key, Signer(seed, MAINNET, 42, (0,)).accounts[0].public())
    voter = find_voter(Signer(bytes(32), MAINNET, 42, ()), voter_case["voter"])
    mac = device.register(spending, "test", voter)
    marked = b"dcrcold voter mac 1" + record(spending, "test", voter)
    check.equal("example: MAC", mac, hmac.digest(seed, marked, "sha256")[:16])
    device.voter(spending, "test", voter, mac)
    request = bytes.fromhex(case["transfer"]["request"])
    device.begin(request)
    check.equal("example: pages", device.stream(request, version.chunk), 9)
    check.equal("example: page", device.page(2).text.split("\n")[0], "Pay: 1.00000001 DCR")
    watcher = Watcher(spending, key, None, ROOM)
    plan = watcher.plan(watcher.read(request))
    device.approve(request[15:HEADER_LENGTH], counts(plan))
    check.equal("example: answer", collect(device, watcher, plan, request[15:HEADER_LENGTH]).write().hex(),
                case["transfer"]["answer"])  # fmt: skip
    device.signature(0)
    device.abort()
    check.status("example: a signature after abort", STATE, lambda: device.signature(0))
    check.equal("example: commands left", example.left(), 0)
    check.checks += example.commands


def check_basics(check: Check, host: Host) -> None:
    """Ask what the device is, and say things that are no commands."""
    device = host.device
    version = device.version()
    check.equal("version", (version.major, version.inputs, version.tickets), (1, ROOM.inputs, ROOM.tickets))
    check.equal("capabilities", (version.kinds, version.networks & 7, version.chunk), (3, 6, MOST))
    name = ask(host.exchange, bytes.fromhex("b001000000"))
    check.equal("app that is open", name[2 : 2 + name[1]].decode(), "dcrcold simulator")

    wrong = {
        "another class": ("e000000000", OTHER_CLASS),
        "no length": ("dc000000", LENGTH),
        "unknown instruction": ("dc0b000000", INSTRUCTION),
        "unknown instruction with parameters": ("dc0b010000", INSTRUCTION),
        "P1 of version": ("dc00010000", PARAMETER),
        "P2 of version": ("dc00000100", PARAMETER),
        "P2 of signature before the state": ("dc09000100", PARAMETER),
        "data of version": ("dc0000000100", LENGTH),
        "one byte missing": ("dc010000090201000000000000", LENGTH),
        "one byte too many": ("dc01000009020100000000000000ff", LENGTH),
        "stream of nothing": ("dc06000000", LENGTH),
        "signature of nothing": ("dc09000000", STATE),
        "page of nothing": ("dc08000000", STATE),
    }
    for what, (sent, status) in wrong.items():
        check.status(what, status, lambda: ask(host.exchange, bytes.fromhex(sent)))
    for network, coin_type in ((SIMNET, COIN_TYPE), (TESTNET, COIN_TYPE)):
        spending = Spending(network, coin_type, 0)
        key = host.key(spending)
        check.equal("account again", device.account(spending)[0], key)
        for path in ((0, 0), (1, 7), (0, (1 << 31) - 1025)):
            told = device.address(spending, key, path)
            ours = signer_of(spending).key(0, path).public().hash160()
            check.equal("address", told, address(KEY_HASH_PREFIXES[network], ours))


def check_paths(check: Check, host: Host) -> None:
    """Ask for keys that no spending account has."""
    wrong = {
        "network-mismatch": Spending(3, COIN_TYPE, 1 << 24),
        "network-coin-mismatch": Spending(SIMNET, 42, 1 << 24),
        "account-out-of-range": Spending(SIMNET, COIN_TYPE, 1 << 24),
        "index-out-of-range": Spending(SIMNET, COIN_TYPE, 0),
    }
    check.status("account: the mainnet", rule("network-mismatch"), lambda: host.device.account(Spending(MAINNET, 42, 0)))
    for name, spending in wrong.items():
        for path in ((2, 0), (0, (1 << 31) - 1024)):
            sent = spending.write() + bytes([path[0]]) + u32(path[1])
            check.status(f"address: {name}", rule(name), lambda: ask(host.exchange, command(ADDRESS, sent)))
        if name != "index-out-of-range":
            check.status(f"account: {name}", rule(name), lambda: host.device.account(spending))


def check_voters(check: Check, host: Host) -> None:
    """Register a voter, and voters that must not be."""
    spending, device = Spending(SIMNET, COIN_TYPE, 0), host.device
    voter, own = foreign_voter(SIMNET), signer_of(spending).own_voter(0, 3)
    host.voter(spending, voter)
    mac = device.register(spending, NAME, voter)
    check.status("voter", DONE, lambda: device.voter(spending, NAME, voter, mac))
    other = Spending(SIMNET, COIN_TYPE, 1)
    unknown = rule("voter-unknown")
    check.status("MAC of another name", unknown, lambda: device.voter(spending, "voter 2", voter, mac))
    check.status("MAC of another account", unknown, lambda: device.voter(other, NAME, voter, mac))
    check.status("MAC of another network", unknown, lambda: device.voter(Spending(TESTNET, 1, 0), NAME, voter, mac))
    check.status("another MAC", unknown, lambda: device.voter(spending, NAME, voter, bytes(16)))

    def registers(voter: Voter, name: str = NAME, account: Spending = spending) -> Callable[[], bytes]:
        return lambda: device.register(account, name, voter)

    twice = Voter(voter.voting, voter.voting, voter.purse)
    given_away = Voter(voter.voting, signer_of(spending).accounts[0].public(), voter.purse)
    branch = Voter(voter.voting, signer_of(other).accounts[1].public().child(1), voter.purse)
    no_point = Voter(PublicKey(b"\2" + b"\xff" * 32, bytes(32)), voter.alt_sign, voter.purse)
    check.status("the same account twice", rule("voter-accounts-not-distinct"), registers(twice))
    check.status("a spending account", rule("voter-is-spending-account"), registers(given_away))
    check.status("a branch of a spending account", rule("voter-is-spending-account"), registers(branch))
    check.status("an own voter", rule("voter-own-not-exportable"), registers(own))
    check.status("the mainnet", rule("network-mismatch"), registers(voter, account=Spending(MAINNET, 42, 0)))
    check.status("no point", MEANINGLESS, registers(no_point))
    check.status("a name of no text", MEANINGLESS, registers(voter, "\n"))
    check.status("a name of 33", MEANINGLESS, registers(voter, "a" * 33))
