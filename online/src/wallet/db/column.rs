//! The types of this project as columns.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, Fingerprint, Hash160, TransferId, TxId};
use dcrcold_core::path::{Branch, Index, KeyPath};
use dcrcold_core::script::{Payee, StakeTag};
use dcrcold_signer::tx::{Tree, TxKind};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Result, Row};

use crate::vsp::{ServerKey, VspAddress};

/// A value of a type that SQLite does not know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<T>(pub T);

macro_rules! hash_columns {
    ($($name:ty),+) => {$(
        impl ToSql for Column<$name> {
            fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
            }
        }

        impl FromSql for Column<$name> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value).map(|bytes| Self(<$name>::from_bytes(bytes)))
            }
        }
    )+};
}

hash_columns!(TxId, BlockHash, TransferId, Hash160, Fingerprint);

/// Declares columns that are whole numbers: how to write one and how to read it, `None` when it cannot be one.
macro_rules! number_columns {
    ($($name:ty: $write:expr, $read:expr;)+) => {$(
        impl ToSql for Column<$name> {
            fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
                let write: fn(&$name) -> u64 = $write;
                let number = i64::try_from(write(&self.0)).expect("numbers of the chain fit 63 bits");
                Ok(ToSqlOutput::from(number))
            }
        }

        impl FromSql for Column<$name> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let read: fn(u64) -> Option<$name> = $read;
                let number = value.as_i64()?;
                let known = u64::try_from(number).ok().and_then(read);
                known.map(Self).ok_or(FromSqlError::OutOfRange(number))
            }
        }
    )+};
}

number_columns! {
    Amount: |amount| amount.atoms(), |number| Amount::from_atoms(number).ok();
    Height: |height| height.0.into(), |number| u32::try_from(number).ok().map(Height);
    Branch: |branch| branch.number().into(), Branch::new;
    Index: |index| index.number().into(), |number| Index::FIRST.plus(u32::try_from(number).ok()?);
    Tree: |tree| tree.code().into(), |number| Tree::from_code(u8::try_from(number).ok()?);
    StakeTag: |tag| tag.opcode().into(), |number| StakeTag::from_opcode(u8::try_from(number).ok()?);
    TxKind: |kind| kind_code(*kind), kind_of;
}

macro_rules! text_columns {
    ($($name:ty),+) => {$(
        impl ToSql for Column<$name> {
            fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.0.to_string()))
            }
        }

        impl FromSql for Column<$name> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str()?.parse().map(Self).map_err(FromSqlError::other)
            }
        }
    )+};
}

text_columns!(VspAddress, ServerKey);

/// The kinds of transactions in the order of their codes in the file; only appended to.
const KINDS: [TxKind; 8] = [
    TxKind::Regular,
    TxKind::Coinbase,
    TxKind::Ticket,
    TxKind::Vote,
    TxKind::Revocation,
    TxKind::TreasuryAdd,
    TxKind::TreasurySpend,
    TxKind::TreasuryBase,
];

fn kind_code(kind: TxKind) -> u64 {
    KINDS.iter().position(|known| *known == kind).expect("every kind has a code") as u64
}

fn kind_of(code: u64) -> Option<TxKind> {
    KINDS.get(usize::try_from(code).ok()?).copied()
}

/// Reads the columns `first` and `first + 1` as hash and `is_script`.
pub(crate) fn payee(row: &Row<'_>, first: usize) -> Result<Payee> {
    let hash = row.get::<_, Column<Hash160>>(first)?.0;
    let is_script: bool = row.get(first + 1)?;
    Ok(if is_script { Payee::ScriptHash(hash) } else { Payee::KeyHash(hash) })
}

/// Reads the columns `first` and `first + 1` as branch and index.
pub(crate) fn path(row: &Row<'_>, first: usize) -> Result<KeyPath> {
    let (Column(branch), Column(index)) = (row.get(first)?, row.get(first + 1)?);
    Ok(KeyPath { branch, index })
}

/// As [`path`], for columns that may be null.
pub(crate) fn optional_path(row: &Row<'_>, first: usize) -> Result<Option<KeyPath>> {
    let branch: Option<Column<Branch>> = row.get(first)?;
    branch.map(|_| path(row, first)).transpose()
}
