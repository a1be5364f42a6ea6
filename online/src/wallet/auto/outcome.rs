//! What a finished request does, read off the transactions that it leads to, and not off what it was made from.

use std::collections::{HashMap, HashSet};

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::Hash160;
use dcrcold_core::path::{Branch, KeyPath, VoterAccount};
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::transfer::Voting;
use dcrcold_signer::tx::{OutPoint, Transaction, TxOut};
use dcrcold_signer::voter::VoterKeys;
use rusqlite::Connection;

use super::super::account::AccountKeys;
use super::super::coins::{Coin, unspent};
use super::super::purchase::{Made, PurchaseError};
use super::super::{CoinId, WalletError};
use super::rule::Breach;

/// What a request does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What each ticket locks.
    pub locked: Vec<Amount>,
    /// What neither the tickets lock nor returns: fees, and what a purse gets.
    pub elsewhere: Amount,
    /// What can be spent besides, once what returns was mined.
    pub left: Amount,
}

/// Reads outcomes with the keys of the account and of the voter that the rule names.
pub(super) struct Reader<'a> {
    pub(super) account: &'a AccountKeys,
    pub(super) voter: &'a VoterKeys,
    /// The last block.
    pub(super) tip: Height,
}

impl Reader<'_> {
    /// Reads what a request leads to, of which nothing is locked yet.
    pub(super) fn read(&self, db: &Connection, made: &Made) -> Result<Outcome, PurchaseError> {
        let spendable: HashMap<CoinId, Amount> = unspent(db)?.iter().filter_map(|coin| self.spendable(coin)).collect();
        let internal = self.internal(made)?;
        let (split, tickets) = made.transactions.split_first().ok_or(damaged("a purchase without transactions"))?;
        let (mut locked, mut used) = (Vec::with_capacity(tickets.len()), HashSet::new());
        for (position, tx) in tickets.iter().enumerate() {
            let (part, price) = self.ticket(tx, position, made, &internal)?;
            if part.id != split.id() || !used.insert(part.index) {
                return Err(otherwise(position, "spends something else than its part of the split"));
            }
            locked.push(price);
        }
        let rest = (0..).zip(&split.outputs).filter(|(index, _)| !used.contains(index));
        let returned: Vec<_> = rest.filter_map(|(_, output)| to_account(output, &internal)).collect();
        let spent = spent(split, &spendable)?;
        let sums = || {
            let (returned, all) = (Amount::checked_sum(returned)?, Amount::checked_sum(spendable.values().copied())?);
            let elsewhere = spent.checked_sub(returned)?.checked_sub(Amount::checked_sum(locked.iter().copied())?)?;
            Some((elsewhere, all.checked_sub(spent)?.checked_add(returned)?))
        };
        let (elsewhere, left) = sums().ok_or(damaged("a purchase that pays more than it spends"))?;
        Ok(Outcome { locked, elsewhere, left })
    }

    /// A coin that a request may spend now, and what it is worth.
    fn spendable(&self, coin: &Coin) -> Option<(CoinId, Amount)> {
        coin.is_input(self.tip).then(|| (coin.outpoint.into(), coin.value))
    }

    /// The keys of the account that the request may pay: change, and a reward each ticket.
    fn internal(&self, made: &Made) -> Result<HashSet<Hash160>, PurchaseError> {
        let count = u32::try_from(made.transactions.len()).unwrap_or(u32::MAX).saturating_mul(2);
        let indexes = (0..count).map_while(|more| made.request.first_internal.plus(more));
        let hash = |index| self.account.hash(KeyPath { branch: Branch::Internal, index });
        Ok(indexes.map(hash).collect::<Result<_, _>>().map_err(WalletError::from)?)
    }

    /// What a ticket spends and what it locks, once it is seen that it returns to the account and that the right voter
    /// votes.
    fn ticket(
        &self,
        tx: &Transaction,
        position: usize,
        made: &Made,
        internal: &HashSet<Hash160>,
    ) -> Result<(OutPoint, Amount), PurchaseError> {
        let ticket = Ticket::read(tx).map_err(|_| otherwise(position, "is no ticket"))?;
        let ([input], [share]) = (tx.inputs.as_slice(), ticket.shares.as_slice()) else {
            return Err(otherwise(position, "has more than one input"));
        };
        if !matches!(share.commitment.payee, Payee::KeyHash(hash) if internal.contains(&hash)) {
            return Err(otherwise(position, "returns to somebody else"));
        }
        if ticket.voting != self.voting(position, made)? {
            return Err(otherwise(position, "lets somebody else vote"));
        }
        if tx.expiry != made.prepared.expiry.0 {
            return Err(otherwise(position, "has another expiry than the request"));
        }
        Ok((input.previous, ticket.price))
    }

    /// Who has to vote with a ticket.
    fn voting(&self, position: usize, made: &Made) -> Result<Payee, PurchaseError> {
        let Voting::Voter { first, .. } = made.request.voting else {
            return Err(otherwise(position, "lets somebody else vote"));
        };
        let index = u32::try_from(position).ok().and_then(|more| first.plus(more));
        let index = index.ok_or(PurchaseError::NoIndexLeft)?;
        Ok(Payee::KeyHash(self.voter.hash(VoterAccount::Voting, index).map_err(WalletError::from)?))
    }
}

/// What the split spends, each coin one of those that can be.
fn spent(split: &Transaction, spendable: &HashMap<CoinId, Amount>) -> Result<Amount, PurchaseError> {
    let mut sum = Amount::ZERO;
    for input in &split.inputs {
        let coin = CoinId::from(input.previous);
        let value = spendable.get(&coin).ok_or(Breach::Coin { coin })?;
        sum = sum.checked_add(*value).ok_or(damaged("coins worth more than all that exist"))?;
    }
    Ok(sum)
}

/// What an output returns to the account.
fn to_account(output: &TxOut, internal: &HashSet<Hash160>) -> Option<Amount> {
    match Payment::recognise(&output.script)? {
        Payment { tag: None, payee: Payee::KeyHash(hash) } if internal.contains(&hash) => output.value.amount().ok(),
        _ => None,
    }
}

fn otherwise(position: usize, what: &'static str) -> PurchaseError {
    Breach::Ticket { ticket: position + 1, what }.into()
}

fn damaged(what: &str) -> WalletError {
    WalletError::Damaged { what: what.into() }
}

#[cfg(test)]
mod tests {
    use dcrcold_core::fees::TICKET_SIZE;
    use dcrcold_core::script::{COMMITMENT_LIMITS, Commitment, StakeTag};
    use dcrcold_signer::percent::Percent;

    use super::super::super::Wallet;
    use super::super::super::purchase::{BuyOrder, Lock};
    use super::super::super::testing::chain::{STRANGER, TestChain, amount, pay_to};
    use super::super::super::testing::fixture::{Fixture, StoppedClock, sync};
    use super::super::super::testing::order::order;
    use super::super::rule::Rule;
    use super::*;
    use crate::chain::ChainSource;
    use dcrcold_core::amount::FeeRate;

    /// A change to a finished request.
    type Tamper = Box<dyn Fn(&mut Made)>;

    const RICH: u64 = 1_000_000;
    const PRICE: u64 = 20_000;

    /// What is wrong with a request for two tickets that was tampered with, by the rule that fits the honest one exactly.
    fn found(tamper: impl Fn(&mut Made)) -> Result<(), String> {
        let (fixture, mut chain) = (Fixture::new(), TestChain::new());
        chain.mine_empty(159);
        let paid = chain.payment(&[(fixture.external(0), RICH)]);
        chain.mine(vec![paid], vec![]);
        let mut wallet = fixture.wallet("w");
        sync(&mut wallet, &mut chain);
        judge(&mut wallet, &mut chain, tamper)
    }

    fn judge(wallet: &mut Wallet, chain: &mut TestChain, tamper: impl Fn(&mut Made)) -> Result<(), String> {
        let order = BuyOrder { lock: Lock::Amount(amount(PRICE)), ..order(2) };
        let price = chain.price().unwrap();
        let ticket_fee = FeeRate::RELAY_MINIMUM.fee(TICKET_SIZE).unwrap().atoms();
        let split_fee = 2_890;
        let fees = 2 * ticket_fee + split_fee;
        let rule = Rule {
            max_price: amount(PRICE),
            keep: amount(RICH - 2 * PRICE - fees),
            tickets: 2,
            max_fees: amount(fees),
            headroom: Percent::from_hundredths(0),
            voter: None,
            vsp: None,
            folder: "/".into(),
        };
        let (voter, account) = (wallet.own_voter().unwrap(), wallet.keys.account.clone());
        let reader = Reader { account: &account, voter: &voter, tip: price.tip.height };
        let result = wallet.prepare_if(&order, &price, &StoppedClock, |db, made| {
            let (prepared, request) = (made.prepared.clone(), made.request.clone());
            let mut made = Made { prepared, request, transactions: made.transactions.clone() };
            tamper(&mut made);
            Ok(rule.check(&reader.read(db, &made)?, 2)?)
        });
        result.map(drop).map_err(|error| error.to_string())
    }

    /// Puts an output of the split in another place.
    fn output(made: &mut Made, index: usize, atoms: u64, script: Option<Vec<u8>>) {
        let output = &mut made.transactions[0].outputs[index];
        let script = script.unwrap_or_else(|| output.script.clone());
        *output = TxOut::new(amount(atoms), &script);
        relink(made);
    }

    /// Lets the tickets spend the split as it is now.
    fn relink(made: &mut Made) {
        let (split, tickets) = made.transactions.split_first_mut().unwrap();
        tickets.iter_mut().for_each(|ticket| ticket.inputs[0].previous.id = split.id());
    }

    #[test]
    fn the_honest_request_fits_to_the_atom() {
        assert_eq!(found(|_| {}), Ok(()));
    }

    #[test]
    fn whatever_else_a_request_does_is_named() {
        let stranger = || Some(pay_to(STRANGER));
        let change = |made: &Made| made.transactions[0].outputs[2].value.amount().unwrap().atoms();
        let put = |made: &mut Made, ticket: usize, output: usize, script: &[u8]| {
            made.transactions[ticket].outputs[output].script = script.to_vec();
        };
        let payee = Payee::KeyHash(STRANGER);
        let vote = Payment { tag: Some(StakeTag::Submission), payee }.script();
        let committed = amount(PRICE + 2_980);
        let commitment = Commitment { payee, amount: committed, limits: COMMITMENT_LIMITS }.script();
        let cases: [(&str, Tamper); 9] = [
            ("fees and purse take", Box::new(move |made| output(made, 2, change(made), stranger()))),
            ("fees and purse take", Box::new(move |made| output(made, 2, change(made) - 1, None))),
            (
                "ticket 1 locks 0.00020001 DCR",
                Box::new(|made| {
                    let script = made.transactions[1].outputs[0].script.clone();
                    made.transactions[1].outputs[0] = TxOut::new(amount(PRICE + 1), &script);
                }),
            ),
            ("ticket 2 lets somebody else vote", Box::new(move |made| put(made, 2, 0, vote.as_bytes()))),
            ("ticket 1 returns to somebody else", Box::new(move |made| put(made, 1, 1, commitment.as_bytes()))),
            (
                "ticket 2 spends something else than its part of the split",
                Box::new(|made| {
                    made.transactions[2].inputs[0].previous.index = 0;
                }),
            ),
            ("ticket 1 has another expiry than the request", Box::new(|made| made.transactions[1].expiry += 1)),
            (
                "ticket 3 lets somebody else vote",
                Box::new(|made| {
                    let mut third = made.transactions[1].clone();
                    third.inputs[0].previous.index = 2;
                    made.transactions.push(third);
                }),
            ),
            (
                "is none that can be spent",
                Box::new(|made| {
                    made.transactions[0].inputs[0].previous.index += 1;
                    relink(made);
                }),
            ),
        ];
        println!("{} requests that do something else", cases.len());
        for (expected, tamper) in cases {
            let error = found(tamper).expect_err(expected);
            assert!(error.contains(expected), "found {error}, expected {expected}");
        }
    }

    #[test]
    fn frozen_coins_are_none_that_stay() {
        let (fixture, mut chain) = (Fixture::new(), TestChain::new());
        chain.mine_empty(159);
        let paid = chain.payment(&[(fixture.external(0), RICH), (fixture.external(1), RICH)]);
        chain.mine(vec![paid], vec![]);
        let mut wallet = fixture.wallet("w");
        sync(&mut wallet, &mut chain);
        let coin = wallet.coins().unwrap()[1].outpoint.into();
        wallet.freeze(&[coin], true, &StoppedClock).unwrap();
        assert_eq!(judge(&mut wallet, &mut chain, |_| {}), Ok(()), "the other coin leaves what is kept, to the atom");
    }
}
