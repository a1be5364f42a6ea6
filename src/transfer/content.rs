//! What the bodies of the kinds have in common.

use dcrcold_core::amount::Height;
use dcrcold_core::cbor::{CborError, Keys, Reader, Writer};
use dcrcold_core::hash::{Count, Sink};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation};
use zeroize::Zeroizing;

use super::{BodyError, Container, Kind, TransferError};
use crate::hd::{ExtendedKeyData, ExtendedSecretData};
use crate::name::Name;
use crate::wire::Buffer;

/// Something that can be written as the body of a transfer.
pub trait Encode {
    /// The kind of the transfer.
    const KIND: Kind;

    /// Writes the body.
    fn write(&self, writer: &mut Writer<&mut dyn Sink>);

    /// Puts the body into a container.
    ///
    /// # Errors
    /// [`TransferError::TooLarge`].
    fn to_container(&self, network: Network) -> Result<Container, TransferError> {
        Container::new(Self::KIND, network, exact(|writer| self.write(writer)))
    }
}

/// Something that can be read from the body of a transfer.
pub trait Content: Encode + Sized {
    /// Reads the body; the caller sees to it that nothing follows.
    ///
    /// # Errors
    /// What is malformed.
    fn read(network: Network, reader: &mut Reader<'_>) -> Result<Self, BodyError>;

    /// Takes the content out of a container of the right kind.
    ///
    /// # Errors
    /// [`TransferError::WrongKind`], or what is malformed.
    fn from_container(container: &Container) -> Result<Self, TransferError> {
        if container.kind() != Self::KIND {
            return Err(TransferError::WrongKind { found: container.kind(), expected: Self::KIND });
        }
        let body = |source| TransferError::Body { kind: Self::KIND, source };
        decode(container.body(), |reader| Self::read(container.network(), reader), Self::write).map_err(body)
    }
}

/// Reads a whole body and sees that writing its content gives the same bytes again: there is one encoding only.
pub(crate) fn decode<T>(
    body: &[u8],
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, BodyError>,
    write: impl Fn(&T, &mut Writer<&mut dyn Sink>),
) -> Result<T, BodyError> {
    let mut reader = Reader::new(body);
    let content = read(&mut reader)?;
    reader.end()?;
    let again = Zeroizing::new(exact(|writer| write(&content, writer)));
    if *again == body { Ok(content) } else { Err(CborError::Unexpected.into()) }
}

/// Writes into a buffer of exactly the right size, so that a secret leaves no shorter copies behind.
pub(crate) fn exact(write: impl Fn(&mut Writer<&mut dyn Sink>)) -> Vec<u8> {
    let mut count = Count::default();
    write(&mut Writer(&mut count));
    let mut buffer = Buffer(Vec::with_capacity(usize::try_from(count.0).unwrap_or(0)));
    write(&mut Writer(&mut buffer));
    buffer.0
}

/// The fields of a map, read in the order of their keys.
pub(crate) struct Fields<'a, 'b> {
    reader: &'b mut Reader<'a>,
    keys: Keys,
    ahead: Option<u64>,
}

impl<'a, 'b> Fields<'a, 'b> {
    /// Starts at the head of a map.
    pub(crate) fn open(reader: &'b mut Reader<'a>) -> Result<Self, CborError> {
        let keys = reader.map()?;
        Ok(Self { reader, keys, ahead: None })
    }

    /// Goes to the value of a field that must be there.
    pub(crate) fn expect(&mut self, key: u64) -> Result<&mut Reader<'a>, CborError> {
        self.find(key)?.ok_or(CborError::Unexpected)
    }

    /// Goes to the value of a field that may be absent.
    pub(crate) fn find(&mut self, key: u64) -> Result<Option<&mut Reader<'a>>, CborError> {
        if self.ahead.is_none() {
            self.ahead = self.keys.next(self.reader)?;
        }
        Ok(self.ahead.take_if(|ahead| *ahead == key).map(|_| &mut *self.reader))
    }

    /// Sees that no field is left.
    pub(crate) fn end(mut self) -> Result<(), CborError> {
        match (self.ahead, self.keys.next(self.reader)?) {
            (None, None) => Ok(()),
            _ => Err(CborError::Unexpected),
        }
    }
}

/// Writes `[key, chain code]`.
pub(super) fn put_key_data(writer: &mut Writer<&mut dyn Sink>, data: &ExtendedKeyData) {
    writer.array(2).bytes(&data.key().to_bytes()).bytes(data.chain_code());
}

/// Reads `[33-byte key, chain code]`.
pub(super) fn key_data(reader: &mut Reader<'_>) -> Result<ExtendedKeyData, BodyError> {
    reader.array_of(2)?;
    let (key, chain_code) = (reader.array_of_bytes()?, reader.array_of_bytes()?);
    ExtendedKeyData::from_bytes(&key, &chain_code).map_err(|_| BodyError::value("a public key"))
}

/// Reads `[32-byte key, chain code]`.
pub(super) fn secret_data(reader: &mut Reader<'_>) -> Result<ExtendedSecretData, BodyError> {
    reader.array_of(2)?;
    let (key, chain_code) = (Zeroizing::new(reader.array_of_bytes()?), Zeroizing::new(reader.array_of_bytes()?));
    ExtendedSecretData::from_bytes(&key, &chain_code).map_err(|_| BodyError::value("a private key"))
}

/// Reads a name.
pub(crate) fn read_name(reader: &mut Reader<'_>) -> Result<Name, BodyError> {
    reader.text()?.parse().map_err(|_| BodyError::value("a name"))
}

/// Reads the coin type of a network.
pub(crate) fn read_coin_type(network: Network, reader: &mut Reader<'_>) -> Result<CoinType, BodyError> {
    CoinType::new(network, reader.uint()?).ok_or(BodyError::value("the coin type"))
}

/// Reads the number of a spending account.
pub(crate) fn read_account(reader: &mut Reader<'_>) -> Result<Account, BodyError> {
    Account::new(reader.uint()?).ok_or(BodyError::value("the account"))
}

/// Reads the generation of an own voter.
pub(crate) fn read_generation(reader: &mut Reader<'_>) -> Result<Generation, BodyError> {
    Generation::new(reader.uint()?).ok_or(BodyError::value("the generation"))
}

/// Reads the height of a block.
pub(crate) fn read_height(reader: &mut Reader<'_>) -> Result<Height, BodyError> {
    u32::try_from(reader.uint()?).map(Height).map_err(|_| BodyError::value("a height"))
}
