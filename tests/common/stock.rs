//! Ledger's own Decred app 1.3.14 in process, as strict as the real one was seen to be: what it answers, when it halts, and
//! what it shows. Written from its observed behaviour, measured in Speculos, and held to its own published test.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

#[path = "stock_bytes.rs"]
mod bytes;

use dcrcold_core::apdu::{Apdu, Exchange, Reply};
use dcrcold_core::hash::{Hash160, MessageHash};
use dcrcold_core::net::Network;
use dcrcold_core::path::HARDENED;
use dcrcold_signer::address::Address;
use dcrcold_signer::hd::{ChildNumber, ExtendedPrivateKey};
use dcrcold_signer::tx::der;

use self::bytes::{Cut, Hash, Parent, Pieces};

/// What outputs are looked at in.
const BUFFER: usize = 200;
const DONE: u16 = 0x9000;
const LENGTH: u16 = 0x6700;
const LOCKED: u16 = 0x6982;
const STATE: u16 = 0x6985;
const DATA: u16 = 0x6a80;
const PARAMETERS: u16 = 0x6b00;
const INSTRUCTION: u16 = 0x6d00;
const REFUSED: u16 = 0x6f00;
const BROKEN: u16 = 0x6f01;
const FORBIDDEN: u16 = 0x6f15;
const HALTED: u16 = 0x6faa;
/// What it signs with an input that it has vouched for.
const VOUCHED: usize = 48;

/// The status word that ends a command.
struct Ends(u16, Vec<u8>);

impl From<u16> for Ends {
    fn from(status: u16) -> Self {
        Self(status, Vec::new())
    }
}

impl From<Cut> for Ends {
    fn from(_: Cut) -> Self {
        BROKEN.into()
    }
}

type Answer = Result<Vec<u8>, Ends>;

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Nothing,
    Inputs,
    Outputs,
    Sign,
}

/// The app and the person in front of it.
pub struct StockDouble {
    master: ExtendedPrivateKey,
    pub network: Network,
    pub locked: bool,
    halted: bool,
    state: State,
    /// Whether the outputs are still to be approved.
    first: bool,
    several: bool,
    stream: Vec<u8>,
    trusted_index: u32,
    inputs: Inputs,
    pending: Vec<u8>,
    outputs: Option<u64>,
    change: Option<Hash160>,
    change_found: bool,
    paid: u64,
    approved: Option<[u8; 32]>,
    prefix: Hash,
    authorization: Hash,
    witness: Hash,
    /// What was shown.
    pub screens: Vec<String>,
    /// The screen at which the person says no.
    pub declines_at: Option<usize>,
    /// All commands that came.
    pub commands: Vec<Vec<u8>>,
    /// How many bytes it answered.
    pub back: usize,
    /// A signature that is wrong, for the host to notice.
    pub forges: bool,
}

/// Inputs that are read in pieces.
#[derive(Default)]
struct Inputs {
    left: Option<u64>,
    /// Bytes of a script that are to come; the sequence number follows.
    script: Option<u64>,
    spent: u64,
}

impl StockDouble {
    pub fn new(master: ExtendedPrivateKey) -> Self {
        Self {
            master,
            network: Network::Mainnet,
            locked: false,
            halted: false,
            state: State::Nothing,
            first: false,
            several: false,
            stream: Vec::new(),
            trusted_index: 0,
            inputs: Inputs::default(),
            pending: Vec::new(),
            outputs: None,
            change: None,
            change_found: false,
            paid: 0,
            approved: None,
            prefix: Hash::default(),
            authorization: Hash::default(),
            witness: Hash::default(),
            screens: Vec::new(),
            declines_at: None,
            commands: Vec::new(),
            back: 0,
            forges: false,
        }
    }

    /// Answers any bytes.
    pub fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        self.commands.push(command.to_vec());
        let result = match command {
            _ if self.halted => Err(HALTED.into()),
            [0xb0, 1, 0, 0, 0] => Ok(b"\x01\x06Decred\x061.3.14\x01\x02".to_vec()),
            [0xe0, ins, p1, p2, length, data @ ..] if usize::from(*length) == data.len() => {
                self.command(*ins, *p1, *p2, data)
            }
            [0xe0, _, _, _] => Err(LENGTH.into()),
            [0xe0, ..] => Err(LENGTH.into()),
            _ => Err(INSTRUCTION.into()),
        };
        let reply = match result {
            Ok(data) => [&*data, &DONE.to_be_bytes()].concat(),
            Err(Ends(status, data)) => {
                self.halted |= matches!(status, FORBIDDEN | BROKEN);
                [&*data, &status.to_be_bytes()].concat()
            }
        };
        self.back += reply.len();
        reply
    }

    fn command(&mut self, ins: u8, p1: u8, p2: u8, data: &[u8]) -> Answer {
        if matches!(ins, 0x40 | 0x42 | 0x44 | 0x48 | 0x4a) && data.is_empty() {
            return Err(LENGTH.into());
        }
        match ins {
            0xc4 => Ok(vec![0x1b, 0x30, 1, 3, 14, 1, 0, 3]),
            0x16 if self.network == Network::Mainnet => Ok(b"\x07\x3f\x07\x1a\x01\x06Decred\x03DCR".to_vec()),
            0x16 => Ok(b"\x0f\x21\x0e\xfc\x01\x06Decred\x04TDCR".to_vec()),
            0x40 => self.public_key(p1, p2, data),
            0x42 => self.trusted_input(p1, p2, data),
            0x44 => self.start(p1, p2, data),
            0x4a => self.finalize(p1, data),
            0x48 => self.sign(data),
            _ => Err(INSTRUCTION.into()),
        }
    }

    fn derive(&self, data: &[u8]) -> Result<(ExtendedPrivateKey, usize), Ends> {
        let steps = usize::from(data[0]);
        let path = data.get(1..1 + 4 * steps).filter(|_| steps <= 10).ok_or(DATA)?;
        let path: Vec<u32> = path.chunks(4).map(|step| u32::from_be_bytes(step.try_into().unwrap())).collect();
        if !matches!(path.as_slice(), [purpose, coin, ..] if *purpose == 44 | HARDENED && *coin == 42 | HARDENED) {
            return Err(FORBIDDEN.into());
        }
        let master = self.master.child(ChildNumber::from_raw(path[0])).unwrap();
        let derive = |key: ExtendedPrivateKey, step: &u32| key.child(ChildNumber::from_raw(*step)).unwrap();
        Ok((path[1..].iter().fold(master, derive), 1 + 4 * steps))
    }

    fn public_key(&mut self, p1: u8, p2: u8, data: &[u8]) -> Answer {
        if p1 > 2 || p2 != 0 {
            return Err(PARAMETERS.into());
        }
        if self.locked {
            return Err(LOCKED.into());
        }
        let (key, _) = self.derive(data)?;
        let compressed = key.key().public_key().to_bytes();
        let address = Address::of_key_hash(self.network, Hash160::of(&compressed)).to_string();
        if p1 == 1 {
            self.show(format!("Address {address}"))?;
        }
        let length = u8::try_from(address.len()).unwrap();
        let chain_code = *key.public().node().chain_code();
        let full = secp256k1::PublicKey::from_byte_array_compressed(compressed).unwrap().serialize_uncompressed();
        Ok([&[65][..], &full, &[length], address.as_bytes(), &chain_code].concat())
    }

    fn show(&mut self, screen: String) -> Result<(), Ends> {
        self.screens.push(screen);
        if self.declines_at == Some(self.screens.len() - 1) {
            self.state = State::Nothing;
            return Err(STATE.into());
        }
        Ok(())
    }

    /// Its mark on what it vouches for, which nobody else can check: any keyed hash will do.
    fn mac(vouched: &[u8]) -> [u8; 8] {
        let digest = blake256::blake256(&[b"a key that never leaves the device", vouched].concat());
        digest[..8].try_into().unwrap()
    }

    /// Takes a whole transaction, signature scripts and all, each field in one piece.
    fn trusted_input(&mut self, p1: u8, p2: u8, data: &[u8]) -> Answer {
        let mut data = data;
        match (p1, p2) {
            (0, 0) => {
                self.trusted_index = u32::from_be_bytes(*data.split_first_chunk().ok_or(BROKEN)?.0);
                data = &data[4..];
                self.stream.clear();
                self.state = State::Nothing;
            }
            (0x80, 0) if !self.stream.is_empty() => {}
            _ => return Err(PARAMETERS.into()),
        }
        let before = self.stream.len();
        self.stream.extend_from_slice(data);
        let Some(parsed) = Parent::read(&self.stream, before)? else { return Ok(Vec::new()) };
        self.stream.clear();
        let value = *parsed.values.get(self.trusted_index as usize).ok_or(DATA)?;
        let mut vouched = vec![0x32, 0, 0xab, 0xcd];
        vouched.extend(parsed.id);
        vouched.extend(self.trusted_index.to_le_bytes());
        vouched.extend(value.to_le_bytes());
        let mac = Self::mac(&vouched);
        Ok([&*vouched, &mac].concat())
    }

    fn start(&mut self, p1: u8, p2: u8, data: &[u8]) -> Answer {
        if !matches!((p1, p2), (0 | 0x80, 0 | 0x80)) {
            return Err(PARAMETERS.into());
        }
        let mut data = Pieces(data);
        if p1 == 0 {
            if p2 == 0 {
                self.first = true;
                self.several = false;
                self.change = None;
                self.paid = 0;
                self.approved = None;
            }
            (self.prefix, self.authorization, self.witness) = Default::default();
            self.inputs = Inputs::default();
            let [a, b, c, d] = data.take::<4>()?;
            self.prefix.update(&[a, b, c | 1, d]);
            self.witness.update(&[a, b, c | 3, d]);
            let (left, raw) = data.varint()?;
            self.prefix.update(&raw);
            self.witness.update(&raw);
            self.inputs.left = Some(left);
            self.state = State::Inputs;
        } else if self.state != State::Inputs {
            return Err(BROKEN.into());
        }
        while self.inputs.left != Some(0) && !data.0.is_empty() {
            self.one_input(&mut data)?;
        }
        if self.inputs.left == Some(0) {
            self.state = State::Outputs;
            self.pending.clear();
            self.outputs = None;
            self.change_found = false;
        }
        Ok(Vec::new())
    }

    fn one_input(&mut self, data: &mut Pieces<'_>) -> Result<(), Ends> {
        let left = match self.inputs.script {
            Some(left) => left,
            None => {
                let [flag, length] = data.take::<2>()?;
                let trusted = data.take::<56>()?;
                let (vouched, mac) = trusted.split_at(VOUCHED);
                if (flag, length) != (1, 56) || Self::mac(vouched) != *mac {
                    return Err(BROKEN.into());
                }
                let tree = data.take::<1>()?;
                for hash in [&mut self.prefix, &mut self.authorization] {
                    hash.update(&vouched[4..40]);
                    hash.update(&tree);
                }
                self.inputs.spent += u64::from_le_bytes(vouched[40..48].try_into().unwrap());
                let (length, raw) = data.varint()?;
                self.witness.update(&raw);
                length
            }
        };
        let here = data.up_to(left);
        self.witness.update(here);
        let left = left - here.len() as u64;
        self.inputs.script = Some(left);
        if left == 0 && !data.0.is_empty() {
            let sequence = data.take::<4>()?;
            self.prefix.update(&sequence);
            self.authorization.update(&sequence);
            self.inputs.script = None;
            self.inputs.left = self.inputs.left.map(|left| left - 1);
        }
        Ok(())
    }

    fn finalize(&mut self, p1: u8, data: &[u8]) -> Answer {
        if !matches!(p1, 0 | 0x80 | 0xff) {
            return Err(PARAMETERS.into());
        }
        if self.state != State::Outputs {
            return Err(self.discard(STATE));
        }
        if p1 == 0xff {
            if self.first && data[0] != 0 {
                if self.change.is_some() {
                    return Err(self.discard(STATE));
                }
                let (key, _) = self.derive(data)?;
                self.change = Some(key.key().public_key().hash());
            }
            return Ok(Vec::new());
        }
        self.prefix.update(data);
        self.authorization.update(data);
        if self.first {
            if self.pending.len() + data.len() > BUFFER {
                return Err(self.discard(DATA));
            }
            self.pending.extend_from_slice(data);
            if p1 == 0x80 && !self.several {
                // All that is said of a transaction that comes in one piece.
                self.show("one screen for all outputs".to_owned())?;
            }
            self.look()?;
        }
        if p1 == 0 {
            self.several = true;
            return Ok(vec![0]);
        }
        let authorization = std::mem::take(&mut self.authorization).finalize();
        if self.first {
            if self.outputs != Some(0) {
                return Err(self.discard(REFUSED));
            }
            self.show(format!("Fees {}", self.inputs.spent - self.paid))?;
            self.first = false;
            self.approved = Some(authorization);
        } else if self.approved != Some(authorization) {
            return Err(self.discard(STATE));
        }
        self.state = State::Sign;
        Ok(vec![0, 0])
    }

    /// Forgets the transaction, and repeats what it did not understand.
    fn discard(&mut self, status: u16) -> Ends {
        self.state = State::Nothing;
        Ends(status, std::mem::take(&mut self.pending))
    }

    /// Shows the outputs that are here.
    fn look(&mut self) -> Result<(), Ends> {
        if self.outputs.is_none() {
            let mut data = Pieces(&self.pending);
            let Ok((count, _)) = data.varint() else { return Ok(()) };
            self.pending = data.0.to_vec();
            self.outputs = Some(count);
        }
        while self.outputs != Some(0) && self.pending.len() > 10 {
            let length = usize::from(self.pending[10]);
            if length >= 0xfd {
                return Err(self.discard(REFUSED));
            }
            let Some(output) = self.pending.get(..11 + length).map(<[u8]>::to_vec) else { return Ok(()) };
            self.one_output(&output)?;
            self.pending.drain(..output.len());
            self.outputs = self.outputs.map(|left| left - 1);
        }
        Ok(())
    }

    fn one_output(&mut self, output: &[u8]) -> Result<(), Ends> {
        let (value, script) = (u64::from_le_bytes(output[..8].try_into().unwrap()), &output[11..]);
        let hash = |at: usize| Hash160::from_bytes(script[at..at + 20].try_into().unwrap());
        let to = match script {
            [0x76, 0xa9, 0x14, .., 0x88, 0xac] if script.len() == 25 => {
                if self.change == Some(hash(3)) {
                    self.paid += value;
                    return if std::mem::replace(&mut self.change_found, true) {
                        Err(self.discard(REFUSED))
                    } else {
                        Ok(())
                    };
                }
                Address::of_key_hash(self.network, hash(3)).to_string()
            }
            [0xa9, 0x14, .., 0x87] if script.len() == 23 => {
                format!("script {}", base16ct::lower::encode_string(&script[2..22]))
            }
            [_, 0x6a, ..] | [0x6a, ..] if value == 0 => "OP_RETURN".to_owned(),
            _ => return Err(self.discard(REFUSED)),
        };
        self.paid += value;
        if self.several { self.show(format!("Output {value} {to}")) } else { Ok(()) }
    }

    fn sign(&mut self, data: &[u8]) -> Answer {
        if self.state != State::Sign {
            return Err(STATE.into());
        }
        self.state = State::Nothing;
        let (key, length) = self.derive(data)?;
        let [lock_time @ .., a, b, c, d, hash_type] = data.get(length..).filter(|rest| rest.len() == 9).ok_or(DATA)?
        else {
            return Err(DATA.into());
        };
        if *hash_type != 1 {
            return Err(DATA.into());
        }
        let little = |big: &[u8]| big.iter().rev().copied().collect::<Vec<u8>>();
        self.prefix.update(&little(lock_time));
        self.prefix.update(&little(&[*a, *b, *c, *d]));
        let mut digest = Hash::default();
        digest.update(&1_u32.to_le_bytes());
        digest.update(&std::mem::take(&mut self.prefix).finalize());
        digest.update(&std::mem::take(&mut self.witness).finalize());
        let mut digest = digest.finalize();
        digest[0] ^= u8::from(self.forges);
        let signature = key.key().sign_message(&MessageHash::from_bytes(digest));
        let (header, compact) = signature.as_bytes().split_first().unwrap();
        let signature = dcrcold_signer::key::Signature::from_bytes(compact.try_into().unwrap());
        let mut bytes = der::encode(&signature);
        // No DER: the parity of the nonce point.
        bytes[0] |= (header - 31) & 1;
        bytes.push(1);
        Ok(bytes)
    }
}

impl Exchange for &mut StockDouble {
    type Error = std::convert::Infallible;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Self::Error> {
        Ok(Reply::from_bytes(&self.answer(command.as_bytes())).expect("it answers what a reply holds"))
    }
}
