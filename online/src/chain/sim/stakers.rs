//! The network's own wallet: it takes the coins of the ledger, keeps the ticket pool healthy, votes with its own tickets
//! and hands out coins. Its keys follow from the seed of the network and have nothing to do with any user.

use blake256::blake256;
use dcrcold_core::amount::{Amount, FeeRate, Size};
use dcrcold_core::fees::TICKET_SIZE;
use dcrcold_core::hash::{Hash160, SIGHASH_ALL, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::script::{COMMITMENT_LIMITS, Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::key::{PrivateKey, PublicKey};
use dcrcold_signer::stake::subsidy::vote_subsidy;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::{Ballot, TICKET_INPUT, VoteBits, unsigned_vote};
use dcrcold_signer::tx::{OutPoint, Transaction, TxIn, TxOut, signature_hash, signature_script};

use super::chain::{Chain, Signatures};
use super::coins::Coin;
use super::genesis::{LEDGER_AMOUNT, LEDGER_KEYS};
use super::mempool::Mempool;
use super::params::{SIMNET, VOTE_VERSION};
use super::spend;
use super::violation::{Rule, Violation};

/// What separates these keys from all others made of the same seed.
const KEY_LABEL: &[u8] = b"dcrcold embedded network";
/// The tickets, live and immature, that are bought before voting begins. More than aimed at, so that the price rises to
/// some DCR before it settles.
const TICKETS_BEFORE_VOTING: u32 = 800;
/// The coins that the ledger is split into: enough for a block full of tickets, and some.
const COINS: u32 = 30;
/// What makes up the estimated size of a payment.
const INPUT_SIZE: u32 = 166;
const OUTPUT_SIZE: u32 = 36;
const TX_OVERHEAD: u32 = 15;

/// A key with what is asked of it again and again.
struct Key {
    private: PrivateKey,
    public: PublicKey,
    hash: Hash160,
}

impl Key {
    fn new(private: PrivateKey) -> Self {
        let public = private.public_key();
        Self { private, public, hash: public.hash() }
    }

    /// The key number `number` of a seed. A hash that is no key is hashed on, which never happens.
    fn derive(seed: u64, number: u8) -> Self {
        let mut secret = blake256(&[KEY_LABEL, &seed.to_le_bytes(), &[number]].concat());
        loop {
            match PrivateKey::from_bytes(&secret) {
                Ok(key) => return Self::new(key),
                Err(_) => secret = blake256(&secret),
            }
        }
    }

    /// The script that pays the key, behind a stake opcode or not.
    fn script(&self, tag: Option<StakeTag>) -> Vec<u8> {
        Payment { tag, payee: Payee::KeyHash(self.hash) }.script().as_bytes().to_vec()
    }

    /// Signs an input of `tx` that spends an output with `script`.
    fn sign(&self, tx: &mut Transaction, position: usize, script: &[u8]) {
        let digest = signature_hash(tx, position, script, SIGHASH_ALL);
        let digest = digest.expect("the input exists, and hash type ALL needs no output");
        tx.inputs[position].signature_script = signature_script(&self.private.sign(&digest), &self.public);
    }
}

/// The wallet.
pub(super) struct Stakers {
    /// Holds the coins.
    coins: Key,
    /// Votes.
    voting: Key,
    /// Hold the coins of block 1.
    ledger: Vec<Key>,
}

impl Stakers {
    /// The wallet of a seed.
    pub(super) fn new(seed: u64) -> Self {
        let ledger = LEDGER_KEYS.iter().filter_map(|key| PrivateKey::from_bytes(key).ok()).map(Key::new).collect();
        Self { coins: Key::derive(seed, 0), voting: Key::derive(seed, 1), ledger }
    }

    /// The scripts of all coins that the wallet can spend.
    pub(super) fn scripts(&self) -> Vec<Vec<u8>> {
        let tags = [None, Some(StakeTag::Vote), Some(StakeTag::Revocation), Some(StakeTag::Change)];
        let own = tags.into_iter().map(|tag| self.coins.script(tag));
        own.chain(self.ledger.iter().map(|key| key.script(None))).collect()
    }

    /// The script that coinbases pay.
    pub(super) fn coinbase_script(&self) -> Vec<u8> {
        self.coins.script(None)
    }

    /// Whether the wallet votes with a ticket.
    pub(super) fn votes_with(&self, ticket: &Ticket) -> bool {
        ticket.voting == Payee::KeyHash(self.voting.hash)
    }

    /// Sends what the wallet has to say before the next block: votes, tickets, and once the coins of the ledger.
    pub(super) fn act(&self, chain: &Chain, mempool: &mut Mempool, approve: bool) -> Vec<TxId> {
        let mut sent = Vec::new();
        let mut txs = self.votes(chain, approve);
        txs.extend(self.spread(chain, mempool));
        txs.extend(self.tickets(chain, mempool));
        for tx in txs {
            // Only what is there already is refused, after a block was undone.
            sent.extend(mempool.accept(chain, &tx, Signatures::Trusted));
        }
        sent
    }

    /// A payment of `amount` to `script` from the wallet's coins.
    pub(super) fn pay(
        &self,
        chain: &Chain,
        mempool: &Mempool,
        script: &[u8],
        amount: Amount,
    ) -> Result<Transaction, Violation> {
        let mut inputs = Vec::new();
        let mut sum = Amount::ZERO;
        for (outpoint, coin) in spendable(chain, mempool) {
            let fee = payment_fee(inputs.len() + 1, 2);
            sum = sum.checked_add(coin.value).unwrap_or(sum);
            inputs.push((outpoint, coin));
            let needed = amount.checked_add(fee).unwrap_or(amount);
            if let Some(change) = sum.checked_sub(needed) {
                let outputs = vec![TxOut::new(amount, script), TxOut::new(change, &self.coins.script(None))];
                return Ok(self.payment(&inputs, outputs));
            }
        }
        Err(Rule::SpendTooHigh
            .broken(format!("the network's wallet can spend {sum}, {amount} and a fee are asked for")))
    }

    /// The votes of the wallet's tickets on the tip.
    fn votes(&self, chain: &Chain, approve: bool) -> Vec<Transaction> {
        let tip = chain.headers().tip();
        let (block, height) = (tip.id, tip.header.height);
        let bits = VoteBits::new(if approve { VoteBits::APPROVE } else { 0 }, VOTE_VERSION);
        let ballot = Ballot { block, height, bits, treasury: Vec::new() };
        let tickets = chain.draw().winners.iter().filter_map(|id| chain.ticket(id));
        let own = tickets.filter(|ticket| self.votes_with(ticket));
        let vote = |ticket: &Ticket| {
            let mut vote = unsigned_vote(ticket, &ballot, vote_subsidy(Network::Simnet, height)).ok()?;
            self.voting.sign(&mut vote, TICKET_INPUT, &self.voting.script(Some(StakeTag::Submission)));
            Some(vote)
        };
        own.filter_map(|ticket| vote(&ticket)).collect()
    }

    /// Splits the coins of the ledger into many, once they can be spent.
    fn spread(&self, chain: &Chain, mempool: &Mempool) -> Option<Transaction> {
        // No other coins of the wallet are as large.
        let inputs: Vec<_> = spendable(chain, mempool).take_while(|(_, coin)| coin.value == LEDGER_AMOUNT).collect();
        let fee = payment_fee(inputs.len(), COINS);
        let sum = Amount::checked_sum(inputs.iter().map(|(_, coin)| coin.value))?.checked_sub(fee)?;
        let each = Amount::from_atoms(sum.atoms() / u64::from(COINS)).ok()?;
        let outputs = (0..COINS).map(|_| TxOut::new(each, &self.coins.script(None))).collect();
        Some(self.payment(&inputs, outputs))
    }

    /// The tickets that the wallet buys in the next block.
    fn tickets(&self, chain: &Chain, mempool: &Mempool) -> Vec<Transaction> {
        let price = chain.headers().next_price();
        let fee = FeeRate::RELAY_MINIMUM.fee(TICKET_SIZE).unwrap_or(Amount::ZERO);
        let Some(needed) = price.checked_add(fee) else { return Vec::new() };
        // Larger coins come first, so all that follow one that is too small are too small as well.
        let coins = spendable(chain, mempool).take_while(|(_, coin)| coin.value >= needed);
        let ticket = |(outpoint, coin): (OutPoint, Coin)| {
            let change = coin.value.checked_sub(needed)?;
            Some(self.ticket(outpoint, &coin, price, needed, change))
        };
        coins.filter_map(ticket).take(wanted(chain, mempool)).collect()
    }

    fn ticket(&self, outpoint: OutPoint, coin: &Coin, price: Amount, committed: Amount, change: Amount) -> Transaction {
        let payee = Payee::KeyHash(self.coins.hash);
        let commitment = Commitment { payee, amount: committed, limits: COMMITMENT_LIMITS };
        let change_payee = if change == Amount::ZERO { Payee::KeyHash(Hash160::ZERO) } else { payee };
        let change_script = Payment { tag: Some(StakeTag::Change), payee: change_payee }.script();
        let outputs = vec![
            TxOut::new(price, &self.voting.script(Some(StakeTag::Submission))),
            TxOut::new(Amount::ZERO, commitment.script().as_bytes()),
            TxOut::new(change, change_script.as_bytes()),
        ];
        self.payment(&[(outpoint, coin.clone())], outputs)
    }

    /// A transaction that spends own coins, signed.
    fn payment(&self, inputs: &[(OutPoint, Coin)], outputs: Vec<TxOut>) -> Transaction {
        let unsigned = inputs.iter().map(|(outpoint, coin)| TxIn::unsigned(*outpoint, coin.value.into())).collect();
        let mut tx = Transaction { version: 1, inputs: unsigned, outputs, lock_time: 0, expiry: 0 };
        for (position, (_, coin)) in inputs.iter().enumerate() {
            let script = &coin.output.script;
            let key = self.ledger.iter().find(|key| key.script(None) == *script).unwrap_or(&self.coins);
            key.sign(&mut tx, position, script);
        }
        tx
    }
}

/// The wallet's coins that the next block may spend, the most valuable first.
fn spendable<'a>(chain: &'a Chain, mempool: &'a Mempool) -> impl Iterator<Item = (OutPoint, Coin)> + 'a {
    let ripe = |coin: &Coin| spend::is_ripe(coin, chain.headers().next_height());
    let coins = chain.coins().own().filter(move |(outpoint, coin)| ripe(coin) && !mempool.spends(outpoint));
    coins.map(|(outpoint, coin)| (outpoint, coin.clone()))
}

/// How many tickets keep the pool where it should be, and fit beside those of others.
fn wanted(chain: &Chain, mempool: &Mempool) -> usize {
    let next = chain.headers().next_height().0;
    let room = SIMNET.max_tickets_per_block.saturating_sub(mempool.tickets());
    let tickets = chain.pool().size() + chain.headers().immature_tickets();
    let target = SIMNET.tickets_per_block * (SIMNET.ticket_pool_size + SIMNET.ticket_maturity);
    let wanted = if next < SIMNET.stake_enabled_height {
        0
    } else if next < SIMNET.stake_validation_height {
        TICKETS_BEFORE_VOTING.saturating_sub(tickets)
    } else if tickets <= target {
        SIMNET.tickets_per_block
    } else {
        0
    };
    usize::try_from(wanted.min(room)).unwrap_or_default()
}

fn payment_fee(inputs: usize, outputs: u32) -> Amount {
    let inputs = u32::try_from(inputs).unwrap_or(u32::MAX);
    let size = TX_OVERHEAD
        .saturating_add(INPUT_SIZE.saturating_mul(inputs))
        .saturating_add(OUTPUT_SIZE.saturating_mul(outputs));
    FeeRate::RELAY_MINIMUM.fee(Size(size)).unwrap_or(Amount::ZERO)
}
