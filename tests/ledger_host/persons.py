"""People who do not approve everything."""

from pathlib import Path

from carry import COIN_TYPE, Carrier
from check import check_words, load
from checked import NAME, SIMNET, Check, Host
from device import APPROVE, Device, Spending
from encoding import Container
from wire import DECLINED, STATE, Simulator, ask, command


def check_declined(check: Check, program: Path, carrier: Carrier, request: Container) -> None:
    """Decline everything that is asked once, then approve it."""
    script = "decline at 1\napprove\ndecline at 1\napprove\ndecline at 1\napprove\ndecline at 3\nback at 2"
    key = carrier.signer.accounts[carrier.spending.account].public()
    with Simulator(program, "abandon", script) as simulator:
        host = Host(check, simulator)
        device, spending = host.device, carrier.spending
        check.status("account declined", DECLINED, lambda: device.account(spending))
        host.key(spending)
        check.status("address declined", DECLINED, lambda: device.address(spending, key, (0, 0)))
        device.address(spending, key, (0, 0))
        check.status("voter declined", DECLINED, lambda: device.register(spending, NAME, carrier.voter))
        host.start(carrier, request.write())
        approve = command(APPROVE, request.id)
        check.status("request declined", DECLINED, lambda: ask(simulator, approve))
        check.status("approved after all", STATE, lambda: ask(simulator, approve))
        check.status("signature after all", STATE, lambda: device.signature(0))
        host.sign("the same request", carrier, request)
        screens = simulator.screens()
    words = check_words(request.id, load("seed_words.json"))
    check.equal("check words on the screen", [w for w in words if w not in screens], [])


def check_remembered(check: Check, program: Path) -> None:
    """The account that was approved last is given again; another one has to be asked for."""
    first, second = (Spending(SIMNET, COIN_TYPE, account) for account in (0, 1))
    with Simulator(program, "abandon", "approve\ndecline at 1") as simulator:
        device = Device(simulator)
        given = device.account(first)
        check.equal("without asking", device.account(first), given)
        check.status("another account", DECLINED, lambda: device.account(second))
        check.equal("still without asking", device.account(first), given)


def check_one_review(check: Check, program: Path, carrier: Carrier, request: Container) -> None:
    """A person who approves three things and then no more: account, voter, and all signatures at once."""
    with Simulator(program, "abandon", "approve\napprove\napprove\ndecline at 1") as simulator:
        host = Host(check, simulator)
        host.sign("one review", carrier, request)
        host.start(carrier, request.write())
        check.status("a second one", DECLINED, lambda: ask(simulator, command(APPROVE, request.id)))
