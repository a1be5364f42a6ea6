//! The values of review pages, and how they print.

use core::fmt;

use super::warnings;
use crate::address::AddressOf;
use crate::amount::{Amount, FeeRate, Height};
use crate::hash::{Fingerprint, TransferId, TxId};
use crate::net::Network;
use crate::path::{Account, Branch, Index, KeyPath};
use crate::policy::Part;
use crate::request::Label;

/// Seconds in a day.
const DAY: u64 = 86_400;
/// Seconds in an hour.
const HOUR: u64 = 3_600;

/// The longest line of a page, so that nothing wraps on a small screen.
const LINE: usize = 64;

/// What a page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A fixed text.
    Text(&'static str),
    /// A network.
    Network(Network),
    /// So many tickets.
    Tickets(u32),
    /// An amount.
    Amount(Amount),
    /// So many equal amounts.
    Times {
        /// How many.
        count: u32,
        /// Each of them.
        each: Amount,
    },
    /// So many equal fees and their rate.
    Fees {
        /// How many.
        count: u32,
        /// Each of them.
        each: Amount,
        /// The rate.
        rate: FeeRate,
    },
    /// Coins that are spent.
    Coins {
        /// How many.
        count: u32,
        /// What they are worth together.
        total: Amount,
    },
    /// An amount that goes to a key of ours.
    ToOwn {
        /// How much.
        amount: Amount,
        /// The spending account.
        account: Account,
        /// The key.
        path: KeyPath,
    },
    /// Keys of ours that rewards return to.
    OwnKeys {
        /// The spending account.
        account: Account,
        /// The first index on the internal branch.
        first: Index,
        /// The last one.
        last: Index,
        /// From one to the next.
        step: u32,
    },
    /// An amount that goes to an address.
    ToAddress {
        /// How much.
        amount: Amount,
        /// Whom.
        address: AddressOf,
    },
    /// An address.
    Address(AddressOf),
    /// A registered voter.
    Voter {
        /// Its name.
        name: &'a Label,
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
    /// Keys of a voter.
    VoterKeys {
        /// The first index.
        first: Index,
        /// The last one.
        last: Index,
    },
    /// An amount that goes to a voter's purse.
    ToPurse {
        /// How much.
        amount: Amount,
        /// The index of the purse's key.
        index: Index,
        /// The key's address.
        address: AddressOf,
    },
    /// The height at which tickets can no longer be mined.
    Expiry {
        /// The height.
        height: Height,
        /// Blocks from the claimed tip.
        blocks: u32,
        /// The network, for the time that the blocks take.
        network: Network,
    },
    /// So many messages with this time.
    Messages {
        /// How many.
        count: u32,
        /// The key's first index.
        first: Index,
    },
    /// A ticket that was bought before.
    Ticket {
        /// Its id.
        id: TxId,
        /// What it locks.
        locks: Amount,
    },
    /// A height.
    Height(Height),
    /// Seconds since 1970.
    Time(u32),
    /// A text of the online computer.
    Quoted(&'a Label),
    /// A request that was approved before and has something in common with this one.
    Before {
        /// What is the same.
        what: InCommon,
        /// How many of them.
        count: u32,
        /// The other request.
        request: TransferId,
        /// What its inputs are worth together.
        theirs: Amount,
        /// What this request's inputs are worth together.
        ours: Amount,
    },
    /// An index that is high, and how far indexes have come is not known.
    Unmarked {
        /// What it counts.
        part: Part,
        /// The index.
        index: Index,
    },
}

/// What two requests have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InCommon {
    /// Coins: the network takes one of the two.
    Coins,
    /// Keys of the voter.
    VoterKeys,
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Text(text) => f.write_str(text),
            Self::Network(network) => write!(f, "{network}"),
            Self::Tickets(count) => write!(f, "{count} ticket{}", plural(count)),
            Self::Amount(amount) => write!(f, "{amount}"),
            Self::Times { count, each } => times(f, count, each),
            Self::Fees { count, each, rate } => {
                times(f, count, each)?;
                write!(f, "\nat {rate}")
            }
            Self::Coins { count, total } => write!(f, "{total}\nin {count} coin{} of yours", plural(count)),
            Self::ToOwn { amount, account, path } => write!(f, "{amount}\nto your account {account}, address {path}"),
            Self::OwnKeys { account, first, last, step } => own_keys(f, account, first, last, step),
            Self::ToAddress { amount, address } => write!(f, "{amount}\nto {address}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Voter { name, fingerprint } => {
                quoted(f, name)?;
                write!(f, "\nfingerprint {fingerprint}")
            }
            Self::VoterKeys { first, last } if first == last => write!(f, "key {first}"),
            Self::VoterKeys { first, last } => write!(f, "keys {first} to {last}"),
            Self::ToPurse { amount, index, address } => write!(f, "{amount}\nto purse key {index}\n{address}"),
            Self::Expiry { height, blocks, network } => expiry(f, height, blocks, network),
            Self::Messages { count, first } => {
                write!(f, "{count} message{}: a VSP may take orders\nfrom alt-sign key", plural(count))?;
                if count > 1 {
                    let last = first.plus(count.saturating_sub(1)).unwrap_or(first);
                    write!(f, "s {first} to {last}")
                } else {
                    write!(f, " {first}")
                }
            }
            Self::Ticket { id, locks } => write!(f, "{id}\nlocks {locks}"),
            Self::Height(height) => write!(f, "{height}"),
            Self::Time(seconds) => time(f, seconds),
            Self::Quoted(label) => quoted(f, label),
            Self::Before { what, count, request, theirs, ours } => {
                warnings::before(f, what, count, &request, [theirs, ours])
            }
            Self::Unmarked { part, index } => warnings::unmarked(f, part, index),
        }
    }
}

/// Puts a text between quotes, on two lines when both quotes would make it too long for one.
fn quoted(f: &mut fmt::Formatter<'_>, label: &Label) -> fmt::Result {
    let text = label.as_str();
    match text.split_at_checked(LINE.saturating_sub(1)) {
        Some((first, rest)) => write!(f, "\"{first}\n{rest}\""),
        None => write!(f, "\"{text}\""),
    }
}

fn times(f: &mut fmt::Formatter<'_>, count: u32, each: Amount) -> fmt::Result {
    match each.checked_mul(u64::from(count)) {
        _ if count <= 1 => write!(f, "{each}"),
        Some(total) => write!(f, "{total}\n{count} x {each}"),
        None => write!(f, "{count} x {each}"),
    }
}

fn own_keys(f: &mut fmt::Formatter<'_>, account: Account, first: Index, last: Index, step: u32) -> fmt::Result {
    let branch = Branch::Internal.number();
    write!(f, "your account {account}, address {branch}/{first}")?;
    match (first == last, step) {
        (true, _) => Ok(()),
        (false, 1) => write!(f, " to {branch}/{last}"),
        (false, _) => write!(f, " to {branch}/{last},\nevery second one"),
    }
}

fn expiry(f: &mut fmt::Formatter<'_>, height: Height, blocks: u32, network: Network) -> fmt::Result {
    let seconds = u64::from(blocks).saturating_mul(u64::from(network.params().target_block_seconds));
    let (days, hours) = (seconds / DAY, (seconds % DAY) / HOUR);
    write!(f, "before block {height}\n{blocks} block{} after the claimed tip, about ", plural(blocks))?;
    match (days, hours) {
        (0, 0) => write!(f, "{} min", seconds / 60),
        (0, hours) => write!(f, "{hours} h"),
        (days, hours) => write!(f, "{days} d {hours} h"),
    }
}

pub(super) const fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Prints a time as UTC; the calendar arithmetic counts days from 1 March of year 0.
fn time(f: &mut fmt::Formatter<'_>, seconds: u32) -> fmt::Result {
    let seconds = u64::from(seconds);
    let (days, rest) = ((seconds / DAY).saturating_add(719_468), seconds % DAY);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = day.saturating_sub(day / 1_460).saturating_add(day / 36_524).saturating_sub(day / 146_096) / 365;
    let leap_days = (year / 4).saturating_sub(year / 100);
    let day = day.saturating_sub(year.saturating_mul(365).saturating_add(leap_days));
    let month = day.saturating_mul(5).saturating_add(2) / 153;
    let day = day.saturating_sub(month.saturating_mul(153).saturating_add(2) / 5).saturating_add(1);
    let (month, next_year) = if month < 10 { (month.saturating_add(3), 0) } else { (month.saturating_sub(9), 1) };
    let year = era.saturating_mul(400).saturating_add(year).saturating_add(next_year);
    let (hour, minute, second) = (rest / HOUR, (rest % HOUR) / 60, rest % 60);
    write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use std::string::ToString;

    use super::{LINE, Value};
    use crate::address::AddressOf;
    use crate::amount::{Amount, FeeRate, Height, MAX_ATOMS};
    use crate::hash::{Fingerprint, Hash160, TxId};
    use crate::net::Network;
    use crate::path::{Account, Index, KeyPath};
    use crate::request::Label;
    use crate::script::Payee;

    /// The values that print longest.
    #[test]
    fn no_line_is_longer_than_a_small_screen() {
        let amount = Amount::from_atoms(MAX_ATOMS).unwrap();
        let account = Account::new(u64::from(Account::LIMIT - 1)).unwrap();
        let first = Index::new(u64::from(Index::LIMIT - 1)).unwrap();
        let last = first.plus(200).unwrap();
        let address = AddressOf { network: Network::Mainnet, payee: Payee::KeyHash(Hash160::ZERO) };
        let fingerprint = Fingerprint::from_bytes([255; 16]);
        for length in 1..=64 {
            let name = Label::new(&std::vec![b'W'; length]).unwrap();
            for value in [
                Value::Quoted(&name),
                Value::Voter { name: &name, fingerprint },
                Value::Times { count: u32::MAX, each: amount },
                Value::Fees { count: u32::MAX, each: amount, rate: FeeRate::from_atoms_per_kb(u64::MAX) },
                Value::Coins { count: u32::MAX, total: amount },
                Value::ToOwn { amount, account, path: KeyPath::internal(last) },
                Value::OwnKeys { account, first, last, step: 1 },
                Value::OwnKeys { account, first, last, step: 2 },
                Value::ToAddress { amount, address },
                Value::VoterKeys { first, last },
                Value::ToPurse { amount, index: last, address },
                Value::Expiry { height: Height(u32::MAX), blocks: u32::MAX, network: Network::Mainnet },
                Value::Messages { count: 1000, first },
                Value::Ticket { id: TxId::from_bytes([255; 32]), locks: amount },
                Value::Time(u32::MAX),
            ] {
                let text = value.to_string();
                assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
            }
            assert_eq!(Value::Quoted(&name).to_string().replace('\n', ""), std::format!("\"{name}\""));
        }
    }
}
