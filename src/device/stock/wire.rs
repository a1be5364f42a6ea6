//! The stock app's commands and replies as bytes.

use dcrcold_core::apdu::Apdu;
use dcrcold_core::hash::put_varint;
use dcrcold_core::net::Network;

use crate::key::{PublicKey, Signature};
use crate::tx::{Transaction, TxOut, der};
use crate::wire::Buffer;

/// The class of all commands.
const CLA: u8 = 0xe0;
const FIRMWARE_VERSION: u8 = 0xc4;
const COIN_VERSION: u8 = 0x16;
const PUBLIC_KEY: u8 = 0x40;
const TRUSTED_INPUT: u8 = 0x42;
const START: u8 = 0x44;
const SIGN: u8 = 0x48;
const FINALIZE: u8 = 0x4a;
/// First and further pieces, and in the second parameter further inputs of the same transaction.
const FIRST: u8 = 0x00;
const NEXT: u8 = 0x80;
/// The last piece of the outputs, and what names the change.
const LAST: u8 = 0x80;
const CHANGE: u8 = 0xff;
/// The only hash type that it signs.
const HASH_ALL: u8 = 1;
/// The most data of a command.
const MAX_DATA: usize = 255;
/// An input that the app has vouched for.
pub(super) const TRUSTED_LENGTH: usize = 56;
/// The place of version numbers in the reply, after features and architecture.
const ARCHITECTURE: u8 = 0x30;

/// A command.
pub(super) struct Ask(Vec<u8>);

/// Major, minor, patch.
pub(super) struct Version(pub(super) [u8; 3]);

impl Ask {
    fn new(ins: u8, p1: u8, p2: u8, data: &[u8]) -> Self {
        let length = u8::try_from(data.len()).expect("no command is made of more than 255 bytes");
        Self([&[CLA, ins, p1, p2, length], data].concat())
    }

    pub(super) fn version() -> Self {
        Self::new(FIRMWARE_VERSION, 0, 0, &[])
    }

    pub(super) fn coin() -> Self {
        Self::new(COIN_VERSION, 0, 0, &[])
    }

    pub(super) fn key(path: &[u32]) -> Self {
        Self::new(PUBLIC_KEY, 0, 0, &path_bytes(path))
    }

    pub(super) fn shown_key(path: &[u32]) -> Self {
        Self::new(PUBLIC_KEY, 1, 0, &path_bytes(path))
    }

    pub(super) fn change(path: &[u32]) -> Self {
        Self::new(FINALIZE, CHANGE, 0, &path_bytes(path))
    }

    pub(super) fn sign(path: &[u32], tx: &Transaction) -> Self {
        // Big endian here, although the same numbers are little endian in what is signed.
        let [lock_time, expiry] = [tx.lock_time, tx.expiry].map(u32::to_be_bytes);
        Self::new(SIGN, 0, 0, &[&*path_bytes(path), &lock_time, &expiry, &[HASH_ALL]].concat())
    }

    /// Has the app vouch for an output of a transaction: its prefix, signature scripts empty.
    ///
    /// Fields are not split between pieces, for the app's parser takes each whole; scripts may be.
    pub(super) fn trusted_input(parent: &Transaction, output: u32) -> Vec<Self> {
        let mut pieces = vec![[&output.to_be_bytes()[..], &head(parent)].concat()];
        for input in &parent.inputs {
            let place = [input.previous.id.as_bytes(), &input.previous.index.to_le_bytes()[..]].concat();
            pieces.push([&*place, &[input.previous.tree.code(), 0], &input.sequence.to_le_bytes()].concat());
        }
        pieces.push(varint(parent.outputs.len()));
        for output in &parent.outputs {
            pieces.push(output_head(output));
            pieces.extend(output.script.chunks(MAX_DATA).map(<[u8]>::to_vec));
        }
        pieces.push([parent.lock_time.to_le_bytes(), parent.expiry.to_le_bytes()].concat());
        Self::pieces(TRUSTED_INPUT, 0, &pieces)
    }

    /// The inputs of a transaction, with the script of the one to be signed.
    pub(super) fn inputs(
        tx: &Transaction,
        trusted: &[[u8; TRUSTED_LENGTH]],
        signed: usize,
        script: &[u8],
    ) -> Vec<Self> {
        let mut pieces = vec![head(tx)];
        for (number, (input, trusted)) in tx.inputs.iter().zip(trusted).enumerate() {
            let script = if number == signed { script } else { &[] };
            let length = u8::try_from(TRUSTED_LENGTH).expect("56 fits");
            pieces.push(
                [&[1, length], trusted.as_slice(), &[input.previous.tree.code()], &varint(script.len())].concat(),
            );
            pieces.push([script, &input.sequence.to_le_bytes()].concat());
        }
        Self::pieces(START, if signed == 0 { 0 } else { NEXT }, &pieces)
    }

    /// The outputs: their number first, so that the app knows that more is to come and shows each; then one by one.
    pub(super) fn outputs(tx: &Transaction) -> Vec<Self> {
        let outputs = tx.outputs.iter().map(|output| [output_head(output), output.script.clone()].concat());
        let pieces: Vec<Vec<u8>> = [varint(tx.outputs.len())].into_iter().chain(outputs).collect();
        let last = pieces.len() - 1;
        let ask = |(number, piece): (usize, &Vec<u8>)| {
            Self::new(FINALIZE, if number == last { LAST } else { FIRST }, 0, piece)
        };
        pieces.iter().enumerate().map(ask).collect()
    }

    fn pieces(ins: u8, p2: u8, pieces: &[Vec<u8>]) -> Vec<Self> {
        let first = |number| if number == 0 { FIRST } else { NEXT };
        pieces.iter().enumerate().map(|(number, piece)| Self::new(ins, first(number), p2, piece)).collect()
    }

    pub(super) fn apdu(&self) -> Apdu {
        Apdu::from_bytes(&self.0).expect("five bytes and at most 255")
    }
}

/// Whether a command of the stock app asks a person; `None` when it is not one of its commands.
pub(super) fn patience_of(command: &[u8]) -> Option<bool> {
    match command {
        [CLA, PUBLIC_KEY, p1, ..] => Some(*p1 != 0),
        [CLA, ins, ..] => Some(*ins == FINALIZE),
        _ => None,
    }
}

impl Version {
    /// Features, architecture, major, minor, patch, and what does not matter.
    pub(super) fn read(reply: &[u8]) -> Option<Self> {
        match reply {
            [_, ARCHITECTURE, major, minor, patch, ..] => Some(Self([*major, *minor, *patch])),
            _ => None,
        }
    }
}

/// The network whose addresses the app makes: the prefixes of both kinds, and family and names that do not matter.
pub(super) fn serves(reply: &[u8]) -> Option<Network> {
    let (prefixes, _) = reply.split_first_chunk::<4>()?;
    match prefixes {
        [0x07, 0x3f, 0x07, 0x1a] => Some(Network::Mainnet),
        [0x0f, 0x21, 0x0e, 0xfc] => Some(Network::Testnet3),
        _ => None,
    }
}

/// Length and uncompressed key, length and address, chain code.
pub(super) fn read_key(reply: &[u8]) -> Option<(PublicKey, String, [u8; 32])> {
    let ([65], rest) = reply.split_first_chunk::<1>()? else { return None };
    let (key, rest) = rest.split_first_chunk::<65>()?;
    let (length, rest) = rest.split_first()?;
    let (address, chain_code) = rest.split_at_checked(usize::from(*length))?;
    let printable = address.iter().all(u8::is_ascii_alphanumeric);
    let address = String::from_utf8(address.to_vec()).ok().filter(|_| printable)?;
    Some((PublicKey::from_uncompressed(key).ok()?, address, chain_code.try_into().ok()?))
}

/// DER and the hash type. The lowest bit of the first byte is no DER: it tells the parity of the nonce point.
pub(super) fn read_signature(reply: &[u8]) -> Option<Signature> {
    let (HASH_ALL, signature) = reply.split_last().map(|(last, rest)| (*last, rest))? else { return None };
    let mut signature = signature.to_vec();
    *signature.first_mut()? &= 0xfe;
    der::parse(&signature).ok()?.with_low_s()
}

fn path_bytes(path: &[u32]) -> Vec<u8> {
    let length = u8::try_from(path.len()).expect("a path has five steps at most");
    [length].into_iter().chain(path.iter().flat_map(|step| step.to_be_bytes())).collect()
}

/// Version, without the kind of serialisation that the app adds itself, and the number of inputs.
fn head(tx: &Transaction) -> Vec<u8> {
    [&u32::from(tx.version).to_le_bytes()[..], &varint(tx.inputs.len())].concat()
}

fn output_head(output: &TxOut) -> Vec<u8> {
    let head = [&output.value.0.to_le_bytes()[..], &output.script_version.to_le_bytes()].concat();
    [head, varint(output.script.len())].concat()
}

fn varint(number: usize) -> Vec<u8> {
    let mut buffer = Buffer(Vec::new());
    put_varint(&mut buffer, number as u64);
    buffer.0
}
