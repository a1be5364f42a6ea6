//! One value of a request on its way from heads to meaning, and what single values can be at all.

use crate::amount::{Amount, Height, MAX_ATOMS};
use crate::hash::copy;
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

impl Row {
    /// Nothing.
    pub(super) const BLANK: Self = Self { numbers: [0; 4], count: 0, bytes: [0; MAX_LABEL], length: 0 };

    pub(super) fn number(&mut self, number: u64) -> Result<(), Refusal> {
        *self.numbers.get_mut(self.count).ok_or(Rule::NotCanonical)? = number;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let end = self.length.saturating_add(bytes.len());
        copy(self.bytes.get_mut(self.length..end).ok_or(Rule::NotCanonical)?, bytes);
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
    let standard = Figure::CoinType(CoinType::standard(network).number().into());
    let other = Refusal::new(Rule::NetworkCoinMismatch).found(Figure::CoinType(coin_type)).expected(standard);
    let most = Figure::Account(u64::from(Account::LIMIT).saturating_sub(1));
    let beyond = Refusal::new(Rule::AccountOutOfRange).found(Figure::Account(account)).expected(most);
    Ok(AccountPath {
        coin_type: CoinType::new(network, coin_type).ok_or(other)?,
        account: Account::new(account).ok_or(beyond)?,
    })
}

pub(super) fn claim(row: &Row) -> Result<Claim, Refusal> {
    let [tip, time, price, _] = row.numbers;
    let out_of_range = |found, bound: u32| Refusal::new(Rule::TimestampOutOfRange).found(found).expected(bound.into());
    let time_refused = |bound| out_of_range(Figure::Number(time), bound);
    Ok(Claim {
        tip: Height(u32::try_from(tip).map_err(|_| out_of_range(Figure::Number(tip), u32::MAX))?),
        time: match u32::try_from(time).map_err(|_| time_refused(u32::MAX))? {
            0 => return Err(time_refused(1)),
            time => time,
        },
        price: if row.count == 3 { Some(amount(price, Rule::AmountOverflow)?) } else { None },
    })
}

pub(super) fn amount(atoms: u64, rule: Rule) -> Result<Amount, Refusal> {
    let most = Figure::Atoms(MAX_ATOMS);
    Amount::from_atoms(atoms).map_err(|_| Refusal::new(rule).found(Figure::Atoms(atoms)).expected(most))
}

pub(super) fn index(number: u64) -> Result<Index, Refusal> {
    let most = u64::from(Index::LIMIT).saturating_sub(1);
    let refusal = Refusal::new(Rule::IndexOutOfRange).found(Figure::Number(number));
    Index::new(number).ok_or(refusal.expected(Figure::Number(most)))
}

pub(super) fn key_path(branch: u64, number: u64) -> Result<KeyPath, Refusal> {
    let refusal = Refusal::new(Rule::IndexOutOfRange).found(Figure::Number(branch)).expected(Figure::Number(1));
    Ok(KeyPath { branch: Branch::new(branch).ok_or(refusal)?, index: index(number)? })
}

pub(super) fn input(row: &Row) -> Result<Input, Refusal> {
    let [parent, output, branch, number] = row.numbers;
    let small = |number: u64, rule| {
        u32::try_from(number).map_err(|_| Refusal::new(rule).found(Figure::Number(number)).expected(u32::MAX.into()))
    };
    Ok(Input {
        parent: small(parent, Rule::ParentMissing)?,
        output: small(output, Rule::OutputIndexOutOfRange)?,
        path: key_path(branch, number)?,
        coin: None,
    })
}

/// The only number that says yes; its absence says no.
pub(super) fn one(number: u64) -> Result<(), Refusal> {
    if number == 1 { Ok(()) } else { Err(Rule::NotCanonical.into()) }
}
