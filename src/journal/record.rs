//! What is remembered of an approved request.
//!
//! 0: id · 1: account · 2: atoms of all inputs · 3: outputs that are spent `[transaction, output]` · 4: internal indexes
//! `[first, count]` · 5: voter · 6: its voting keys `[first, count]` · 7: its purse keys `[first, count]`; 4 to 7 absent
//! when there are none.

use dcrcold_core::amount::Amount;
use dcrcold_core::cbor::{CborError, Reader, Writer};
use dcrcold_core::hash::{Fingerprint, Sink, TransferId, TxId};
use dcrcold_core::machine::{Earlier, Outpoint, Reviewable, Run, Uses};
use dcrcold_core::path::{Account, Index};

use crate::transfer::{BodyError, Fields, decode, exact, read_account};

/// What is remembered of an approved request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The request and what its inputs are worth.
    pub request: Earlier,
    /// The spending account.
    pub account: Account,
    /// What its signatures spend.
    pub spent: Vec<Outpoint>,
    /// The indexes that it took into use.
    pub uses: Uses,
}

impl Record {
    /// What there is to remember of a request.
    #[must_use]
    pub fn of<const I: usize, const T: usize>(request: &Reviewable<I, T>) -> Self {
        Self {
            request: Earlier { request: *request.id(), spent: request.spent() },
            account: request.account().account,
            spent: request.outpoints().collect(),
            uses: request.uses(),
        }
    }

    /// Writes the content of its record.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        exact(|writer| write(self, writer))
    }

    /// Reads the content of its record.
    ///
    /// # Errors
    /// What is malformed.
    pub fn decode(plain: &[u8]) -> Result<Self, BodyError> {
        decode(plain, read, write)
    }

    /// Whether it spends a coin.
    #[must_use]
    pub fn spends(&self, coin: &Outpoint) -> bool {
        self.spent.contains(coin)
    }

    /// Whether it names a key of a voter.
    #[must_use]
    pub fn names(&self, voter: &Fingerprint, index: Index) -> bool {
        let run = self.uses.voting.filter(|_| self.uses.voter == Some(*voter));
        run.is_some_and(|run| (run.first.number()..run.end()).contains(&index.number()))
    }
}

fn write(record: &Record, writer: &mut Writer<&mut dyn Sink>) {
    let Uses { internal, voter, voting, purse } = &record.uses;
    let optional = [internal.is_some(), voter.is_some(), voting.is_some(), purse.is_some()];
    writer.map(4 + optional.iter().map(|there| u64::from(*there)).sum::<u64>());
    writer.uint(0).bytes(record.request.request.as_bytes());
    writer.uint(1).uint(u64::from(record.account.number()));
    writer.uint(2).uint(record.request.spent.atoms());
    writer.uint(3).array(record.spent.len() as u64);
    for coin in &record.spent {
        writer.array(2).bytes(coin.id.as_bytes()).uint(u64::from(coin.output));
    }
    put_run(writer, 4, internal.as_ref());
    if let Some(voter) = voter {
        writer.uint(5).bytes(voter.as_bytes());
    }
    put_run(writer, 6, voting.as_ref());
    put_run(writer, 7, purse.as_ref());
}

fn put_run(writer: &mut Writer<&mut dyn Sink>, key: u64, run: Option<&Run>) {
    if let Some(run) = run {
        writer.uint(key).array(2).uint(u64::from(run.first.number())).uint(u64::from(run.count));
    }
}

fn read(reader: &mut Reader<'_>) -> Result<Record, BodyError> {
    let mut fields = Fields::open(reader)?;
    let id = TransferId::from_bytes(fields.expect(0)?.array_of_bytes()?);
    let account = read_account(fields.expect(1)?)?;
    let total = Amount::from_atoms(fields.expect(2)?.uint()?).map_err(|_| BodyError::value("an amount"))?;
    let coins = fields.expect(3)?;
    let spent = (0..coins.array()?).map(|_| read_coin(coins)).collect::<Result<_, BodyError>>()?;
    let uses = Uses {
        internal: fields.find(4)?.map(read_run).transpose()?,
        voter: fields.find(5)?.map(|reader| reader.array_of_bytes().map(Fingerprint::from_bytes)).transpose()?,
        voting: fields.find(6)?.map(read_run).transpose()?,
        purse: fields.find(7)?.map(read_run).transpose()?,
    };
    fields.end()?;
    Ok(Record { request: Earlier { request: id, spent: total }, account, spent, uses })
}

fn read_coin(reader: &mut Reader<'_>) -> Result<Outpoint, BodyError> {
    reader.array_of(2)?;
    Ok(Outpoint { id: TxId::from_bytes(reader.array_of_bytes()?), output: small(reader)? })
}

fn read_run(reader: &mut Reader<'_>) -> Result<Run, BodyError> {
    reader.array_of(2)?;
    let first = Index::new(reader.uint()?).ok_or(BodyError::value("an index"))?;
    Ok(Run { first, count: small(reader)? })
}

fn small(reader: &mut Reader<'_>) -> Result<u32, BodyError> {
    u32::try_from(reader.uint()?).map_err(|_| CborError::Unexpected.into())
}
