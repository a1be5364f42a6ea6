"""Counts what is compared, and has requests signed by a device with everything compared."""

from collections.abc import Callable

from carry import ROOM, Carrier, signer_of
from curve import PublicKey
from device import Device, Spending, Watcher, collect, counts
from encoding import Container
from signer import Voter
from wire import DONE, RULES, Broken, Exchange, Status

MAINNET, TESTNET, SIMNET = range(3)
MOST = 255
SMALL = 13
NAME = "voter two"
BIG = "twenty tickets, twenty-four coins, foreign voter"
FEW = "three tickets and a purse top-up"


class Check:
    """Counts what was compared and what differed."""

    def __init__(self) -> None:
        self.checks = 0
        self.failures = 0

    def equal(self, what: str, found: object, wanted: object) -> None:
        """Compare one value."""
        self.checks += 1
        if found != wanted:
            self.failures += 1
            print(f"{what}\n  found  {found}\n  wanted {wanted}")

    def status(self, what: str, wanted: int, act: Callable[[], object]) -> Broken | None:
        """Compare the status word that an act ends with, and give the refusal if there is one."""
        try:
            act()
        except Status as status:
            self.equal(what, f"{status.status:04x}", f"{wanted:04x}")
            return status.broken
        self.equal(what, f"{DONE:04x}", f"{wanted:04x}")
        return None


def rule(name: str) -> int:
    """Give the status word of a rule."""
    return 0x6A00 + next(code for code, rule in RULES.items() if rule == name)


class Host:
    """A device with the voters registered and the accounts read so far."""

    def __init__(self, check: Check, exchange: Exchange) -> None:
        self.check = check
        self.exchange = exchange
        self.device = Device(exchange)
        self._macs: dict[Spending, bytes] = {}
        self._keys: dict[Spending, PublicKey] = {}

    def key(self, spending: Spending) -> PublicKey:
        """Read an account once, and compare it with that of the seed."""
        if spending not in self._keys:
            key, parent = self.device.account(spending)
            coin = signer_of(spending).coin
            self.check.equal("account", key, signer_of(spending).accounts[spending.account].public())
            self.check.equal("fingerprint of the parent", parent, coin.public().hash160()[:4])
            self._keys[spending] = key
        return self._keys[spending]

    def voter(self, spending: Spending, voter: Voter) -> None:
        """Name the voter of the next request; the first time it is registered."""
        if spending not in self._macs:
            self._macs[spending] = self.device.register(spending, NAME, voter)
        self.device.voter(spending, NAME, voter, self._macs[spending])

    def start(self, carrier: Carrier, request: bytes, chunk: int = MOST) -> int:
        """Make the device hold a request, and give the number of its pages."""
        self.device.abort()
        if carrier.voter.fingerprint(carrier.spending.network) in request:
            self.voter(carrier.spending, carrier.voter)
        self.device.begin(request)
        return self.device.stream(request, chunk)

    def sign(self, name: str, carrier: Carrier, request: Container, chunk: int = MOST, backwards: bool = False) -> None:
        """Have a request signed, check it without secrets and compare it with the signer of the same seed."""
        key = self.key(carrier.spending)
        pages = [self.device.page(n) for n in range(self.start(carrier, request.write(), chunk))]
        self.check.equal(f"{name}: claims come last", [p.origin for p in pages][-1], 2)
        watcher = Watcher(carrier.spending, key, carrier.voter, ROOM)
        wanted = watcher.read(request.write())
        plan = watcher.plan(wanted)
        self.device.approve(request.id, counts(plan))
        answer = collect(self.device, watcher, plan, request.id, backwards)
        self.check.checks += sum(counts(plan))
        theirs = carrier.signer.sign(wanted, carrier.signer.plan(carrier.signer.read(request.write()))).answer
        self.check.equal(f"{name}: answer", answer.write().hex(), theirs.write().hex())
        self.device.abort()
