//! One value of a request on its way from heads to meaning, and what single values can be at all.

use crate::amount::{Amount, Height};
use crate::net::Network;
use crate::path::{Account, AccountPath, Branch, CoinType, Index, KeyPath};
use crate::request::{Claim, Input, MAX_LABEL};
use crate::rule::{Figure, Refusal, Rule};

/// The numbers and the string of one value, one tuple or one item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) numbers: [u64; 4],
    pub(super) count: usize,
    bytes: [u8; MAX_LABEL],
    length: usize,
}

impl Default for Row {
    fn default() -> Self {
        Self { numbers: [0; 4], count: 0, bytes: [0; MAX_LABEL], length: 0 }
    }
}

impl Row {
    pub(super) fn number(&mut self, number: u64) -> Result<(), Refusal> {
        *self.numbers.get_mut(self.count).ok_or(Rule::NotCanonical)? = number;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let end = self.length.saturating_add(bytes.len());
        self.bytes.get_mut(self.length..end).ok_or(Rule::NotCanonical)?.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    pub(super) fn string(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    pub(super) fn array<const N: usize>(&self) -> Result<[u8; N], Refusal> {
        self.string().try_into().map_err(|_| Rule::NotCanonical.into())
    }
}

pub(super) fn account(network: Network, row: &Row) -> Result<AccountPath, Refusal> {
    let [coin_type, account, ..] = row.numbers;
    let refuse = |rule, number| Refusal::new(rule).found(Figure::Number(number));
    Ok(AccountPath {
        coin_type: CoinType::new(network, coin_type).ok_or(refuse(Rule::NetworkCoinMismatch, coin_type))?,
        account: Account::new(account).ok_or(refuse(Rule::AccountOutOfRange, account))?,
    })
}

pub(super) fn claim(row: &Row) -> Result<Claim, Refusal> {
    let [tip, time, price, _] = row.numbers;
    let refuse = |number| Refusal::new(Rule::TimestampOutOfRange).found(Figure::Number(number));
    Ok(Claim {
        tip: Height(u32::try_from(tip).map_err(|_| refuse(tip))?),
        time: u32::try_from(time).ok().filter(|time| *time > 0).ok_or(refuse(time))?,
        price: if row.count == 3 { Some(amount(price, Rule::AmountOverflow)?) } else { None },
    })
}

pub(super) fn amount(atoms: u64, rule: Rule) -> Result<Amount, Refusal> {
    Amount::from_atoms(atoms).map_err(|_| Refusal::new(rule).found(Figure::Atoms(atoms)))
}

pub(super) fn index(number: u64) -> Result<Index, Refusal> {
    Index::new(number).ok_or(Refusal::new(Rule::IndexOutOfRange).found(Figure::Number(number)))
}

pub(super) fn key_path(branch: u64, number: u64) -> Result<KeyPath, Refusal> {
    let refusal = Refusal::new(Rule::IndexOutOfRange).found(Figure::Number(branch));
    Ok(KeyPath { branch: Branch::new(branch).ok_or(refusal)?, index: index(number)? })
}

pub(super) fn input(row: &Row) -> Result<Input, Refusal> {
    let [parent, output, branch, number] = row.numbers;
    Ok(Input {
        parent: u32::try_from(parent).map_err(|_| Rule::ParentMissing)?,
        output: u32::try_from(output).map_err(|_| Rule::OutputIndexOutOfRange)?,
        path: key_path(branch, number)?,
        coin: None,
    })
}

/// The only number that says yes; its absence says no.
pub(super) fn one(number: u64) -> Result<(), Refusal> {
    if number == 1 { Ok(()) } else { Err(Rule::NotCanonical.into()) }
}
