//! What is inside of a key store.
//!
//! 0: seed · 1: network · 2: coin type · 3: derivation · 4: accounts `[number, name]` · 5: limits · 6: registered
//! voters, each the body of a voter export · 7: generations of own voters in use · 8: birthday height, absent when
//! unknown.

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::cbor::{CborError, Reader, Writer};
use dcrcold_core::hash::{Fingerprint, Sink};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation};
use dcrcold_core::policy::Limits;
use zeroize::Zeroizing;

use crate::hd::{Derivation, ExtendedPrivateKey, HdError};
use crate::name::Name;
use crate::seed::Seed;
use crate::transfer::{
    BodyError, Content, Encode, Fields, decode, exact, read_account, read_coin_type, read_generation, read_height,
    read_name,
};
use crate::voter::VoterKeys;

/// A spending account that the signer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEntry {
    /// Its number.
    pub account: Account,
    /// What people call it.
    pub name: Name,
}

/// The content of a key store.
pub struct Contents {
    seed: Seed,
    network: Network,
    coin_type: CoinType,
    derivation: Derivation,
    accounts: Vec<AccountEntry>,
    limits: Limits,
    voters: Vec<VoterKeys>,
    generations: Vec<Generation>,
    birthday: Option<Height>,
}

impl Contents {
    /// Starts a key store with one account, the default limits and the own voter of generation 0.
    #[must_use]
    pub fn new(
        seed: Seed,
        network: Network,
        coin_type: CoinType,
        derivation: Derivation,
        account: AccountEntry,
        birthday: Option<Height>,
    ) -> Self {
        Self {
            seed,
            network,
            coin_type,
            derivation,
            accounts: vec![account],
            limits: Limits::DEFAULT,
            voters: Vec::new(),
            generations: vec![Generation::FIRST],
            birthday,
        }
    }

    /// Reads the plain content of a key store.
    ///
    /// # Errors
    /// What is malformed.
    pub fn decode(plain: &[u8]) -> Result<Self, BodyError> {
        decode(plain, read, write)
    }

    /// Writes the plain content.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(exact(|writer| write(self, writer)))
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Makes the master key.
    ///
    /// # Errors
    /// [`HdError::UnusableSeed`] with a probability of 2^-127.
    pub fn master(&self) -> Result<ExtendedPrivateKey, HdError> {
        ExtendedPrivateKey::master(self.seed.as_bytes(), self.network, self.derivation)
    }

    /// The network that the keys are for.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The coin type of all accounts.
    #[must_use]
    pub const fn coin_type(&self) -> CoinType {
        self.coin_type
    }

    /// How keys are derived.
    #[must_use]
    pub const fn derivation(&self) -> Derivation {
        self.derivation
    }

    /// The spending accounts, at least one, by their numbers.
    #[must_use]
    pub fn accounts(&self) -> &[AccountEntry] {
        &self.accounts
    }

    /// The path of an account, if the store holds it.
    #[must_use]
    pub fn find_account(&self, account: Account) -> Option<&AccountEntry> {
        self.accounts.iter().find(|entry| entry.account == account)
    }

    /// The path of one of the accounts.
    #[must_use]
    pub const fn path(&self, account: Account) -> AccountPath {
        AccountPath { coin_type: self.coin_type, account }
    }

    /// What the signer allows at most.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The registered voters, in the order of their registration.
    #[must_use]
    pub fn voters(&self) -> &[VoterKeys] {
        &self.voters
    }

    /// The registered voter with a fingerprint.
    #[must_use]
    pub fn find_voter(&self, fingerprint: &Fingerprint) -> Option<&VoterKeys> {
        self.voters.iter().find(|voter| voter.fingerprint(self.network) == *fingerprint)
    }

    /// The generations of own voters in use, 0 among them.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// A height below which the accounts were not used.
    #[must_use]
    pub const fn birthday(&self) -> Option<Height> {
        self.birthday
    }

    /// Adds a spending account.
    ///
    /// # Errors
    /// [`ContentsError::AccountExists`].
    pub fn add_account(&mut self, entry: AccountEntry) -> Result<(), ContentsError> {
        match self.accounts.binary_search_by_key(&entry.account, |entry| entry.account) {
            Ok(_) => Err(ContentsError::AccountExists { account: entry.account }),
            Err(place) => {
                self.accounts.insert(place, entry);
                Ok(())
            }
        }
    }

    /// Registers a voter. Whether its accounts may be registered is for the caller to check first.
    ///
    /// # Errors
    /// [`ContentsError::VoterExists`], [`ContentsError::NameTaken`].
    pub fn add_voter(&mut self, voter: VoterKeys) -> Result<(), ContentsError> {
        let fingerprint = voter.fingerprint(self.network);
        if let Some(known) = self.find_voter(&fingerprint) {
            return Err(ContentsError::VoterExists { fingerprint, name: known.name.clone() });
        }
        if self.voters.iter().any(|known| known.name == voter.name) {
            return Err(ContentsError::NameTaken { name: voter.name });
        }
        self.voters.push(voter);
        Ok(())
    }

    /// Notes that a generation of own voters is in use.
    ///
    /// Returns whether it is new.
    pub fn add_generation(&mut self, generation: Generation) -> bool {
        match self.generations.binary_search(&generation) {
            Ok(_) => false,
            Err(place) => {
                self.generations.insert(place, generation);
                true
            }
        }
    }
}

fn write(contents: &Contents, writer: &mut Writer<&mut dyn Sink>) {
    writer.map(8 + u64::from(contents.birthday.is_some()));
    writer.uint(0).bytes(contents.seed.as_bytes());
    writer.uint(1).uint(u64::from(contents.network.code()));
    writer.uint(2).uint(u64::from(contents.coin_type.number()));
    writer.uint(3).uint(u64::from(contents.derivation.code()));
    writer.uint(4).array(contents.accounts.len() as u64);
    for entry in &contents.accounts {
        writer.array(2).uint(u64::from(entry.account.number())).text(entry.name.as_str());
    }
    writer.uint(5);
    write_limits(&contents.limits, writer);
    writer.uint(6).array(contents.voters.len() as u64);
    for voter in &contents.voters {
        voter.write(writer);
    }
    writer.uint(7).array(contents.generations.len() as u64);
    for generation in &contents.generations {
        writer.uint(u64::from(generation.number()));
    }
    if let Some(birthday) = contents.birthday {
        writer.uint(8).uint(u64::from(birthday.0));
    }
}

fn write_limits(limits: &Limits, writer: &mut Writer<&mut dyn Sink>) {
    let numbers = [
        limits.ticket.atoms(),
        u64::from(limits.tickets),
        limits.total.atoms(),
        limits.fee.atoms(),
        limits.fee_rate.atoms_per_kb(),
        limits.purse.atoms(),
        u64::from(limits.headroom),
        u64::from(limits.expiry_distance),
    ];
    writer.array(numbers.len() as u64);
    for number in numbers {
        writer.uint(number);
    }
}

fn read(reader: &mut Reader<'_>) -> Result<Contents, BodyError> {
    let mut fields = Fields::open(reader)?;
    let seed = Seed::from_bytes(fields.expect(0)?.bytes()?).map_err(|_| BodyError::value("the seed"))?;
    let network = u8::try_from(fields.expect(1)?.uint()?).ok().and_then(Network::from_code);
    let network = network.ok_or(BodyError::value("the network"))?;
    let coin_type = read_coin_type(network, fields.expect(2)?)?;
    let derivation = Derivation::from_code(fields.expect(3)?.uint()?).ok_or(BodyError::value("the derivation"))?;
    let accounts = read_list(fields.expect(4)?, |reader| {
        reader.array_of(2)?;
        Ok(AccountEntry { account: read_account(reader)?, name: read_name(reader)? })
    })?;
    let limits = read_limits(fields.expect(5)?)?;
    let voters = read_list(fields.expect(6)?, |reader| VoterKeys::read(network, reader))?;
    let generations = read_list(fields.expect(7)?, read_generation)?;
    let birthday = fields.find(8)?.map(read_height).transpose()?;
    fields.end()?;
    let ascending = accounts.is_sorted_by(|a, b| a.account < b.account);
    if accounts.is_empty() || !ascending || generations.first() != Some(&Generation::FIRST) {
        return Err(CborError::Unexpected.into());
    }
    if !generations.is_sorted_by(|a, b| a < b) {
        return Err(CborError::Unexpected.into());
    }
    Ok(Contents { seed, network, coin_type, derivation, accounts, limits, voters, generations, birthday })
}

fn read_list<T>(
    reader: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, BodyError>,
) -> Result<Vec<T>, BodyError> {
    (0..reader.array()?).map(|_| read(reader)).collect()
}

fn read_limits(reader: &mut Reader<'_>) -> Result<Limits, BodyError> {
    reader.array_of(8)?;
    let out_of_range = BodyError::value("a limit");
    let mut number = || reader.uint();
    let amount = |atoms| Amount::from_atoms(atoms).map_err(|_| out_of_range);
    let small = |number| u32::try_from(number).map_err(|_| out_of_range);
    Ok(Limits {
        ticket: amount(number()?)?,
        tickets: small(number()?)?,
        total: amount(number()?)?,
        fee: amount(number()?)?,
        fee_rate: FeeRate::from_atoms_per_kb(number()?),
        purse: amount(number()?)?,
        headroom: small(number()?)?,
        expiry_distance: small(number()?)?,
    })
}

/// Why a key store does not take something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentsError {
    /// The account is there already.
    #[error("account {account} is in the key store already")]
    AccountExists {
        /// Its number.
        account: Account,
    },
    /// The voter is there already.
    #[error("voter {fingerprint} is registered already, as {name:?}")]
    VoterExists {
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// The name that it was registered under.
        name: Name,
    },
    /// Another voter has the name.
    #[error("another voter is registered as {name:?}")]
    NameTaken {
        /// The name.
        name: Name,
    },
}
