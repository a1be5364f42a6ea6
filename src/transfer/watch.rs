//! Kind 5, the public side of a spending account: what the online machine needs to watch it and to make requests.
//!
//! 0: `[coin type, account]` · 1: `[33-byte key, chain code]` · 2: parent fingerprint · 3: derivation · 4: own voter
//! `[g, [key, chain code] × 3]`, absent on a device · 5: `[inputs, tickets, highest kind]` · 6: name · 7: birthday
//! height, absent when unknown.

use dcrcold_core::amount::Height;
use dcrcold_core::cbor::{Reader, Writer};
use dcrcold_core::hash::Sink;
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, Generation};

use super::content::{
    Fields, key_data, put_key_data, read_account, read_coin_type, read_generation, read_height, read_name,
};
use super::{BodyError, Content, Encode, Kind};
use crate::hd::{ChildNumber, Derivation, ExtendedKeyData, ExtendedPublicKey, Position};
use crate::name::Name;

/// The depth of an account key: purpose, coin type, account.
const ACCOUNT_DEPTH: u8 = 3;

/// What a signer takes in one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Inputs.
    pub inputs: u32,
    /// Tickets.
    pub tickets: u32,
    /// The highest kind of request that it reads.
    pub highest_kind: u8,
}

impl Capacity {
    /// What the host signer takes.
    pub const HOST: Self = Self { inputs: 256, tickets: 100, highest_kind: 3 };
    /// What a device with the core of version 1.0 takes.
    pub const DEVICE: Self = Self { inputs: 24, tickets: 20, highest_kind: 3 };
}

/// The voter of the same seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnVoter {
    /// Its generation.
    pub generation: Generation,
    /// Its accounts: voting, alt-sign, purse.
    pub accounts: [ExtendedKeyData; 3],
}

/// The public side of a spending account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchExport {
    /// Coin type and account.
    pub account: AccountPath,
    /// The account's key.
    pub key: ExtendedKeyData,
    /// The fingerprint of the coin type's key, so that the extended key prints as dcrwallet prints it.
    pub parent_fingerprint: [u8; 4],
    /// How the account was derived.
    pub derivation: Derivation,
    /// The voter of the same seed; a device has none.
    pub own_voter: Option<OwnVoter>,
    /// What the signer takes in one request.
    pub capacity: Capacity,
    /// What people call the account.
    pub name: Name,
    /// A height below which the account was not used.
    pub birthday: Option<Height>,
}

impl WatchExport {
    /// The account's key in the form that prints as `dpub...`.
    #[must_use]
    pub fn extended_key(&self, network: Network) -> ExtendedPublicKey {
        let child_number = ChildNumber::hardened(self.account.account.number());
        let position = Position { depth: ACCOUNT_DEPTH, parent_fingerprint: self.parent_fingerprint, child_number };
        ExtendedPublicKey::new(network, position, self.key)
    }
}

impl Encode for WatchExport {
    const KIND: Kind = Kind::WatchExport;

    fn write(&self, writer: &mut Writer<&mut dyn Sink>) {
        let optional = u64::from(self.own_voter.is_some()) + u64::from(self.birthday.is_some());
        writer.map(6 + optional);
        writer.uint(0).array(2).uint(u64::from(self.account.coin_type.number()));
        writer.uint(u64::from(self.account.account.number()));
        writer.uint(1);
        put_key_data(writer, &self.key);
        writer.uint(2).bytes(&self.parent_fingerprint);
        writer.uint(3).uint(u64::from(self.derivation.code()));
        if let Some(voter) = &self.own_voter {
            writer.uint(4).array(4).uint(u64::from(voter.generation.number()));
            voter.accounts.iter().for_each(|account| put_key_data(writer, account));
        }
        let Capacity { inputs, tickets, highest_kind } = self.capacity;
        writer.uint(5).array(3).uint(u64::from(inputs)).uint(u64::from(tickets)).uint(u64::from(highest_kind));
        writer.uint(6).text(self.name.as_str());
        if let Some(birthday) = self.birthday {
            writer.uint(7).uint(u64::from(birthday.0));
        }
    }
}

impl Content for WatchExport {
    fn read(network: Network, reader: &mut Reader<'_>) -> Result<Self, BodyError> {
        let mut fields = Fields::open(reader)?;
        let value = fields.expect(0)?;
        value.array_of(2)?;
        let account = AccountPath { coin_type: read_coin_type(network, value)?, account: read_account(value)? };
        let key = key_data(fields.expect(1)?)?;
        let parent_fingerprint = fields.expect(2)?.array_of_bytes()?;
        let derivation = Derivation::from_code(fields.expect(3)?.uint()?).ok_or(BodyError::value("the derivation"))?;
        let own_voter = fields.find(4)?.map(read_own_voter).transpose()?;
        let capacity = read_capacity(fields.expect(5)?)?;
        let name = read_name(fields.expect(6)?)?;
        let birthday = fields.find(7)?.map(read_height).transpose()?;
        fields.end()?;
        Ok(Self { account, key, parent_fingerprint, derivation, own_voter, capacity, name, birthday })
    }
}

fn read_own_voter(reader: &mut Reader<'_>) -> Result<OwnVoter, BodyError> {
    reader.array_of(4)?;
    let generation = read_generation(reader)?;
    Ok(OwnVoter { generation, accounts: [key_data(reader)?, key_data(reader)?, key_data(reader)?] })
}

fn read_capacity(reader: &mut Reader<'_>) -> Result<Capacity, BodyError> {
    reader.array_of(3)?;
    let out_of_range = BodyError::value("the signer's capacity");
    let mut number = || reader.uint();
    let (inputs, tickets, kind) = (number()?, number()?, number()?);
    Ok(Capacity {
        inputs: u32::try_from(inputs).map_err(|_| out_of_range)?,
        tickets: u32::try_from(tickets).map_err(|_| out_of_range)?,
        highest_kind: u8::try_from(kind).map_err(|_| out_of_range)?,
    })
}
