//! Trips of `builder.json` with a device in process.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use dcrcold_signer::device::{CheckedRequest, DeviceError, RegisteredVoter, Session, SpendingAccount, Watched};
use dcrcold_signer::hd::{Derivation, ExtendedKeyData};
use dcrcold_signer::transfer::{Answer, Encode};
use dcrcold_signer::voter::VoterKeys;
use serde_json::Value;

use crate::common::{Vectors, hex, list};
use crate::device::{InProcess, Software, Unplugged};
use crate::signer::TestSigner;

/// Why a session failed.
pub type Failed = DeviceError<Unplugged>;

/// A trip of the vectors, as a host has it.
pub struct Case {
    pub name: String,
    pub seed: Vec<u8>,
    pub of: SpendingAccount,
    pub key: ExtendedKeyData,
    pub voters: Vec<VoterKeys>,
    pub request: Vec<u8>,
    pub answer: Vec<u8>,
}

impl Case {
    pub fn read(case: &Value, request: &Value, answer: &Value) -> Self {
        let signer = TestSigner::of(case);
        Self {
            name: case["name"].as_str().unwrap_or_default().to_owned(),
            seed: hex(&case["wallet"]["seed"]),
            of: SpendingAccount { network: signer.keys.network(), account: signer.keys.path() },
            key: *signer.keys.public().node(),
            voters: signer.voters.public().into_iter().collect(),
            request: hex(request),
            answer: answer.as_str().map(|_| hex(answer)).unwrap_or_default(),
        }
    }

    pub fn all() -> Vec<Self> {
        let vectors = Vectors::load("builder.json");
        let read = |case: &Value| Self::read(case, &case["transfer"]["request"], &case["transfer"]["answer"]);
        list(vectors.get("cases")).iter().map(read).collect()
    }

    /// The one with this name.
    pub fn named(name: &str) -> Self {
        Self::all().into_iter().find(|case| case.name == name).expect("a case of the vectors")
    }

    /// The send of the vectors with one atom more in its first output, as a request of its own.
    pub fn send_of_one_atom_more() -> Vec<u8> {
        let mut request = Self::named("two outputs and change").request;
        let amount = request.windows(5).position(|bytes| bytes == [0x1a, 0x05, 0xf5, 0xe1, 0x01]);
        request[amount.expect("the amount of the second output") + 4] += 1;
        let hashed = [&request[7..10], &request[47..]].concat();
        request[15..47].copy_from_slice(&blake256::blake256(&hashed));
        request
    }

    /// The largest purchase that a device takes.
    pub fn large() -> Self {
        Self::all().into_iter().find(|case| case.name.starts_with("twenty tickets")).unwrap()
    }

    /// A device with the seed of the case. Own voters are those of somebody else, or the device would refuse them.
    pub fn device(&self) -> InProcess {
        InProcess::new(Software::without_own_voters(&self.seed, Derivation::Decred))
    }

    pub fn watched(&self) -> Watched<'_> {
        Watched { network: self.of.network, account: self.of.account, key: &self.key, voters: &self.voters }
    }

    pub fn checked(&self) -> CheckedRequest<'_> {
        CheckedRequest::read(&self.request, self.watched()).unwrap()
    }

    /// Has the voter of the case registered.
    pub fn register(&self, device: &mut InProcess) -> Option<RegisteredVoter> {
        let mut session = Session::open(device).unwrap();
        self.voters.first().map(|voter| session.register(self.of, voter, &mut |_| {}).unwrap())
    }

    /// A whole session for the request.
    pub fn sign(&self, device: &mut InProcess, voter: Option<&RegisteredVoter>) -> Result<Answer, Failed> {
        Session::open(device)?.sign(&self.checked(), voter, &mut |_| {})
    }

    pub fn bytes(&self, answer: &Answer) -> Vec<u8> {
        answer.to_container(self.of.network).unwrap().encode()
    }
}
