//! The content of a key store as bytes.
//!
//! 0: seed · 1: network · 2: coin type · 3: derivation · 4: accounts `[number, name]` · 5: limits · 6: registered
//! voters, each the body of a voter export · 7: generations of own voters in use · 8: birthday height, absent when
//! unknown · 9: what was signed before, absent when unknown.

use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::cbor::{CborError, Reader, Writer};
use dcrcold_core::hash::Sink;
use dcrcold_core::net::Network;
use dcrcold_core::path::Generation;
use dcrcold_core::policy::Limits;

use super::{AccountEntry, Contents};
use crate::hd::Derivation;
use crate::journal::History;
use crate::seed::Seed;
use crate::transfer::{
    BodyError, Content, Encode, Fields, read_account, read_coin_type, read_generation, read_height, read_name,
};
use crate::voter::VoterKeys;

/// Writes the content.
pub(super) fn write(contents: &Contents, writer: &mut Writer<&mut dyn Sink>) {
    writer.map(8 + u64::from(contents.birthday.is_some()) + u64::from(contents.history.is_some()));
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
    if let Some(history) = &contents.history {
        writer.uint(9);
        history.write(writer);
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

/// Reads the content.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Contents, BodyError> {
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
    let history = fields.find(9)?.map(History::read).transpose()?;
    fields.end()?;
    let ascending = accounts.is_sorted_by(|a, b| a.account < b.account);
    if accounts.is_empty() || !ascending || generations.first() != Some(&Generation::FIRST) {
        return Err(CborError::Unexpected.into());
    }
    if !generations.is_sorted_by(|a, b| a < b) {
        return Err(CborError::Unexpected.into());
    }
    Ok(Contents { seed, network, coin_type, derivation, accounts, limits, voters, generations, birthday, history })
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
