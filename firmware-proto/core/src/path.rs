//! The key paths that this project uses, a restricted form of BIP-44.
//!
//! A spending account is `m/44'/coin'/account'` with an account number below 2^24; the bits above belong to the
//! accounts of own voters. Below an account there is a branch (0 or 1) and a plain address index.

use core::fmt;

use crate::net::Network;

/// The bit that marks a hardened child, BIP-32.
pub const HARDENED: u32 = 0x8000_0000;

/// The most tickets, inputs and steps that are ever counted up from an index, so that sums stay below 2^31.
const INDEX_HEADROOM: u32 = 1024;

/// A coin type together with the network that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoinType(u32);

impl CoinType {
    /// Accepts a coin type that belongs to `network`: mainnet 42 or 20, testnet3 1 or 11, simnet 1 or 115.
    #[must_use]
    pub fn new(network: Network, number: u64) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        network.params().coin_types.contains(&number).then_some(Self(number))
    }

    /// The coin type of new wallets of a network, SLIP-44.
    #[must_use]
    pub fn standard(network: Network) -> Self {
        let [standard, _legacy] = network.params().coin_types;
        Self(standard)
    }

    /// The number without the hardened bit.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// The number of a spending account, below 2^24.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Account(u32);

impl Account {
    /// The first account of a wallet.
    pub const FIRST: Self = Self(0);
    /// One above the highest account number.
    pub const LIMIT: u32 = 0x0100_0000;

    /// Accepts a number below 2^24.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        u32::try_from(number).ok().filter(|number| *number < Self::LIMIT).map(Self)
    }

    /// The number without the hardened bit.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A spending account of a wallet: `m/44'/coin'/account'`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountPath {
    /// The coin type.
    pub coin_type: CoinType,
    /// The account.
    pub account: Account,
}

impl AccountPath {
    /// Stands where no account was read yet; no network has it.
    pub(crate) const BLANK: Self = Self { coin_type: CoinType(0), account: Account::FIRST };
}

impl fmt::Display for AccountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m/44'/{}'/{}'", self.coin_type.number(), self.account)
    }
}

/// A branch of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Branch {
    /// Branch 0, addresses given to others.
    External,
    /// Branch 1, change, ticket funding and rewards.
    Internal,
}

impl Branch {
    /// Both branches.
    pub const ALL: [Self; 2] = [Self::External, Self::Internal];

    /// The branch with a number.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        match number {
            0 => Some(Self::External),
            1 => Some(Self::Internal),
            _ => None,
        }
    }

    /// 0 or 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::External => 0,
            Self::Internal => 1,
        }
    }
}

/// The index of an address in its branch, far enough below 2^31 that a purchase can count up from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Index(u32);

impl Index {
    /// The first index.
    pub const FIRST: Self = Self(0);
    /// One above the highest index that a request may name.
    pub const LIMIT: u32 = HARDENED - INDEX_HEADROOM;

    /// Accepts a number that leaves room to count up.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        u32::try_from(number).ok().filter(|number| *number < Self::LIMIT).map(Self)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The index `steps` further, or `None` at or above 2^31.
    #[must_use]
    pub fn plus(self, steps: u32) -> Option<Self> {
        self.0.checked_add(steps).filter(|number| *number < HARDENED).map(Self)
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A key below an account: `branch/index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath {
    /// The branch.
    pub branch: Branch,
    /// The index in the branch.
    pub index: Index,
}

impl KeyPath {
    /// A key of the internal branch.
    #[must_use]
    pub const fn internal(index: Index) -> Self {
        Self { branch: Branch::Internal, index }
    }

    /// A key of the external branch.
    #[must_use]
    pub const fn external(index: Index) -> Self {
        Self { branch: Branch::External, index }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.branch.number(), self.index)
    }
}

/// One of the three accounts of a voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VoterAccount {
    /// Its keys vote.
    Voting,
    /// Its keys sign messages to a VSP once they are registered.
    AltSign,
    /// Its keys hold small coins for VSP fees.
    Purse,
}

impl VoterAccount {
    /// The three accounts in the order of exports.
    pub const ALL: [Self; 3] = [Self::Voting, Self::AltSign, Self::Purse];

    /// The account's number without the hardened bit, for an own voter of `account` and `generation`.
    #[must_use]
    pub fn own_number(self, account: Account, generation: Generation) -> u32 {
        let kind: u32 = match self {
            Self::Voting => 0x1000_0000,
            Self::AltSign => 0x2000_0000,
            Self::Purse => 0x3000_0000,
        };
        // The three parts have no bit in common.
        kind | (u32::from(generation.0) << 24) | account.number()
    }
}

/// The generation of an own voter, 0 to 15; the next one answers a leaked hot file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(u8);

impl Generation {
    /// The generation that every wallet starts with.
    pub const FIRST: Self = Self(0);

    /// Accepts 0 to 15.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        u8::try_from(number).ok().filter(|number| *number < 16).map(Self)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
