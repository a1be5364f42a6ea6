"""Sessions that end otherwise than with an answer."""

from collections.abc import Callable

from carry import Carrier, refused
from checked import MOST, NAME, SIMNET, Check, Host, rule
from device import ACCOUNT, ADDRESS, APPROVE, BEGIN, PAGE, REGISTER, SIGNATURE, STREAM, VOTER, record
from encoding import HEADER_LENGTH, PURCHASE, Container, Refused, container, decode, encode
from wire import DONE, PARAMETER, STATE, Simulator, ask, command


def check_refusals(check: Check, host: Host) -> None:
    """Send every broken request of the vectors; a rule is named that the signer names too."""
    carrier, broken = refused(SIMNET)
    for why, name, request in broken:
        try:
            carrier.signer.plan(carrier.signer.read(request))
            ours = "none"
        except Refused as refusal:
            ours = refusal.rule
        check.equal(f"{why}: the signer's rule", ours, name)
        check.status(why, rule(name), lambda: host.start(carrier, request))
        check.status(f"{why}: signed anyway", STATE, lambda: host.device.signature(0))


def check_figures(check: Check, host: Host, carrier: Carrier, request: Container) -> None:
    """Read where and what in refusals."""

    def send(changed: dict) -> Callable[[], int]:
        body = encode(decode(request.body) | changed)
        return lambda: host.start(carrier, container(PURCHASE, SIMNET, body).write())

    found = check.status("fee rate", rule("fee-rate-below-relay"), send({4: 9_999}))
    check.equal("part and number", (found.part, found.number), (0, 0))
    check.equal("atoms/kB", [(f.code, f.number()) for f in (found.found, found.expected)], [(3, 9_999), (3, 10_000)])
    inputs = [list(item) for item in decode(request.body)[1]]
    inputs[1][3] += 1
    found = check.status("another key", rule("input-not-ours"), send({1: inputs}))
    check.equal("part and number", (found.part, found.number), (1, 1))
    ours = carrier.signer.key(carrier.spending.account, tuple(inputs[1][2:])).public().hash160()
    check.equal("key hash", (found.expected.code, found.expected.content), (6, ours))

    data = bytearray(request.write())
    data[15] ^= 1
    found = check.status("another id", rule("id-mismatch"), lambda: host.start(carrier, bytes(data)))
    ids = [(8, bytes(data[15:HEADER_LENGTH])), (8, request.id)]
    check.equal("ids", [(f.code, f.content) for f in (found.found, found.expected)], ids)


def reach(state: str, host: Host, carrier: Carrier, request: Container) -> None:
    """Bring the device into a state."""
    if state == "receiving":
        host.device.abort()
        host.voter(carrier.spending, carrier.voter)
        host.device.begin(request.write())
        host.device.part(request.body[:MOST])
        return
    host.start(carrier, request.write())
    if state == "approved":
        ask(host.exchange, command(APPROVE, request.id))


def check_states(check: Check, host: Host, carrier: Carrier, request: Container) -> None:
    """Leave the way of a session everywhere; whatever is refused, the device has forgotten all."""
    device, body = host.device, request.body
    others = {
        ACCOUNT: carrier.spending.write(),
        ADDRESS: carrier.spending.write() + bytes(5),
        REGISTER: record(carrier.spending, NAME, carrier.voter),
        VOTER: record(carrier.spending, NAME, carrier.voter) + bytes(16),
        BEGIN: request.write()[:HEADER_LENGTH],
        STREAM: body[:1],
        APPROVE: request.id,
        PAGE: b"",
        SIGNATURE: b"",
    }
    taken = {"receiving": {STREAM}, "checked": {APPROVE, PAGE}, "approved": {PAGE, SIGNATURE}}
    for state, allowed in taken.items():
        for instruction in others.keys() - allowed:
            reach(state, host, carrier, request)
            what = f"{state}, {instruction:02x}"
            check.status(what, STATE, lambda: ask(host.exchange, command(instruction, others[instruction])))
            check.status(f"{what}, then stream", STATE, lambda: device.part(body[:1]))
            check.status(f"{what}, then signature", STATE, lambda: device.signature(0))
            check.status(f"{what}, then no voter", rule("voter-unknown"), lambda: without_voter(host, request))
        reach(state, host, carrier, request)
        device.abort()
        check.status(f"{state}, then abort", STATE, lambda: device.part(body[:1]))
    reach("receiving", host, carrier, request)
    device.version()
    check.status("version in between", DONE, lambda: ask(host.exchange, command(STREAM, body[MOST:])))


def check_numbers(check: Check, host: Host, carrier: Carrier, request: Container) -> None:
    """Ask for pages and signatures that do not exist, and approve another request."""
    device = host.device
    reach("approved", host, carrier, request)
    check.status("a signature too many", PARAMETER, lambda: device.signature(200))
    check.status("a signature after it", STATE, lambda: device.signature(0))
    pages = host.start(carrier, request.write())
    check.status("a page too many", PARAMETER, lambda: device.page(pages))
    host.start(carrier, request.write())
    wrong = bytes([request.id[0] ^ 1]) + request.id[1:]
    check.status("approval of another id", rule("id-mismatch"), lambda: ask(host.exchange, command(APPROVE, wrong)))
    check.status("approval after it", STATE, lambda: ask(host.exchange, command(APPROVE, request.id)))


def without_voter(host: Host, request: Container) -> None:
    """Begin again without a voter."""
    host.device.begin(request.write())
    host.device.stream(request.write(), MOST)


def check_interruptions(check: Check, host: Host, device: Simulator, carrier: Carrier, request: Container) -> None:
    """Break a session off in mid-stream and begin again."""
    for stop in (0, 1, len(request.body) - 1):
        host.device.abort()
        host.voter(carrier.spending, carrier.voter)
        host.device.begin(request.write())
        for at in range(0, stop, MOST):
            host.device.part(request.body[at : min(stop, at + MOST)])
        device.reconnect()
        host.device.abort()
        check.status(f"the rest after {stop} bytes", STATE, lambda: host.device.part(request.body[stop : stop + 1]))
        host.sign(f"again after {stop} bytes", carrier, request)
