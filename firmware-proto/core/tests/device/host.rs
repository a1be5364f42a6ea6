//! A host: the cases of the vectors, and a device behind [`Exchange`].

use std::convert::Infallible;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dcrcold_core::apdu::{
    Apdu, Command, Device, Exchange, Failure, Mac, Platform, Reply, SpendingAccount, Status, VoterRecord, chunks,
};
use dcrcold_core::hash::TransferId;
use dcrcold_core::path::{Account, AccountPath, CoinType};
use serde_json::Value;

use crate::person::Person;
use crate::software::{Software, voter_accounts};
use crate::tapes::Kind;

/// A file below tests/.
pub fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn vectors() -> Value {
    serde_json::from_str(&file("vectors/builder.json")).unwrap()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

pub fn hex(value: &Value) -> Vec<u8> {
    base16ct::mixed::decode_vec(text(value)).unwrap()
}

/// A trip of the vectors as a host sees it.
pub struct Case {
    pub name: String,
    pub of: SpendingAccount,
    pub seed: Vec<u8>,
    pub request: Vec<u8>,
    pub id: TransferId,
    /// All signatures in their order, each with the byte for its kind in front.
    pub signatures: Vec<Vec<u8>>,
    pub counts: [u8; 3],
    pub voter: Option<VoterRecord>,
    pub own_voter: bool,
}

pub fn of(wallet: &Value) -> SpendingAccount {
    let network = text(&wallet["network"]).parse().unwrap();
    let coin_type = CoinType::new(network, wallet["coin_type"].as_u64().unwrap()).unwrap();
    let account = Account::new(wallet["account"].as_u64().unwrap()).unwrap();
    SpendingAccount { network, account: AccountPath { coin_type, account } }
}

/// The voter of a case.
pub fn record(of: SpendingAccount, voter: &Value) -> VoterRecord {
    let number = |name: &str| voter[name].as_u64().unwrap() as u32;
    let coin_type = of.account.coin_type.number();
    let accounts = voter_accounts(&hex(&voter["seed"]), coin_type, number("account"), number("generation"));
    let record = VoterRecord::new(of, "test", accounts).unwrap();
    assert_eq!(record.fingerprint().to_string(), text(&voter["fingerprint"]));
    record
}

impl Case {
    fn read(case: &Value) -> Self {
        let (of, result) = (of(&case["wallet"]), &case["result"]);
        let of_kind = |kind: u8, name: &str| -> Vec<Vec<u8>> {
            list(&result[name]).iter().map(|row| [&[kind], hex(row).as_slice()].concat()).collect()
        };
        let inputs = [of_kind(0, "split_signatures"), of_kind(0, "signatures")].concat();
        let tickets = of_kind(1, "ticket_signatures");
        let message = |row: &Value| [vec![2], STANDARD.decode(text(&row["signature"])).unwrap()].concat();
        let messages: Vec<_> = list(&result["registrations"]).iter().map(message).collect();
        Self {
            name: text(&case["name"]).into(),
            of,
            seed: hex(&case["wallet"]["seed"]),
            request: hex(&case["transfer"]["request"]),
            id: text(&case["transfer"]["id"]).parse().unwrap(),
            counts: [&inputs, &tickets, &messages].map(|list| list.len() as u8),
            signatures: [inputs, tickets, messages].concat(),
            voter: (!case["voter"].is_null()).then(|| record(of, &case["voter"])),
            own_voter: case["voter"]["origin"] == "own",
        }
    }

    pub fn all() -> Vec<Self> {
        list(&vectors()["cases"]).iter().map(Self::read).collect()
    }

    /// The largest purchase that a device takes; its voter is somebody else's.
    pub fn large() -> Self {
        Self::all().into_iter().find(|case| case.name.starts_with("twenty tickets")).unwrap()
    }

    /// A plain send.
    pub fn send() -> Self {
        Self::all().into_iter().find(|case| case.name == "two outputs and change").unwrap()
    }

    /// A host at a device with this case's seed. Own voters are those of somebody else, or the device would refuse them.
    pub fn host(&self) -> Host {
        Host::new(&self.seed, self.own_voter)
    }

    /// Registers the voter and names it.
    pub fn name_voter(&self, host: &mut Host) {
        if let Some(record) = self.voter {
            let mac = host.register(record).unwrap();
            assert_eq!(host.send(&Command::Voter { record, mac }), Ok(vec![]));
        }
    }
}

/// A host with its device.
pub struct Host {
    pub device: Device<24, 20>,
    pub platform: Platform<Software, Person>,
    pub commands: u32,
}

impl Exchange for Host {
    type Error = Infallible;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Infallible> {
        Ok(self.raw(command.as_bytes()))
    }
}

impl Host {
    pub fn new(seed: &[u8], own_voters_elsewhere: bool) -> Self {
        let mut os = Software::new(seed);
        os.own_voters_elsewhere = own_voters_elsewhere;
        Self { device: Device::new(), platform: Platform { os, user: Person::default() }, commands: 0 }
    }

    /// Sends bytes that need not be a command.
    pub fn raw(&mut self, command: &[u8]) -> Reply {
        let mut reply = Reply::default();
        self.platform.os.record(Kind::Command, &[command]);
        self.device.handle(&mut self.platform, command, &mut reply);
        self.platform.os.record(Kind::Reply, &[reply.as_bytes()]);
        self.commands += 1;
        Reply::from_bytes(reply.as_bytes()).unwrap()
    }

    pub fn send(&mut self, command: &Command<'_>) -> Result<Vec<u8>, Failure> {
        let Ok(reply) = self.exchange(&command.write());
        reply.outcome().map(<[u8]>::to_vec)
    }

    pub fn register(&mut self, record: VoterRecord) -> Result<Mac, Failure> {
        let reply = self.send(&Command::Register(record))?;
        assert_eq!(reply[16..], *record.fingerprint().as_bytes());
        Ok(reply[..16].try_into().unwrap())
    }

    /// Streams a request; what the last chunk was answered.
    pub fn stream(&mut self, request: &[u8], size: usize) -> Result<Vec<u8>, Failure> {
        let mut last = Vec::new();
        for command in chunks(request, size).unwrap() {
            assert!(last.is_empty(), "only the last chunk is answered");
            last = self.send(&command)?;
        }
        Ok(last)
    }

    /// Streams, has it approved, and takes all signatures.
    pub fn run(&mut self, case: &Case, size: usize) -> Result<Vec<Vec<u8>>, Failure> {
        let checked = self.stream(&case.request, size)?;
        assert_eq!(checked[..32], *case.id.as_bytes());
        let counts = self.send(&Command::Approve(case.id))?;
        assert_eq!(counts, case.counts);
        (0..counts.iter().sum()).map(|number| self.send(&Command::Signature(number))).collect()
    }

    /// Whether the device forgot all about requests.
    pub fn is_idle(&mut self) -> bool {
        // Ends whatever there is, so it is asked last.
        let refused = Err(Failure::Status(Status::OutOfOrder));
        let stream = self.send(&Command::Stream(&[0]));
        stream == refused
    }
}
