"""A second host, written from docs/ledger-protocol.md alone; `python3 tests/ledger_host/host.py PROGRAM` runs it
against the simulator and checks whatever comes back with its own hashes and curve."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "protocol"))

from basics import check_basics, check_example, check_paths, check_voters
from carry import cases
from checked import BIG, FEW, SIMNET, SMALL, TESTNET, Check, Host
from lies import check_lies
from persons import check_declined, check_one_review, check_remembered
from sessions import check_figures, check_interruptions, check_numbers, check_refusals, check_states
from wire import RULES, Simulator


def main() -> int:
    """Run everything, and fail on any difference."""
    program, check = Path(sys.argv[1]), Check()
    check.equal("rules that the pages number", len(RULES), 47)
    check_example(check)
    by_network = {network: cases(network) for network in (TESTNET, SIMNET)}
    named = {name: (carrier, request) for name, carrier, request in by_network[SIMNET]}
    with Simulator(program, "abandon", "approve") as simulator:
        host = Host(check, simulator)
        check_basics(check, host)
        check_paths(check, host)
        check_voters(check, host)
        for name, carrier, request in by_network[SIMNET]:
            host.sign(name, carrier, request)
        for name, carrier, request in by_network[TESTNET]:
            host.sign(f"testnet: {name}", carrier, request, SMALL, backwards=True)
        host.sign("byte by byte", *named[FEW], 1)
        check_refusals(check, host)
        check_figures(check, host, *named[FEW])
        check_states(check, host, *named[FEW])
        check_numbers(check, host, *named[FEW])
        check_interruptions(check, host, simulator, *named[FEW])
        check_lies(check, simulator, *named[FEW])
    check_remembered(check, program)
    check_one_review(check, program, *named[BIG])
    check_declined(check, program, *named[FEW])
    print(f"ledger host: {check.checks} checks, {check.failures} failures")
    return 1 if check.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
