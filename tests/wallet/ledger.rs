//! What an account owns, worked out from whole blocks as plainly as possible: no filters, no database, no undoing.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use dcrcold::wallet::{AccountKeys, Balance, Coin, CoinState, Ending, Ticket, TicketState, Wallet};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Hash160, TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Branch, Index, KeyPath};
use dcrcold_core::script::{Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::block::Block;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind};

use crate::chain::amount;
use crate::fixture::export;

const COINBASE_MATURITY: u32 = 16;
const TICKET_MATURITY: u32 = 16;
const TICKET_EXPIRY: u32 = 384;

/// A transaction where it is.
struct Placed<'a> {
    tx: &'a Transaction,
    id: TxId,
    kind: TxKind,
    tree: Tree,
    height: Option<Height>,
}

/// A request that may keep coins from being spent otherwise.
#[derive(Clone, Debug)]
pub struct Lock {
    pub id: TransferId,
    /// The coins that it spends.
    pub coins: Vec<OutPoint>,
    /// What it means to send.
    pub txs: HashSet<TxId>,
    /// Where it can no longer be carried out, if its tickets spend the coins themselves.
    pub direct_until: Option<Height>,
}

/// All that an account owns.
#[derive(Debug, PartialEq, Eq)]
pub struct Owned {
    pub height: Height,
    pub coins: Vec<Coin>,
    pub tickets: Vec<Ticket>,
    pub balance: Balance,
}

impl Owned {
    /// What a wallet says, in the same order.
    pub fn by(wallet: &Wallet) -> Self {
        let (mut coins, mut tickets) = (wallet.coins().unwrap(), wallet.tickets().unwrap());
        coins.sort_by_key(|coin| coin.outpoint);
        tickets.sort_by_key(|ticket| ticket.id);
        let (history, balance) = (wallet.history().unwrap(), wallet.balance().unwrap());
        assert_eq!(history.last().map(|entry| entry.balance).unwrap_or_default(), balance.total());
        Self { height: wallet.height().unwrap(), coins, tickets, balance }
    }

    /// Stops the test unless this is what was expected, and says what differs.
    pub fn must_be(&self, expected: &Self, context: &str) {
        if self == expected {
            return;
        }
        differ("coin", &self.coins, &expected.coins);
        differ("ticket", &self.tickets, &expected.tickets);
        println!(
            "found    {:?} {:?}\nexpected {:?} {:?}",
            self.height, self.balance, expected.height, expected.balance
        );
        panic!("{context}: the wallet differs from the chain");
    }
}

fn differ<T: PartialEq + std::fmt::Debug>(what: &str, found: &[T], expected: &[T]) {
    for too_many in found.iter().filter(|thing| !expected.contains(thing)) {
        println!("found    {what} {too_many:?}");
    }
    for missing in expected.iter().filter(|thing| !found.contains(thing)) {
        println!("expected {what} {missing:?}");
    }
}

/// External and internal addresses of the account, more than any test uses; made once.
static ADDRESSES: LazyLock<HashMap<Hash160, KeyPath>> = LazyLock::new(|| {
    let export = export(7);
    let keys = AccountKeys::new(Network::Simnet, export.account, &export.key).unwrap();
    let paths =
        |branch, count| (0..count).map(move |index: u32| KeyPath { branch, index: Index::new(index.into()).unwrap() });
    let paths = paths(Branch::External, 262).chain(paths(Branch::Internal, 400));
    paths.map(|path| (keys.hash(path).unwrap(), path)).collect()
});

/// The addresses of an account, as far as they are meant to be known.
pub struct Ledger {
    /// So many external ones, and all internal ones.
    pub external: u32,
}

impl Ledger {
    /// What is owned after `blocks`, which begin with block 1, and while `pending` waits to be mined.
    pub fn owned(&self, blocks: &[&Block], pending: &[&Transaction], locks: &[Lock]) -> Owned {
        let placed = place(blocks, pending);
        let height = Height(u32::try_from(blocks.len()).unwrap());
        let own: Vec<Coin> = placed.iter().flat_map(|it| self.outputs(it)).collect();
        let spent: HashMap<(TxId, u32), &Placed> = placed
            .iter()
            .flat_map(|it| it.tx.inputs.iter().map(move |input| ((input.previous.id, input.previous.index), it)))
            .collect();
        let points: HashSet<OutPoint> = own.iter().map(|coin| coin.outpoint).collect();
        let mut tickets: Vec<Ticket> = placed
            .iter()
            .filter(|it| it.kind == TxKind::Ticket)
            .filter_map(|it| self.ticket(it, &points, spent.get(&(it.id, 0)).copied()))
            .collect();
        tickets.sort_by_key(|ticket| ticket.id);
        let unspent = own.into_iter().filter(|coin| !spent.contains_key(&(coin.outpoint.id, coin.outpoint.index)));
        let alive: Vec<&Lock> = locks.iter().filter(|lock| is_alive(lock, &spent, height)).collect();
        // A branch that makes expired tickets valid again may leave a coin to two requests.
        let lock = |coin: &OutPoint| {
            let locks = alive.iter().filter(|lock| lock.coins.contains(coin)).map(|lock| lock.id);
            locks.min_by_key(|id| *id.as_bytes())
        };
        let mut coins: Vec<Coin> = unspent.map(|coin| Coin { locked_by: lock(&coin.outpoint), ..coin }).collect();
        coins.sort_by_key(|coin| coin.outpoint);
        let balance = balance(&coins, &tickets, height);
        Owned { height, coins, tickets, balance }
    }

    /// The transactions that happened in `blocks`.
    pub fn happened(blocks: &[&Block]) -> HashSet<TxId> {
        place(blocks, &[]).iter().map(|placed| placed.id).collect()
    }

    fn payee(&self, payee: &Payee) -> Option<KeyPath> {
        let path = ADDRESSES.get(payee.hash()).filter(|_| !payee.is_script())?;
        let known = path.branch == Branch::Internal || path.index.number() < self.external;
        known.then_some(*path)
    }

    fn outputs<'a>(&'a self, placed: &'a Placed<'a>) -> impl Iterator<Item = Coin> + 'a {
        (0..).zip(&placed.tx.outputs).filter_map(move |(index, output)| {
            let payment = Payment::recognise(&output.script)?;
            let voting = payment.tag == Some(StakeTag::Submission);
            if voting || payment.tag.is_some() != (placed.tree == Tree::Stake) || output.value.0 == 0 {
                return None;
            }
            Some(Coin {
                outpoint: OutPoint { id: placed.id, index, tree: placed.tree },
                value: output.value.amount().unwrap(),
                path: self.payee(&payment.payee)?,
                tag: payment.tag,
                kind: placed.kind,
                height: placed.height,
                maturity: maturity(placed, payment.tag),
                locked_by: None,
                frozen: false,
            })
        })
    }

    fn ticket(&self, placed: &Placed<'_>, own: &HashSet<OutPoint>, end: Option<&Placed<'_>>) -> Option<Ticket> {
        let outputs = &placed.tx.outputs;
        let commitments = outputs.iter().skip(1).step_by(2);
        let commitments: Vec<_> = commitments.map(|output| Commitment::recognise(&output.script).unwrap()).collect();
        let ours = |commitment: &&Commitment| self.payee(&commitment.payee).is_some();
        let funded = placed.tx.inputs.iter().any(|input| own.contains(&input.previous));
        if !funded && !commitments.iter().any(|commitment| ours(&commitment)) {
            return None;
        }
        let sum = |amounts: &mut dyn Iterator<Item = Amount>| amount(amounts.map(Amount::atoms).sum());
        Some(Ticket {
            id: placed.id,
            price: outputs[0].value.amount().unwrap(),
            committed: sum(&mut commitments.iter().filter(ours).map(|commitment| commitment.amount)),
            committed_by_all: sum(&mut commitments.iter().map(|commitment| commitment.amount)),
            voting: Payment::recognise(&outputs[0].script).unwrap().payee,
            reward_path: commitments.iter().find_map(|commitment| self.payee(&commitment.payee)),
            height: placed.height,
            ending: end.map(|end| self.ending(placed, end)),
        })
    }

    fn ending(&self, ticket: &Placed<'_>, end: &Placed<'_>) -> Ending {
        let lived = end.height.unwrap().0 - ticket.height.unwrap().0;
        let how = match end.kind {
            TxKind::Vote => TicketState::Voted,
            TxKind::Revocation if lived >= TICKET_MATURITY + TICKET_EXPIRY => TicketState::Expired,
            TxKind::Revocation => TicketState::Missed,
            other => panic!("a ticket was spent by a {other:?}"),
        };
        let paid = self.outputs(end).map(|coin| coin.value.atoms()).sum();
        Ending { id: end.id, how, height: end.height, paid: amount(paid) }
    }
}

/// The transactions that happened: those of every block but the regular ones that the next block disapproves of.
fn place<'a>(blocks: &[&'a Block], pending: &[&'a Transaction]) -> Vec<Placed<'a>> {
    let mut placed = Vec::new();
    let mut put = |tx: &'a Transaction, tree, height| {
        placed.push(Placed { tx, id: tx.id(), kind: tx.kind(), tree, height });
    };
    for (position, block) in blocks.iter().enumerate() {
        let height = Some(block.header.height);
        let judge = blocks.get(position + 1);
        if judge.is_none_or(|judge| judge.header.vote_bits & 1 == 1) {
            block.transactions.iter().for_each(|tx| put(tx, Tree::Regular, height));
        }
        block.stake_transactions.iter().for_each(|tx| put(tx, Tree::Stake, height));
    }
    for tx in pending {
        let tree = if tx.kind() == TxKind::Ticket { Tree::Stake } else { Tree::Regular };
        put(tx, tree, None);
    }
    placed
}

/// Whether a request can still be carried out, as far as the chain tells.
fn is_alive(lock: &Lock, spent: &HashMap<(TxId, u32), &Placed<'_>>, tip: Height) -> bool {
    if let Some(until) = lock.direct_until {
        return tip.0 + 1 < until.0;
    }
    let taken = |coin: &OutPoint| {
        let spender = spent.get(&(coin.id, coin.index));
        spender.is_some_and(|spender| spender.height.is_some() && !lock.txs.contains(&spender.id))
    };
    !lock.coins.iter().any(taken)
}

fn maturity(placed: &Placed<'_>, tag: Option<StakeTag>) -> u32 {
    match (placed.kind, tag) {
        (TxKind::Coinbase | TxKind::Vote | TxKind::Revocation, _) => COINBASE_MATURITY,
        _ if placed.tx.expiry != 0 => COINBASE_MATURITY,
        (_, Some(StakeTag::Change)) => 1,
        _ => 0,
    }
}

fn balance(coins: &[Coin], tickets: &[Ticket], tip: Height) -> Balance {
    let sum = |state: fn(&CoinState) -> bool| {
        amount(coins.iter().filter(|coin| state(&state_of(coin, tip))).map(|coin| coin.value.atoms()).sum())
    };
    let running = tickets.iter().filter(|ticket| ticket.ending.is_none());
    Balance {
        spendable: sum(|state| *state == CoinState::Spendable),
        locked_by_requests: sum(|state| *state == CoinState::Locked),
        frozen: sum(|state| *state == CoinState::Frozen),
        immature: sum(|state| matches!(state, CoinState::Immature { .. })),
        locked_by_tickets: amount(running.map(share).sum()),
        unconfirmed: sum(|state| *state == CoinState::Unconfirmed),
    }
}

/// What can be done with a coin, by what a block after `tip` may spend.
pub fn state_of(coin: &Coin, tip: Height) -> CoinState {
    let Some(height) = coin.height else { return CoinState::Unconfirmed };
    let spendable_at = Height(height.0 + coin.maturity.max(1));
    if spendable_at.0 > tip.0 + 1 {
        CoinState::Immature { spendable_at }
    } else if coin.locked_by.is_some() {
        CoinState::Locked
    } else {
        CoinState::Spendable
    }
}

fn share(ticket: &Ticket) -> u64 {
    let all = u128::from(ticket.committed_by_all.atoms());
    u64::try_from(u128::from(ticket.price.atoms()) * u128::from(ticket.committed.atoms()) / all).unwrap()
}
