"""A signer of the transfer protocol by docs/protocol.md: it judges requests, builds what they ask for and signs it."""

from dataclasses import dataclass, field

from curve import HARDENED, PrivateKey, PublicKey, Signature, sign
from encoding import ANSWER, PURCHASE, SEND, Container, Value, container, encode, require
from hashes import address, blake256, hash160
from request import (
    TO_KEY,
    TO_SCRIPT,
    Coin,
    Path,
    Request,
    Room,
    Tx,
    TxInput,
    TxOutput,
    checked_amount,
    payee,
    read_prefix,
    read_request,
    u16,
    u32,
    u64,
    varint,
)

DUST = 6030
TICKET_SIZE = 298
GUARDED_ACCOUNTS = 20
SCRIPT_HASH_BIT = 1 << 63
RELAY_RATE = 10_000
KEY_HASH_PREFIXES = (bytes.fromhex("073f"), bytes.fromhex("0f21"), bytes.fromhex("0e91"))
VOTER_ACCOUNTS = (0x10000000, 0x20000000, 0x30000000)


@dataclass(frozen=True)
class Limits:
    """What a signer lets pass."""

    amount: int = 40_000_000_000
    tickets: int = 20
    total: int = 800_000_000_000
    fee: int = 1_000_000
    fee_rate: int = 100_000
    purse: int = 100_000_000
    headroom: int = 1_000
    blocks: int = 432


@dataclass(frozen=True)
class Voter:
    """The public side of a voter."""

    voting: PublicKey
    alt_sign: PublicKey
    purse: PublicKey

    def fingerprint(self, network: int) -> bytes:
        """Compute what requests call the voter by."""
        accounts = (self.voting, self.alt_sign, self.purse)
        keys = b"".join(account.key + account.chain for account in accounts)
        return blake256(b"dcrcold voter" + bytes([network]) + keys)[:16]


@dataclass(frozen=True)
class Registration:
    """A message to a VSP and the key that signs it."""

    message: str
    path: Path


@dataclass
class Plan:
    """All that a request leads to, before signing."""

    spend: Tx | None = None
    coins: list[Coin] = field(default_factory=list)
    size: int = 0
    fee: int = 0
    change: int = 0
    ticket_fee: int = 0
    tickets: list[Tx] = field(default_factory=list)
    ticket_coins: list[Coin] = field(default_factory=list)
    registrations: list[Registration] = field(default_factory=list)


@dataclass
class Signed:
    """A plan with its signatures."""

    spend: list[Signature]
    tickets: list[Signature]
    registrations: list[bytes]
    answer: Container


def key_hash_script(hash_: bytes) -> bytes:
    """Write the script that pays a key hash."""
    return b"\x76\xa9\x14" + hash_ + b"\x88\xac"


def script_hash_script(hash_: bytes) -> bytes:
    """Write the script that pays a script hash."""
    return b"\xa9\x14" + hash_ + b"\x87"


def fee_of(rate: int, size: int) -> int:
    """Compute the fee of a size."""
    return rate * size // 1000 or rate


def size_of(inputs: int, outputs: list[TxOutput]) -> int:
    """Estimate the size of a transaction before it is signed."""
    heads = 12 + 2 * len(varint(inputs)) + len(varint(len(outputs)))
    return heads + 166 * inputs + sum(11 + len(output.script) for output in outputs)


def witness_message(inputs: int, signed: int, script: bytes) -> bytes:
    """Write what a signature commits to besides the prefix."""
    scripts = (varint(len(script)) + script if j == signed else b"\0" for j in range(inputs))
    return u32(1 + 3 * (1 << 16)) + varint(inputs) + b"".join(scripts)


def signature_script(signature: Signature, key: bytes) -> bytes:
    """Write the script of a finished input."""
    items = (signature.der() + b"\x01", key)
    return b"".join(bytes([len(item)]) + item for item in items)


def message_digest(message: bytes) -> bytes:
    """Hash a message as Decred signs one."""
    magic = b"Decred Signed Message:\n"
    return blake256(varint(len(magic)) + magic + varint(len(message)) + message)


def checked_sum(*amounts: int) -> int:
    """Add amounts up, or refuse more than can exist."""
    return checked_amount(sum(amounts))


def read_ticket(prefix: bytes) -> tuple[Tx, tuple[int, bytes]]:
    """Read a ticket that was bought before, and whom its commitment pays."""
    ticket = read_prefix(prefix, "ticket-malformed")
    require(len(ticket.inputs) == 1 and len(ticket.outputs) == 3, "ticket-malformed")
    require(all(output.version == 0 for output in ticket.outputs), "ticket-malformed")
    vote, commitment, change = (output.script for output in ticket.outputs)
    voter = payee(vote[1:])
    require(vote[:1] == b"\xba" and voter is not None, "ticket-malformed")
    require(len(commitment) == 32 and commitment[:2] == b"\x6a\x1e", "ticket-malformed")
    amount = int.from_bytes(commitment[22:30], "little")
    checked_amount(amount & ~SCRIPT_HASH_BIT, "ticket-malformed")
    require(change[:1] == b"\xbd" and payee(change[1:]) is not None, "ticket-malformed")
    require(voter[0] == TO_KEY, "voter-address-unsupported")
    return ticket, (TO_SCRIPT if amount & SCRIPT_HASH_BIT else TO_KEY, commitment[2:22])


class Signer:
    """One seed on one network and coin type, with its accounts and its registered voters."""

    def __init__(
        self, seed: bytes, network: int, coin_type: int, accounts: tuple[int, ...], strict: bool = False
    ) -> None:
        self.network = network
        self.coin_type = coin_type
        self.limits = Limits()
        self.room = Room()
        self.generations = [0]
        self.voters: dict[bytes, Voter] = {}
        self.coin = PrivateKey.from_seed(seed, strict).path(HARDENED + 44, HARDENED + coin_type)
        self.accounts = {account: self.coin.child(HARDENED + account) for account in accounts}
        self._keys: dict[tuple[int, int, int], PrivateKey] = {}
        self._spending: dict[int, set[bytes]] = {}

    def own_voter(self, account: int, generation: int) -> Voter:
        """Derive the voter of an account of this seed."""
        base = HARDENED + account + (generation << 24)
        return Voter(*(self.coin.child(base + number).public() for number in VOTER_ACCOUNTS))

    def register(self, voter: Voter) -> None:
        """Take a voter into the registry."""
        self._judge_voter(voter, ())
        self.voters[voter.fingerprint(self.network)] = voter

    def key(self, account: int, path: Path) -> PrivateKey:
        """Derive a spending key once."""
        if (account, *path) not in self._keys:
            branch = self.accounts[account].child(path[0])
            self._keys[(account, *path)] = branch.child(path[1])
        return self._keys[(account, *path)]

    def read(self, data: bytes) -> Request:
        """Read a request and judge it up to the rules of its kind."""
        request = read_request(data, self.room)
        require(request.network == self.network, "network-mismatch")
        require(request.coin_type == self.coin_type and request.account in self.accounts, "account-unknown")
        return request

    def plan(self, request: Request) -> Plan:
        """Build everything a request asks for and judge the rest of it."""
        if request.kind == PURCHASE:
            return self._plan_purchase(request)
        return self._plan_send(request) if request.kind == SEND else self._plan_register(request)

    def sign(self, request: Request, plan: Plan) -> Signed:
        """Sign everything in a plan."""
        spend = self._sign_tx(request, plan.spend, plan.coins) if plan.spend else []
        tickets = []
        for ticket, coin in zip(plan.tickets, plan.ticket_coins):
            tickets += self._sign_tx(request, ticket, [coin])
        registrations = []
        for registration in plan.registrations:
            digest = message_digest(registration.message.encode())
            signature = sign(self.key(request.account, registration.path).secret, digest)
            registrations.append(bytes([31 + signature.recovery]) + signature.fixed())
        body: dict[int, Value] = {0: request.id}
        arrays = ([s.fixed() for s in spend], [s.fixed() for s in tickets], registrations)
        body |= {key: list(array) for key, array in enumerate(arrays, 1) if array}
        return Signed(spend, tickets, registrations, container(ANSWER, self.network, encode(body)))

    def finish(self, request: Request, tx: Tx, coins: list[Coin], signatures: list[Signature]) -> bytes:
        """Write a signed transaction."""
        prefix = tx.prefix()
        parts = [prefix[:2], u16(0), prefix[4:], varint(len(coins))]
        for coin, signature in zip(coins, signatures):
            script = signature_script(signature, self.key(request.account, coin.path).public().key)
            parts += u64((1 << 64) - 1), u32(0), u32(0xFFFFFFFF), varint(len(script)), script
        return b"".join(parts)

    def hash_at(self, request: Request, path: Path) -> bytes:
        """Hash a public key of the request's account."""
        return self.key(request.account, path).public().hash160()

    def _sign_tx(self, request: Request, tx: Tx, coins: list[Coin]) -> list[Signature]:
        """Sign every input of a transaction."""
        signatures = []
        for number, coin in enumerate(coins):
            witness = blake256(witness_message(len(coins), number, coin.script))
            digest = blake256(u32(1) + tx.id() + witness)
            signatures.append(sign(self.key(request.account, coin.path).secret, digest))
        return signatures

    def _judge_coins(self, request: Request) -> None:
        """Refuse coins that are named twice or are not the account's."""
        places = {(coin.id, coin.output) for coin in request.coins}
        require(len(places) == len(request.coins), "input-duplicate")
        for coin in request.coins:
            require(coin.key_hash() == self.hash_at(request, coin.path), "input-not-ours")

    def _judge_voter(self, voter: Voter, accounts: tuple[int, ...]) -> None:
        """Refuse a voter two accounts of which are one, or one of which gives a spending account away."""
        keys = {voter.voting.key, voter.alt_sign.key, voter.purse.key}
        require(len(keys) == 3, "voter-accounts-not-distinct")
        for account in {*self.accounts, *range(GUARDED_ACCOUNTS), *accounts}:
            require(keys.isdisjoint(self._spending_keys(account)), "voter-is-spending-account")

    def _spending_keys(self, account: int) -> set[bytes]:
        """Derive the public keys of an account and of its branches once."""
        if account not in self._spending:
            public = self.coin.child(HARDENED + account).public()
            self._spending[account] = {public.key, public.child(0).key, public.child(1).key}
        return self._spending[account]

    def _voter(self, request: Request, fingerprint: bytes) -> Voter:
        """Find a voter that was registered, or that is the account's own one."""
        for generation in self.generations:
            own = self.own_voter(request.account, generation)
            if own.fingerprint(self.network) == fingerprint:
                return own
        require(fingerprint in self.voters, "voter-unknown")
        self._judge_voter(self.voters[fingerprint], (request.account,))
        return self.voters[fingerprint]

    def _settle(self, request: Request, plan: Plan, outputs: list[TxOutput]) -> None:
        """Add the change, if there is any, and make the split or send."""
        paid = checked_sum(*(output.value for output in outputs))
        total = checked_sum(*(coin.value for coin in request.coins))
        change_script = key_hash_script(self.hash_at(request, (1, request.first_internal)))
        with_change = [*outputs, TxOutput(0, change_script)]
        plan.size = size_of(len(request.coins), with_change)
        plan.fee = fee_of(request.fee_rate, plan.size)
        plan.change = total - paid - plan.fee
        if plan.change >= DUST:
            outputs = [*outputs, TxOutput(plan.change, change_script)]
        else:
            plan.size = size_of(len(request.coins), outputs)
            plan.fee, plan.change = total - paid, 0
            require(plan.fee >= fee_of(request.fee_rate, plan.size), "funds-short")
        self._spend(request, plan, outputs)

    def _sweep(self, request: Request, plan: Plan, outputs: list[TxOutput]) -> None:
        """Let the last output take what is left, and make the send."""
        paid = checked_sum(*(output.value for output in outputs))
        total = checked_sum(*(coin.value for coin in request.coins))
        plan.size = size_of(len(request.coins), outputs)
        plan.fee = fee_of(request.fee_rate, plan.size)
        rest = total - paid - plan.fee
        require(rest >= 0, "funds-short")
        require(outputs != [] and outputs[-1].value == 0, "not-canonical")
        self._spend(request, plan, [*outputs[:-1], TxOutput(rest, outputs[-1].script)])

    def _spend(self, request: Request, plan: Plan, outputs: list[TxOutput]) -> None:
        """Make the split or send of settled outputs."""
        inputs = tuple(TxInput(coin.id, coin.output, coin.tree) for coin in request.coins)
        plan.coins = request.coins
        plan.spend = Tx(inputs, tuple(outputs), 0)

    def _ticket(self, coin: Coin, amount: int, voting: bytes, commitment: bytes, expiry: int) -> Tx:
        """Build a ticket."""
        outputs = (
            TxOutput(amount, b"\xba" + key_hash_script(voting)),
            TxOutput(0, b"\x6a\x1e" + commitment + u64(coin.value) + b"\x00\x4e"),
            TxOutput(0, b"\xbd" + key_hash_script(bytes(20))),
        )
        return Tx((TxInput(coin.id, coin.output, coin.tree),), outputs, expiry)

    def _registration(self, request: Request, voter: Voter, number: int, ticket: Tx, path: Path) -> Registration:
        """Write the message that registers a ticket."""
        alt_sign = voter.alt_sign.path(0, request.voter[1] + number).hash160()
        prefix = ticket.prefix().hex()
        message = (
            f'{{"timestamp":{request.tip_time},"tickethash":"{ticket.id()[::-1].hex()}","tickethex":"{prefix}",'
            f'"parenthex":"{prefix}","altsignaddress":"{address(KEY_HASH_PREFIXES[self.network], alt_sign)}"}}'
        )
        return Registration(message, path)

    def _plan_purchase(self, request: Request) -> Plan:
        """Build the split, the tickets and the messages of a purchase."""
        limits, count, first = self.limits, request.tickets, request.first_internal
        require(count > 0, "tickets-zero")
        require(count <= limits.tickets, "tickets-above-limit")
        require(request.amount > 0, "amount-zero")
        require(request.fee_rate >= RELAY_RATE, "fee-rate-below-relay")
        require(request.fee_rate <= limits.fee_rate, "fee-above-limit")
        require(request.expiry > 0, "expiry-missing")
        require(request.expiry > request.tip_height, "expiry-not-after-claim")
        require(request.expiry <= request.tip_height + limits.blocks, "expiry-too-far")
        if request.purse:
            require(request.purse[0] >= DUST, "purse-dust")
            require(request.purse[0] <= limits.purse, "purse-above-limit")
        self._judge_coins(request)
        plan = Plan(ticket_fee=fee_of(request.fee_rate, TICKET_SIZE))
        require(plan.ticket_fee <= limits.fee, "fee-above-limit")
        voter = self._voter(request, request.voter[0]) if request.voter else None

        price = request.amount + plan.ticket_fee
        if request.direct_or_sweep:
            plan.ticket_coins = request.coins
            require(len(request.coins) >= count, "direct-value-short")
            require(len(request.coins) == count, "not-canonical")
            checked_amount(price)
            require(all(coin.value >= price for coin in request.coins), "direct-value-short")
        else:
            paths = [(1, first + 1 + 2 * i) for i in range(count)]
            outputs = [TxOutput(price, key_hash_script(self.hash_at(request, path))) for path in paths]
            if voter and request.purse:
                script = key_hash_script(voter.purse.path(0, request.purse[1]).hash160())
                outputs.append(TxOutput(request.purse[0], script))
            self._settle(request, plan, outputs)
            require(price >= DUST, "dust-output")
            require(plan.fee <= limits.fee, "fee-above-limit")
            split = plan.spend.id()
            plan.ticket_coins = [Coin(split, i, 0, price, outputs[i].script, path) for i, path in enumerate(paths)]

        amounts = [coin.value - plan.ticket_fee for coin in plan.ticket_coins]
        for amount in amounts:
            require(amount <= limits.amount, "amount-above-limit")
            require(amount * 10000 <= request.price * (10000 + limits.headroom), "headroom-above-limit")
        require(checked_sum(*amounts) <= limits.total, "total-above-limit")

        for i, (coin, amount) in enumerate(zip(plan.ticket_coins, amounts)):
            path = (1, first + i) if request.direct_or_sweep else (1, first + 2 + 2 * i)
            voting = voter.voting.path(0, request.voter[1] + i).hash160() if voter else request.voting_hashes[i]
            ticket = self._ticket(coin, amount, voting, self.hash_at(request, path), request.expiry)
            plan.tickets.append(ticket)
            if voter:
                plan.registrations.append(self._registration(request, voter, i, ticket, path))
        return plan

    def _plan_send(self, request: Request) -> Plan:
        """Build a send."""
        require(request.fee_rate >= RELAY_RATE, "fee-rate-below-relay")
        require(request.fee_rate <= self.limits.fee_rate, "fee-above-limit")
        self._judge_coins(request)
        outputs = []
        for output in request.outputs:
            if output.kind == TO_SCRIPT:
                script = script_hash_script(output.to)
            elif output.kind == TO_KEY:
                script = key_hash_script(output.to)
            else:
                purse = self._voter(request, output.to).purse
                script = key_hash_script(purse.path(0, output.index).hash160())
            outputs.append(TxOutput(output.atoms, script))

        plan = Plan()
        if request.direct_or_sweep:
            self._sweep(request, plan, outputs)
        else:
            self._settle(request, plan, outputs)
        paid = plan.spend.outputs
        require(paid != (), "funds-short")
        for output in paid:
            require(output.value > 0, "amount-zero")
            require(output.value >= DUST, "dust-output")
        require(plan.fee <= self.limits.fee, "fee-above-limit")
        return plan

    def _plan_register(self, request: Request) -> Plan:
        """Write the messages for tickets that were bought before."""
        require(request.paths != [], "tickets-zero")
        require(len(request.paths) <= self.limits.tickets, "tickets-above-limit")
        voter = self._voter(request, request.voter[0])
        plan = Plan()
        for i, (path, prefix) in enumerate(zip(request.paths, request.ticket_prefixes)):
            ticket, commitment = read_ticket(prefix)
            require(commitment == (TO_KEY, self.hash_at(request, path)), "commitment-not-ours")
            plan.registrations.append(self._registration(request, voter, i, ticket, path))
        return plan
