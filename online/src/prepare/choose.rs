//! Which coins a request spends: one choice for purchases and payments.
//!
//! Whoever sees a transaction learns that the addresses it spends from are one owner's. So all coins of an address are
//! spent together, and as few addresses as possible; the last of them is the one that leaves the least change, but not
//! so little that it would be lost as fee. A purchase takes what stakes returned before all else; a payment, where that
//! joins no more addresses. Only where this does not cover what is asked for, within the signer's number of inputs and
//! the room for parents, the largest coins are taken wherever they lie. The same coins make the same choice.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::{self, Outputs, Remainder, Short};
use dcrcold_core::hash::TxId;

use super::parents::{Parents, Room};
use super::{PrepareError, Spendable};

/// What the coins must cover.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// What is paid.
    pub(super) spent: Amount,
    /// The outputs that are paid, without change.
    pub(super) outputs: Outputs,
    /// The fee rate.
    pub(super) fee_rate: FeeRate,
}

/// What counts more where both cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefer {
    /// That returned stakes are spent first.
    Returns,
    /// That few addresses are joined.
    FewAddresses,
}

/// Why no coins were chosen.
#[derive(Debug)]
pub(super) enum Unchosen {
    /// They do not suffice.
    Short {
        /// What is needed with all fees.
        needed: Amount,
        /// What can be spent in one request.
        found: Amount,
    },
    /// A sum is more than all coins that exist.
    Overflow,
    /// A parent is not there.
    Failed(PrepareError),
}

impl From<PrepareError> for Unchosen {
    fn from(error: PrepareError) -> Self {
        Self::Failed(error)
    }
}

impl Target {
    /// What `inputs` coins worth `total` leave.
    fn divide(&self, total: Amount, inputs: usize) -> Result<Remainder, Short> {
        let inputs = u32::try_from(inputs).map_err(|_| Short { needed: None })?;
        fees::divide(total, self.spent, inputs, self.outputs, self.fee_rate)
    }

    /// The fee of a transaction with `inputs` inputs and no change.
    pub(super) fn fee(&self, inputs: usize) -> Option<Amount> {
        self.fee_rate.fee(self.outputs.size(u32::try_from(inputs).ok()?))
    }

    /// What is lost as fee because it is too little to return; `None` when the coins do not suffice.
    fn lost(&self, total: Amount, inputs: usize) -> Option<Amount> {
        let remainder = self.divide(total, inputs).ok()?;
        if remainder.change.is_some() { Some(Amount::ZERO) } else { remainder.fee.checked_sub(self.fee(inputs)?) }
    }

    /// Whether a coin brings more than it costs.
    fn is_worth(&self, coin: &Spendable) -> bool {
        coin.value > self.input_fee()
    }

    /// What an input adds to the fee.
    fn input_fee(&self) -> Amount {
        let [one, two] = [1, 2].map(|inputs| self.fee(inputs).unwrap_or_default());
        two.checked_sub(one).unwrap_or_default()
    }
}

/// The coins of an address.
#[derive(Debug)]
struct Group<'a> {
    coins: Vec<&'a Spendable>,
    value: Amount,
    /// What it adds beyond the fee of its inputs.
    net: Amount,
    returned: bool,
}

impl<'a> Group<'a> {
    /// The most valuable `most` coins of an address.
    fn new(mut coins: Vec<&'a Spendable>, most: usize, input_fee: Amount) -> Option<Self> {
        coins.sort_by_key(|coin| (Reverse(coin.value), coin.parent, coin.output));
        coins.truncate(most);
        let value = Amount::checked_sum(coins.iter().map(|coin| coin.value))?;
        let net = value.checked_sub(input_fee.checked_mul(coins.len() as u64)?)?;
        let returned = coins.iter().any(|coin| coin.returned);
        Some(Self { coins, value, net, returned })
    }
}

/// Coins put together.
#[derive(Clone, Debug, Default)]
struct Choice<'a> {
    coins: Vec<&'a Spendable>,
    addresses: usize,
    total: Amount,
    room: Room,
}

/// Chooses coins that cover the target.
pub(super) fn choose(
    target: &Target,
    coins: &[Spendable],
    most_inputs: usize,
    prefer: Prefer,
    parents: &mut Parents<impl FnMut(&TxId) -> Option<Vec<u8>>>,
) -> Result<Vec<Spendable>, Unchosen> {
    let groups = groups(target, coins, most_inputs);
    let (returned, others): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.returned);
    let all: Vec<_> = groups.iter().collect();
    let mut search = Search { target, most_inputs, parents };
    let choice = match prefer {
        Prefer::Returns => match search.fewest(&[], &returned)? {
            None => search.fewest(&returned, &others)?,
            choice => choice,
        },
        Prefer::FewAddresses => search.fewest(&[], &returned)?,
    };
    let any = match (&choice, prefer) {
        (Some(_), Prefer::Returns) => None,
        _ => search.fewest(&[], &all)?,
    };
    let chosen = match (choice, any) {
        (Some(choice), Some(any)) if any.addresses < choice.addresses => any,
        (Some(choice), _) | (None, Some(choice)) => choice,
        (None, None) => search.largest(coins)?,
    };
    Ok(chosen.coins.into_iter().cloned().collect())
}

/// Takes as many coins as a request holds, in their order, leaving out those that cost more than they bring unless
/// somebody named them.
pub(super) fn take_all<'a>(
    target: &Target,
    coins: impl IntoIterator<Item = &'a Spendable>,
    most_inputs: usize,
    parents: &mut Parents<impl FnMut(&TxId) -> Option<Vec<u8>>>,
) -> Result<Vec<Spendable>, Unchosen> {
    let mut search = Search { target, most_inputs, parents };
    let mut choice = Choice::default();
    for coin in coins.into_iter().filter(|coin| coin.named || target.is_worth(coin)) {
        search.add(&mut choice, &[coin])?;
    }
    Ok(choice.coins.into_iter().cloned().collect())
}

/// Takes the smallest coins that are each worth at least `least`, so that as little as possible is locked beyond it.
///
/// # Errors
/// How many such coins there are.
pub(super) fn choose_each(
    least: Amount,
    wanted: usize,
    coins: &[Spendable],
    parents: &mut Parents<impl FnMut(&TxId) -> Option<Vec<u8>>>,
) -> Result<Result<Vec<Spendable>, usize>, PrepareError> {
    let mut fitting: Vec<_> = coins.iter().filter(|coin| coin.value >= least).collect();
    fitting.sort_by_key(|coin| (coin.value, coin.parent, coin.output));
    let (mut chosen, mut room) = (Vec::new(), Room::default());
    for coin in &fitting {
        if chosen.len() < wanted && room.take([*coin], parents)? {
            chosen.push((*coin).clone());
        }
    }
    Ok(if chosen.len() == wanted { Ok(chosen) } else { Err(fitting.len()) })
}

/// The coins by address, the most valuable addresses first; coins that cost more than they bring are left out.
fn groups<'a>(target: &Target, coins: &'a [Spendable], most_inputs: usize) -> Vec<Group<'a>> {
    let input_fee = target.input_fee();
    let mut addresses: BTreeMap<(u32, u32), Vec<&Spendable>> = BTreeMap::new();
    for coin in coins.iter().filter(|coin| target.is_worth(coin)) {
        addresses.entry((coin.path.branch.number(), coin.path.index.number())).or_default().push(coin);
    }
    let groups = addresses.into_values().filter_map(|coins| Group::new(coins, most_inputs, input_fee));
    let mut groups: Vec<_> = groups.collect();
    groups.sort_by_key(|group| (Reverse(group.net), group.coins.first().map(|coin| (coin.parent, coin.output))));
    groups
}

/// Looks for coins within the limits.
struct Search<'p, F> {
    target: &'p Target,
    most_inputs: usize,
    parents: &'p mut Parents<F>,
}

impl<F: FnMut(&TxId) -> Option<Vec<u8>>> Search<'_, F> {
    /// The fewest of `groups`, which are sorted, that cover the target together with `base`: the most valuable ones, and
    /// as the last one that which leaves the least.
    fn fewest<'a>(&mut self, base: &[&Group<'a>], groups: &[&Group<'a>]) -> Result<Option<Choice<'a>>, Unchosen> {
        let mut choice = Choice::default();
        for group in base {
            if !self.add(&mut choice, &group.coins)? {
                return Ok(None);
            }
        }
        if !choice.coins.is_empty() && self.target.divide(choice.total, choice.coins.len()).is_ok() {
            return Ok(Some(choice));
        }
        for (number, group) in groups.iter().enumerate() {
            if let Some(whole) = self.last(&choice, &groups[number..])? {
                return Ok(Some(whole));
            }
            self.add(&mut choice, &group.coins)?;
        }
        Ok(None)
    }

    /// The choice with one more address that makes it suffice: the one that loses the least, then leaves the least.
    fn last<'a>(&mut self, choice: &Choice<'a>, groups: &[&Group<'a>]) -> Result<Option<Choice<'a>>, Unchosen> {
        let lost = |group: &&Group<'a>| {
            let total = choice.total.checked_add(group.value)?;
            self.target.lost(total, choice.coins.len() + group.coins.len())
        };
        // They are sorted: where the first does not suffice, none does.
        if groups.first().is_none_or(|first| lost(first).is_none()) {
            return Ok(None);
        }
        let mut sufficient: Vec<_> = groups.iter().rev().filter_map(|group| Some((lost(group)?, *group))).collect();
        sufficient.sort_by_key(|(lost, group)| (*lost, group.net));
        for (_, group) in sufficient {
            let mut whole = choice.clone();
            if self.add(&mut whole, &group.coins)? {
                return Ok(Some(whole));
            }
        }
        Ok(None)
    }

    /// The most valuable coins, whatever their addresses, until they suffice.
    fn largest<'a>(&mut self, coins: &'a [Spendable]) -> Result<Choice<'a>, Unchosen> {
        // A coin that costs more than it brings makes nothing suffice.
        let mut sorted: Vec<_> = coins.iter().filter(|coin| self.target.is_worth(coin)).collect();
        sorted.sort_by_key(|coin| (Reverse(coin.value), coin.parent, coin.output));
        let mut choice = Choice::default();
        let mut needed = self.target.divide(Amount::ZERO, 1).err().and_then(|short| short.needed);
        for coin in sorted {
            if !self.add(&mut choice, &[coin])? {
                continue;
            }
            match self.target.divide(choice.total, choice.coins.len()) {
                Ok(_) => return Ok(choice),
                Err(short) => needed = short.needed,
            }
        }
        Err(Unchosen::Short { needed: needed.ok_or(Unchosen::Overflow)?, found: choice.total })
    }

    /// Takes the coins of one address, all or none of them; says whether they fit.
    fn add<'a>(&mut self, choice: &mut Choice<'a>, coins: &[&'a Spendable]) -> Result<bool, Unchosen> {
        let fits = choice.coins.len() + coins.len() <= self.most_inputs;
        if !fits || !choice.room.take(coins.iter().copied(), self.parents)? {
            return Ok(false);
        }
        let total =
            Amount::checked_sum(coins.iter().map(|coin| coin.value)).and_then(|sum| sum.checked_add(choice.total));
        choice.total = total.ok_or(Unchosen::Overflow)?;
        choice.coins.extend(coins);
        choice.addresses += 1;
        Ok(true)
    }
}
