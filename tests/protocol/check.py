"""Runs the signer over the pinned vectors and compares every byte; `python3 tests/protocol/check.py`."""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

from curve import PrivateKey
from encoding import HOT_KEYS, VOTER, WATCH, Refused, Value, container, decode, encode, open_container
from hashes import address, hash160
from request import Request
from signer import KEY_HASH_PREFIXES, Plan, Signed, Signer, Voter

VECTORS = Path(__file__).parent.parent / "vectors"
NETWORKS = ("mainnet", "testnet3", "simnet")
SEALED_HEADER = 61

Json = dict[str, Any]


class Check:
    """Compares what the signer says with the vectors and counts what differs."""

    def __init__(self) -> None:
        self.cases = 0
        self.failures = 0
        self._case = ""

    def case(self, name: str) -> None:
        """Start a case."""
        self.cases += 1
        self._case = name

    def equal(self, what: str, found: object, wanted: object) -> None:
        """Compare one value."""
        if found != wanted:
            self.failures += 1
            print(f"{self._case}: {what}\n  found  {found}\n  wanted {wanted}")


def load(name: str) -> Json:
    """Read a file of vectors."""
    return json.loads((VECTORS / name).read_text())


def shown(id_: bytes) -> str:
    """Print a transaction id."""
    return id_[::-1].hex()


def check_words(id_: bytes, lists: Json) -> list[str]:
    """Spell the start of a request's id."""
    return [lists["odd_words" if i % 2 else "even_words"][byte] for i, byte in enumerate(id_[:4])]


def deflated(data: bytes) -> bytes:
    """Deflate the body of a plain container."""
    squeeze = zlib.compressobj(wbits=-15)
    return data[:10] + b"\x01" + data[11:47] + squeeze.compress(data[47:]) + squeeze.flush()


def find_voter(signer: Signer, voter: Json) -> Voter:
    """Derive the voter of a case."""
    owner = Signer(bytes.fromhex(voter["seed"]), signer.network, signer.coin_type, ())
    return owner.own_voter(voter["account"], voter["generation"])


def make_signer(wallet: Json, voter: Json) -> Signer:
    """Restore the wallet of a case and register its voter."""
    signer = Signer(
        bytes.fromhex(wallet["seed"]), NETWORKS.index(wallet["network"]), wallet["coin_type"], (wallet["account"],)
    )
    if voter["origin"] == "own":
        signer.generations.append(voter["generation"])
    else:
        signer.register(find_voter(signer, voter))
    return signer


def check_spend(check: Check, signer: Signer, request: Request, plan: Plan, signed: Signed, wanted: Json) -> None:
    """Compare the split of a purchase or the transaction of a send."""
    if plan.spend is None:
        check.equal("split", None, wanted.get("split_prefix"))
        return
    found = {
        "prefix": plan.spend.prefix().hex(),
        "txid": shown(plan.spend.id()),
        "estimated_size": plan.size,
        "fee": plan.fee,
        "signatures": [signature.fixed().hex() for signature in signed.spend],
        "signed": signer.finish(request, plan.spend, plan.coins, signed.spend).hex(),
    }
    start = "split_" if "split_prefix" in wanted else ""
    for name, value in found.items():
        if name != "estimated_size" or start:
            check.equal(start + name, value, wanted[start + name])
    check.equal("change", plan.change, wanted["change"])


def check_tickets(check: Check, signer: Signer, request: Request, plan: Plan, signed: Signed, wanted: Json) -> None:
    """Compare the tickets of a purchase."""
    finished = [
        signer.finish(request, ticket, [coin], [signature]).hex()
        for ticket, coin, signature in zip(plan.tickets, plan.ticket_coins, signed.tickets)
    ]
    check.equal("ticket prefixes", [t.prefix().hex() for t in plan.tickets], wanted["ticket_prefixes"])
    check.equal("ticket ids", [shown(t.id()) for t in plan.tickets], wanted["ticket_txids"])
    check.equal("ticket signatures", [s.fixed().hex() for s in signed.tickets], wanted["ticket_signatures"])
    check.equal("ticket fee", plan.ticket_fee, wanted["ticket_fee"])
    check.equal("signed tickets", finished, wanted["tickets_signed"])


def check_builder_case(check: Check, case: Json, words: Json) -> None:
    """Run one request from its bytes to the answer file."""
    check.case(case["name"])
    data, wanted = bytes.fromhex(case["transfer"]["request"]), case["result"]
    signer = make_signer(case["wallet"], case["voter"])
    fingerprint = find_voter(signer, case["voter"]).fingerprint(signer.network)
    check.equal("fingerprint", fingerprint.hex(), case["voter"]["fingerprint"])
    request = signer.read(data)
    plan = signer.plan(request)
    signed = signer.sign(request, plan)

    check.equal("kind", request.kind, case["kind"])
    check.equal("label", request.label, case["label"])
    check.equal("id", request.id.hex(), case["transfer"]["id"])
    check.equal("check words", check_words(request.id, words), case["transfer"]["check_words"])
    check.equal("deflated request", signer.read(deflated(data)), request)
    check.equal("re-encoded body", encode(decode(data[47:])), data[47:])
    if "prefix" in wanted or "ticket_prefixes" in wanted:
        check_spend(check, signer, request, plan, signed, wanted)
    if "ticket_prefixes" in wanted:
        check_tickets(check, signer, request, plan, signed, wanted)
    registrations = [
        {
            "body": registration.message,
            "signer": address(KEY_HASH_PREFIXES[signer.network], signer.hash_at(request, registration.path)),
            "signature": base64.b64encode(signature).decode(),
        }
        for registration, signature in zip(plan.registrations, signed.registrations)
    ]
    check.equal("registrations", registrations, wanted.get("registrations", []))
    check.equal("answer", signed.answer.write().hex(), case["transfer"]["answer"])


def refusal(signer: Signer, data: bytes) -> str | None:
    """Name the rule that a request breaks."""
    try:
        signer.plan(signer.read(data))
    except Refused as refused:
        return refused.rule
    return None


def exported(key: PrivateKey) -> list[Value]:
    """Write the public side of an account as an export does."""
    public = key.public()
    return [public.key, public.chain]


def check_files_case(check: Check, case: Json) -> None:
    """Write the exports of a wallet again, and read the headers of its sealed files."""
    check.case(case["name"])
    network, coin_type, number = NETWORKS.index(case["network"]), case["coin_type"], case["account"]
    signer = Signer(bytes.fromhex(case["seed"]), network, coin_type, (number,), case["strict"])
    voter = signer.own_voter(number, case["generation"])
    check.equal("fingerprint", voter.fingerprint(network).hex(), case["voter_fingerprint"])
    accounts = [[account.key, account.chain] for account in (voter.voting, voter.alt_sign, voter.purse)]

    found = open_container(bytes.fromhex(case["watch"]), (WATCH,))
    given = decode(found.body)
    body: dict[int, Value] = {key: given[key] for key in (5, 7) if key in given}
    body |= {
        0: [coin_type, number],
        1: exported(signer.accounts[number]),
        2: hash160(signer.coin.public().key)[:4],
        3: int(case["strict"]),
        4: [case["generation"], *accounts],
        6: case["label"],
    }
    check.equal("watch export", container(WATCH, network, encode(body)).write().hex(), case["watch"])
    body = {0: case["label"], 1: accounts[0], 2: accounts[1], 3: accounts[2]}
    check.equal("voter export", container(VOTER, network, encode(body)).write().hex(), case["voter"])

    hot_keys = open_container(bytes.fromhex(case["hot_keys"]), (HOT_KEYS,))
    check.equal("hot keys network", hot_keys.network, network)
    check.equal("hot keys id", hot_keys.id, hot_keys.stated_id)
    check.equal("hot keys length", len(hot_keys.body), hot_keys.length)
    for name, sealed in (("hot_keys", hot_keys.body), ("key_store", bytes.fromhex(case["key_store"]))):
        plain = bytes.fromhex(case[name + "_plain"])
        check.equal(name + " magic", sealed[:9], b"DCRCOLDK\x01")
        memory, passes, lanes = (int.from_bytes(sealed[at : at + 4], "little") for at in (9, 13, 17))
        sane = 8 << 10 <= memory <= 1 << 20 and 1 <= passes <= 10 and 1 <= lanes <= 16
        check.equal(name + " cost", sane, True)
        check.equal(name + " length", len(sealed), SEALED_HEADER + len(plain) + 16)
        check.equal(name + " body", encode(decode(plain)), plain)


def main() -> int:
    """Run everything, and fail on any difference."""
    check = Check()
    words, builder, files = load("seed_words.json"), load("builder.json"), load("files.json")
    for case in builder["cases"]:
        check_builder_case(check, case, words)
    signer = make_signer(builder["refused"]["wallet"], builder["refused"]["voter"])
    for case in builder["refused"]["cases"]:
        check.case(case["why"])
        check.equal("rule", refusal(signer, bytes.fromhex(case["request"])), case["rule"])
    for case in files["cases"]:
        check_files_case(check, case)
    if check.failures:
        print(f"protocol: {check.failures} differences")
        return 1
    print(f"protocol: {check.cases} cases")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
