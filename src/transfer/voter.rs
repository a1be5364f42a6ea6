//! Kind 6, the public side of a voter.
//!
//! 0: name · 1, 2, 3: `[key, chain code]` of voting, alt-sign and purse account.

use dcrcold_core::cbor::{Reader, Writer};
use dcrcold_core::hash::Sink;
use dcrcold_core::net::Network;

use super::content::{Fields, key_data, put_key_data, read_name};
use super::{BodyError, Content, Encode, Kind};
use crate::voter::VoterKeys;

impl Encode for VoterKeys {
    const KIND: Kind = Kind::VoterExport;

    fn write(&self, writer: &mut Writer<&mut dyn Sink>) {
        writer.map(4).uint(0).text(self.name.as_str());
        for (key, account) in (1..).zip(&self.accounts) {
            writer.uint(key);
            put_key_data(writer, account);
        }
    }
}

impl Content for VoterKeys {
    fn read(_network: Network, reader: &mut Reader<'_>) -> Result<Self, BodyError> {
        let mut fields = Fields::open(reader)?;
        let name = read_name(fields.expect(0)?)?;
        let mut account = |key| key_data(fields.expect(key)?);
        let accounts = [account(1)?, account(2)?, account(3)?];
        fields.end()?;
        Ok(Self { name, accounts })
    }
}
