//! The names of the rules, and what a refusal says.

use core::fmt;

use crate::amount::{Amount, Height};
use crate::hash::{Fingerprint, Hash160, TransferId};
use crate::net::Network;

/// Declares the rules with their fixed codes, names and meanings.
macro_rules! rules {
    ($($code:literal $variant:ident $name:literal $meaning:literal,)+) => {
        /// A rule that a request can break. Codes and names are fixed for ever; new rules are appended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!("`", $name, "`: ", $meaning, ".")] $variant = $code,)+
        }

        impl Rule {
            /// Every rule, in the order of the codes.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name of the rule, as documents and scripts write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What is wrong when the rule is broken, in a few words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// The code of the rule on a device's wire.
            #[must_use]
            pub const fn code(self) -> u16 {
                self as u16
            }
        }
    };
}

rules! {
    1 VersionUnknown "version-unknown" "the container has a version that this program does not know",
    2 KindUnexpected "kind-unexpected" "the container holds another kind of data than a request",
    3 FlagsUnknown "flags-unknown" "the container has flags that this program does not know",
    4 IdMismatch "id-mismatch" "the id does not belong to the body",
    5 NotCanonical "not-canonical" "the bytes are not the one encoding of a request",
    6 TooLarge "too-large" "the request is larger than this signer takes",
    7 NetworkCoinMismatch "network-coin-mismatch" "the coin type belongs to another network",
    8 NetworkMismatch "network-mismatch" "the request is for another network than these keys",
    9 AccountOutOfRange "account-out-of-range" "the account number is not one of a spending account",
    10 ParentMalformed "parent-malformed" "a parent is not the prefix serialisation of a transaction",
    11 ParentMissing "parent-missing" "an input names a parent that is not there",
    12 ParentDuplicate "parent-duplicate" "the same parent is there twice",
    13 ParentUnused "parent-unused" "no input names this parent",
    14 OutputIndexOutOfRange "output-index-out-of-range" "an input names an output that its parent does not have",
    15 ScriptVersionUnsupported "script-version-unsupported" "the spent output has a script version other than 0",
    16 InputNotOurs "input-not-ours" "the spent output does not pay the key at the given path",
    17 InputScriptUnsupported "input-script-unsupported" "the spent output's script is not a supported key hash script",
    18 InputDuplicate "input-duplicate" "the same output is spent twice",
    19 TicketsZero "tickets-zero" "there is no ticket to buy or register",
    20 TicketsAboveLimit "tickets-above-limit" "there are more tickets than this signer allows at once",
    21 AmountZero "amount-zero" "an amount is zero",
    22 AmountAboveLimit "amount-above-limit" "a ticket locks more than this signer allows",
    23 TotalAboveLimit "total-above-limit" "all tickets together lock more than this signer allows",
    24 HeadroomAboveLimit "headroom-above-limit" "a ticket locks too much more than the claimed price",
    25 FeeRateBelowRelay "fee-rate-below-relay" "the fee rate is below what nodes relay",
    26 FeeAboveLimit "fee-above-limit" "a fee or fee rate is above what this signer allows",
    27 FundsShort "funds-short" "the inputs do not cover the outputs and the fee",
    28 DirectValueShort "direct-value-short" "a coin is too small to become a ticket, or there are too few coins",
    29 DustOutput "dust-output" "an output is so small that nodes do not relay it",
    30 AmountOverflow "amount-overflow" "an amount is larger than all coins that can exist",
    31 IndexOutOfRange "index-out-of-range" "a branch or address index is out of range",
    32 VoterUnknown "voter-unknown" "no registered voter has this fingerprint",
    33 VoterAccountsNotDistinct "voter-accounts-not-distinct" "two accounts of the voter are the same",
    34 VoterIsSpendingAccount "voter-is-spending-account" "an account of the voter is a spending account",
    35 VoterOwnNotExportable "voter-own-not-exportable" "this signer cannot export keys, so an own voter could never vote",
    36 VoterAddressUnsupported "voter-address-unsupported" "the voting address is not a public key hash",
    37 PurseAboveLimit "purse-above-limit" "the purse top-up is above what this signer allows",
    38 PurseDust "purse-dust" "the purse top-up is so small that nodes do not relay it",
    39 ExpiryMissing "expiry-missing" "the tickets have no expiry",
    40 ExpiryNotAfterClaim "expiry-not-after-claim" "the tickets expire at or before the claimed tip",
    41 ExpiryTooFar "expiry-too-far" "the tickets expire later than this signer allows",
    42 TimestampOutOfRange "timestamp-out-of-range" "the claimed time or height is out of range",
    43 CommitmentNotOurs "commitment-not-ours" "the ticket's commitment does not pay the key at the given path",
    44 TicketMalformed "ticket-malformed" "this is not the prefix serialisation of a ticket with three outputs",
    45 LabelUnprintable "label-unprintable" "the label is not 1 to 64 printable ASCII characters",
    46 AccountUnknown "account-unknown" "these keys do not hold this spending account",
    47 IndexTooFar "index-too-far" "an index is too far beyond the highest one signed so far",
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which part of the request is meant; numbers count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The request as a whole.
    Request,
    /// An input.
    Input(u32),
    /// A parent.
    Parent(u32),
    /// An output of a send.
    Output(u32),
    /// A ticket.
    Ticket(u32),
    /// The first internal index, or that of the change.
    AddressIndex,
    /// The voter index of the first ticket.
    VoterIndex,
    /// The index of a purse key.
    PurseIndex,
    /// A byte of the body: the last one that was read, or the first that is too many or too few.
    Byte(u32),
}

/// A value in a refusal, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// There is nothing to say.
    None,
    /// A number or code.
    Number(u64),
    /// Atoms, possibly more than can exist.
    Atoms(u64),
    /// A fee rate in atoms per 1,000 bytes.
    Rate(u64),
    /// A block height.
    Height(Height),
    /// A network.
    Network(Network),
    /// The hash of a key.
    Hash(Hash160),
    /// The hash of a script.
    ScriptHash(Hash160),
    /// An id.
    Id(TransferId),
    /// The fingerprint of a voter.
    Voter(Fingerprint),
    /// The number of an account.
    Account(u64),
    /// A coin type.
    CoinType(u64),
    /// A key of a request's body.
    Key(u64),
}

impl From<Amount> for Figure {
    fn from(amount: Amount) -> Self {
        Self::Atoms(amount.atoms())
    }
}

impl From<Height> for Figure {
    fn from(height: Height) -> Self {
        Self::Height(height)
    }
}

impl From<Hash160> for Figure {
    fn from(hash: Hash160) -> Self {
        Self::Hash(hash)
    }
}

impl From<u32> for Figure {
    fn from(number: u32) -> Self {
        Self::Number(u64::from(number))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nothing"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Atoms(atoms) => match Amount::from_atoms(*atoms) {
                Ok(amount) => write!(f, "{amount}"),
                Err(_) => write!(f, "{atoms} atoms"),
            },
            Self::Rate(rate) => write!(f, "{rate} atoms/kB"),
            Self::Height(height) => write!(f, "height {height}"),
            Self::Network(network) => write!(f, "{network}"),
            Self::Hash(hash) => write!(f, "{hash}"),
            Self::ScriptHash(hash) => write!(f, "script hash {hash}"),
            Self::Id(id) => write!(f, "{id}"),
            Self::Voter(fingerprint) => write!(f, "{fingerprint}"),
            Self::Account(number) => write!(f, "account {number}"),
            Self::CoinType(number) => write!(f, "coin type {number}"),
            Self::Key(key) => write!(f, "key {key}"),
        }
    }
}

/// A request is refused: which rule it breaks, where, what was found and what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub rule: Rule,
    /// Where.
    pub part: Part,
    /// The value found.
    pub found: Figure,
    /// The value, or the bound, that was expected.
    pub expected: Figure,
}

impl Refusal {
    /// A refusal that names neither part nor values.
    #[must_use]
    pub const fn new(rule: Rule) -> Self {
        Self { rule, part: Part::Request, found: Figure::None, expected: Figure::None }
    }

    /// The same refusal, for a part of the request.
    #[must_use]
    pub const fn at(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// The same refusal with the value that was found.
    #[must_use]
    pub const fn found(self, found: Figure) -> Self {
        Self { found, ..self }
    }

    /// The same refusal with the value or bound that was expected.
    #[must_use]
    pub const fn expected(self, expected: Figure) -> Self {
        Self { expected, ..self }
    }
}

impl From<Rule> for Refusal {
    fn from(rule: Rule) -> Self {
        Self::new(rule)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.rule)?;
        match self.part {
            Part::Request => {}
            Part::Input(number) => write!(f, "input {number}: ")?,
            Part::Parent(number) => write!(f, "parent {number}: ")?,
            Part::Output(number) => write!(f, "output {number}: ")?,
            Part::Ticket(number) => write!(f, "ticket {number}: ")?,
            Part::AddressIndex => f.write_str("internal address: ")?,
            Part::VoterIndex => f.write_str("key of the voter: ")?,
            Part::PurseIndex => f.write_str("key of the purse: ")?,
            Part::Byte(number) => write!(f, "byte {number} of the body: ")?,
        }
        f.write_str(self.rule.meaning())?;
        match (self.found, self.expected) {
            (Figure::None, Figure::None) => Ok(()),
            (found, Figure::None) => write!(f, " (found {found})"),
            (Figure::None, expected) => write!(f, " (expected {expected})"),
            (found, expected) => write!(f, " (found {found}, expected {expected})"),
        }
    }
}

impl core::error::Error for Refusal {}
