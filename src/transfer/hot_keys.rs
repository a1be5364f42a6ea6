//! Kind 7, the private side of a voter, in a sealed file.
//!
//! Plain content: 0: name · 1, 2, 3: `[32-byte key, chain code]` of voting, alt-sign and purse account · 4: generation
//! · 5: coin type · 6: account.

use dcrcold_core::cbor::{Reader, Writer};
use dcrcold_core::hash::Sink;
use dcrcold_core::net::Network;
use zeroize::Zeroizing;

use super::content::{Fields, decode, exact, read_account, read_coin_type, read_generation, read_name, secret_data};
use super::{BodyError, Container, Kind, TransferError};
use crate::sealed::{Kdf, Passphrase, Randomness, Sealed, seal};
use crate::voter::VoterSecrets;

/// Seals the private side of a voter.
///
/// # Errors
/// [`TransferError::Sealed`].
pub fn seal_hot_keys(
    network: Network,
    secrets: &VoterSecrets,
    passphrase: &Passphrase,
    kdf: Kdf,
    randomness: &Randomness,
) -> Result<Container, TransferError> {
    let plain = Zeroizing::new(exact(|writer| write(secrets, writer)));
    Container::new(Kind::HotKeys, network, seal(&plain, passphrase, kdf, randomness)?)
}

/// Opens the private side of a voter.
///
/// # Errors
/// [`TransferError::WrongKind`], [`TransferError::Sealed`], or what is malformed inside.
pub fn open_hot_keys(container: &Container, passphrase: &Passphrase) -> Result<VoterSecrets, TransferError> {
    if container.kind() != Kind::HotKeys {
        return Err(TransferError::WrongKind { found: container.kind(), expected: Kind::HotKeys });
    }
    let plain = Sealed::parse(container.body())?.open(passphrase)?;
    decode_hot_keys(container.network(), &plain).map_err(|source| TransferError::Body { kind: Kind::HotKeys, source })
}

/// Reads the private side of a voter as it lies in its sealed file.
///
/// # Errors
/// What is malformed.
pub fn decode_hot_keys(network: Network, plain: &[u8]) -> Result<VoterSecrets, BodyError> {
    decode(plain, |reader| read(network, reader), write)
}

fn write(secrets: &VoterSecrets, writer: &mut Writer<&mut dyn Sink>) {
    writer.map(7).uint(0).text(secrets.name.as_str());
    for (key, account) in (1..).zip(&secrets.accounts) {
        writer.uint(key).array(2).bytes(account.key().secret_bytes()).bytes(account.chain_code());
    }
    writer.uint(4).uint(u64::from(secrets.generation.number()));
    writer.uint(5).uint(u64::from(secrets.coin_type.number()));
    writer.uint(6).uint(u64::from(secrets.account.number()));
}

fn read(network: Network, reader: &mut Reader<'_>) -> Result<VoterSecrets, BodyError> {
    let mut fields = Fields::open(reader)?;
    let name = read_name(fields.expect(0)?)?;
    let mut account = |key| secret_data(fields.expect(key)?);
    let accounts = [account(1)?, account(2)?, account(3)?];
    let generation = read_generation(fields.expect(4)?)?;
    let coin_type = read_coin_type(network, fields.expect(5)?)?;
    let account = read_account(fields.expect(6)?)?;
    fields.end()?;
    Ok(VoterSecrets { name, accounts, generation, coin_type, account })
}
