//! The trips of tests/vectors/builder.json: every byte that is built, every page and every digest, with the keys of the
//! vectors looked up instead of derived. A digest is right when the recorded signature verifies over it.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Fingerprint, Hash160, MessageHash, SignatureHash};
use dcrcold_core::machine::{
    FinishError, Keys, NoMemory, Receiver, Reviewable, Sign, Signature, VoterName, Voters, Work,
};
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, Index, KeyPath, VoterAccount};
use dcrcold_core::policy::{Limits, Refusal, Rule};
use dcrcold_core::script::{Commitment, Payment, StakeTag};
use secp256k1::ecdsa::{self, RecoverableSignature, RecoveryId};
use secp256k1::{Message, PublicKey};
use serde_json::Value;

use crate::ask::{Host, written};

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| number.try_into().ok()).unwrap_or_else(|| panic!("not a number: {value}"))
}

fn hex(value: &Value) -> Vec<u8> {
    base16ct::mixed::decode_vec(text(value)).unwrap()
}

/// Reads a transaction of the vectors: its outputs' scripts and its signature scripts.
struct Read<'a>(&'a [u8]);

impl Read<'_> {
    fn take(&mut self, count: usize) -> &[u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn count(&mut self) -> usize {
        let count = self.take(1)[0];
        assert!(count < 0xfd, "the vectors have no longer lists");
        count.into()
    }

    fn string(&mut self) -> Vec<u8> {
        let count = self.count();
        self.take(count).to_vec()
    }
}

/// The scripts of a transaction's outputs, and the signature scripts of its inputs if it has any.
fn scripts(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let mut read = Read(bytes);
    let signed = read.take(4)[2] == 0;
    let inputs = read.count();
    read.take(41 * inputs);
    let outputs = (0..read.count()).map(|_| {
        read.take(10);
        read.string()
    });
    let outputs = outputs.collect();
    read.take(8);
    let signatures = if signed { read.count() } else { 0 };
    let signatures = (0..signatures).map(|_| {
        read.take(16);
        read.string()
    });
    let signatures = signatures.collect();
    assert!(read.0.is_empty());
    (outputs, signatures)
}

fn key_hash(script: &[u8]) -> Hash160 {
    *Payment::recognise(script).unwrap().payee.hash()
}

/// The public key at the end of a signature script.
fn public_key(script: &[u8]) -> PublicKey {
    PublicKey::from_slice(&script[script.len() - 33..]).unwrap()
}

/// The keys of a case by their paths, read off its transactions.
struct Looked {
    network: Network,
    account: [u64; 2],
    own: HashMap<(u32, u32), Hash160>,
    public: HashMap<Hash160, PublicKey>,
    /// The recorded signatures of transactions; each is made once.
    signatures: Vec<[u8; 64]>,
    messages: Vec<[u8; 65]>,
}

/// The voter of a case: its keys by kind and index.
struct Voter {
    fingerprint: Option<Fingerprint>,
    keys: HashMap<(&'static str, u32), Hash160>,
}

const fn name(account: VoterAccount) -> &'static str {
    match account {
        VoterAccount::Voting => "voting",
        VoterAccount::AltSign => "alt-sign",
        VoterAccount::Purse => "purse",
    }
}

impl Keys for Looked {
    type Error = String;

    fn select(&mut self, network: Network, path: AccountPath) -> Result<(), Refusal> {
        if network != self.network {
            return Err(Rule::NetworkMismatch.into());
        }
        let found = [path.coin_type.number(), path.account.number()].map(u64::from);
        if found == self.account { Ok(()) } else { Err(Rule::AccountUnknown.into()) }
    }

    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, String> {
        let at = (path.branch.number(), path.index.number());
        self.own.get(&at).copied().ok_or_else(|| format!("no key {path} in this case"))
    }
}

impl Sign for Looked {
    fn sign(&mut self, path: KeyPath, digest: &SignatureHash) -> Result<[u8; 64], String> {
        let key = self.own_hash(path)?;
        let public = self.public[&key];
        let digest = Message::from_digest(*digest.as_bytes());
        let signed = |bytes: &[u8; 64]| {
            let signature = ecdsa::Signature::from_compact(bytes).unwrap();
            ecdsa::verify(&signature, digest, &public).is_ok()
        };
        let place =
            self.signatures.iter().position(signed).ok_or_else(|| format!("key {path} signed something else"))?;
        Ok(self.signatures.remove(place))
    }

    fn sign_message(&mut self, path: KeyPath, digest: &MessageHash) -> Result<[u8; 65], String> {
        let key = self.own_hash(path)?;
        let digest = Message::from_digest(*digest.as_bytes());
        let signed = |bytes: &[u8; 65]| {
            let code = RecoveryId::from_u8_masked(bytes[0] - 27 - 4);
            let signature = RecoverableSignature::from_compact(bytes[1..].try_into().unwrap(), code).unwrap();
            signature.recover(digest).is_ok_and(|public| Hash160::of(&public.serialize()) == key)
        };
        let place = self.messages.iter().position(signed).ok_or_else(|| format!("key {path} said something else"))?;
        Ok(self.messages.remove(place))
    }
}

impl Voters for Voter {
    type Error = String;

    fn select(&mut self, _: AccountPath, fingerprint: &Fingerprint) -> Result<VoterName, Refusal> {
        let known = self.fingerprint == Some(*fingerprint);
        if known { Ok(VoterName::new(b"test").unwrap()) } else { Err(Rule::VoterUnknown.into()) }
    }

    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, String> {
        let key = (name(account), index.number());
        self.keys.get(&key).copied().ok_or_else(|| format!("no {} key {index} in this case", key.0))
    }
}

/// Signatures of inputs, of tickets, of messages.
type Signatures = (Vec<[u8; 64]>, Vec<[u8; 64]>, Vec<[u8; 65]>);

/// The signatures of a case as they are recorded.
fn recorded(result: &Value) -> Signatures {
    let of = |name: &str| list(&result[name]).iter().map(|row| hex(row).try_into().unwrap()).collect::<Vec<[u8; 64]>>();
    let message = |row: &Value| STANDARD.decode(text(&row["signature"])).unwrap().try_into().unwrap();
    let inputs = if result["signatures"].is_null() { of("split_signatures") } else { of("signatures") };
    (inputs, of("ticket_signatures"), list(&result["registrations"]).iter().map(message).collect())
}

fn looked(case: &Value) -> (Looked, Voter) {
    let (wallet, result) = (&case["wallet"], &case["result"]);
    let (inputs, tickets, messages) = recorded(result);
    let mut keys = Looked {
        network: text(&wallet["network"]).parse().unwrap(),
        account: [&wallet["coin_type"], &wallet["account"]].map(|number| number.as_u64().unwrap()),
        own: HashMap::new(),
        public: HashMap::new(),
        signatures: [inputs, tickets].concat(),
        messages,
    };
    let fingerprint = case["voter"]["fingerprint"].as_str().map(|text| text.parse().unwrap());
    let mut voter = Voter { fingerprint, keys: HashMap::new() };
    let body = ["purchase", "send", "register"].map(|kind| &case[kind]);
    for input in body.iter().flat_map(|body| list(&body["inputs"])) {
        let path = (number(&input["path"][0]), number(&input["path"][1]));
        keys.own.insert(path, key_hash(&hex(&input["script"])));
    }
    for signed in list(&result["tickets_signed"]).iter().chain([&result["split_signed"], &result["signed"]]) {
        for script in signed.as_str().map_or_else(Vec::new, |_| scripts(&hex(signed)).1) {
            let public = public_key(&script);
            keys.public.insert(Hash160::of(&public.serialize()), public);
        }
    }
    look_at_purchase(case, &mut keys, &mut voter);
    look_at_others(case, &mut keys, &mut voter);
    (keys, voter)
}

/// Where docs/protocol.md puts the keys of a purchase.
fn look_at_purchase(case: &Value, keys: &mut Looked, voter: &mut Voter) {
    let (purchase, result) = (&case["purchase"], &case["result"]);
    if purchase.is_null() {
        return;
    }
    let (first, tickets) = (number(&purchase["first_internal"]), number(&purchase["tickets"]));
    let direct = result["split_prefix"].is_null();
    // Asked for even where no change is paid.
    keys.own.insert((1, first), Hash160::ZERO);
    if !direct {
        let (split, _) = scripts(&hex(&result["split_prefix"]));
        let (paid, rest) = split.split_at(tickets as usize);
        keys.own.extend((0..).zip(paid).map(|(ticket, script)| ((1, first + 1 + 2 * ticket), key_hash(script))));
        let mut rest = rest.iter();
        if let Some(index) = purchase["purse"].get(1) {
            voter.keys.insert(("purse", number(index)), key_hash(rest.next().unwrap()));
        }
        keys.own.extend(rest.map(|script| ((1, first), key_hash(script))));
    }
    for (ticket, prefix) in (0..).zip(list(&result["ticket_prefixes"])) {
        let (outputs, _) = scripts(&hex(prefix));
        let reward = Commitment::recognise(&outputs[1]).unwrap().payee;
        keys.own.insert((1, if direct { first + ticket } else { first + 2 + 2 * ticket }), *reward.hash());
        if let Some(first) = purchase.get("first_voter").filter(|first| !first.is_null()) {
            assert_eq!(Payment::recognise(&outputs[0]).unwrap().tag, Some(StakeTag::Submission));
            voter.keys.insert(("voting", number(first) + ticket), key_hash(&outputs[0]));
            alt_sign(voter, number(first) + ticket, &result["registrations"][ticket as usize]);
        }
    }
}

/// The key hash in the address of a message, taken out of its base58.
fn alt_sign(voter: &mut Voter, index: u32, registration: &Value) {
    let body: Value = serde_json::from_str(text(&registration["body"])).unwrap();
    let bytes = bs58::decode(text(&body["altsignaddress"])).into_vec().unwrap();
    voter.keys.insert(("alt-sign", index), Hash160::from_bytes(bytes[2..22].try_into().unwrap()));
}

fn look_at_others(case: &Value, keys: &mut Looked, voter: &mut Voter) {
    let (send, register, result) = (&case["send"], &case["register"], &case["result"]);
    if let Some(index) = send.get("first_internal") {
        let (outputs, _) = scripts(&hex(&result["prefix"]));
        keys.own.insert((1, number(index)), key_hash(outputs.last().unwrap()));
    }
    for (place, output) in list(&send["outputs"]).iter().enumerate().filter(|(_, output)| output["type"] == 2) {
        let (outputs, _) = scripts(&hex(&result["prefix"]));
        voter.keys.insert(("purse", number(&output["index"])), key_hash(&outputs[place]));
    }
    let tickets = list(&register["tickets"]).iter().zip(list(&register["paths"]));
    for (ticket, (prefix, path)) in (0..).zip(tickets) {
        let (outputs, _) = scripts(&hex(prefix));
        let reward = Commitment::recognise(&outputs[1]).unwrap().payee;
        keys.own.insert((number(&path[0]), number(&path[1])), *reward.hash());
        alt_sign(voter, number(&register["first_voter"]) + ticket, &result["registrations"][ticket as usize]);
    }
}

fn review<const I: usize, const T: usize>(
    request: &[u8],
    (keys, voters): &mut (Looked, Voter),
) -> Result<Reviewable<I, T>, Refusal> {
    let mut receiver = Receiver::<I, T>::default();
    receiver.push(request)?;
    match receiver.finish(keys, voters, &mut NoMemory, &Limits::DEFAULT) {
        Ok(reviewable) => Ok(reviewable),
        Err(FinishError::Refused(refusal)) => Err(refusal),
        Err(FinishError::Keys(error)) => panic!("{error}"),
    }
}

fn check_bytes(case: &Value, reviewed: &Host) {
    let result = &case["result"];
    let encode = |write: &dyn Fn(&mut crate::ask::Bytes)| base16ct::lower::encode_string(&written(write));
    match reviewed.work() {
        Work::Purchase(purchase) => {
            assert_eq!(Some(purchase.ticket_fee().atoms()), result["ticket_fee"].as_u64());
            if let Some(split) = purchase.split() {
                assert_eq!(encode(&|sink| purchase.write_split(sink)), text(&result["split_prefix"]));
                assert_eq!(split.id.to_string(), text(&result["split_txid"]));
                assert_eq!(Some(split.remainder.fee.atoms()), result["split_fee"].as_u64());
                assert_eq!(split.remainder.change.map_or(0, Amount::atoms), result["change"].as_u64().unwrap());
            }
            for (number, prefix) in (0..).zip(list(&result["ticket_prefixes"])) {
                assert_eq!(encode(&|sink| purchase.write_ticket(number, sink)), text(prefix));
                let id = text(&result["ticket_txids"][number as usize]);
                assert_eq!(purchase.ticket_id(number).unwrap().to_string(), id);
            }
        }
        Work::Send(send) => {
            assert_eq!(encode(&|sink| send.write(sink)), text(&result["prefix"]));
            assert_eq!(send.id().to_string(), text(&result["txid"]));
            assert_eq!(Some(send.remainder().fee.atoms()), result["fee"].as_u64());
        }
        Work::Register(_) => {}
    }
    for (number, registration) in (0..).zip(list(&result["registrations"])) {
        let body = written(|sink| reviewed.write_registration(number, sink));
        assert_eq!(String::from_utf8(body).unwrap(), text(&registration["body"]));
    }
}

/// The pages as tests/review_text.rs records them, each topic under its heading.
fn check_pages(case: &Value, reviewed: &Host) {
    let mut shown = String::new();
    let mut topic = None;
    for page in reviewed.pages() {
        if topic != Some(page.topic) {
            shown += if topic.is_some() { "\n" } else { "" };
            shown += &format!("-- {} --\n", page.topic.heading());
            topic = Some(page.topic);
        }
        shown += &format!("{}\n    {}\n", page.label, page.value.to_string().replace('\n', "\n    "));
    }
    let name: String = text(&case["name"]).chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    assert_eq!(shown, file(&format!("review/{name}.txt")));
}

#[test]
fn every_recorded_trip_is_built_shown_and_signed() {
    let vectors: Value = serde_json::from_str(&file("vectors/builder.json")).unwrap();
    let (mut ran, mut made) = (0, 0);
    for case in list(&vectors["cases"]) {
        println!("  {}", text(&case["name"]));
        let mut signer = looked(case);
        let request = hex(&case["transfer"]["request"]);
        let reviewed: Host = review(&request, &mut signer).unwrap_or_else(|refusal| panic!("{refusal}"));
        let words: Vec<_> = list(&case["transfer"]["check_words"]).iter().map(text).collect();
        assert_eq!(reviewed.check_words().as_slice(), words);
        check_bytes(case, &reviewed);
        check_pages(case, &reviewed);
        let id = text(&case["transfer"]["id"]).parse().unwrap();
        let mut approved = reviewed.approve(&id).unwrap();
        let (mut inputs, mut tickets, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(signature) = approved.next(&mut signer.0).unwrap() {
            made += 1;
            match signature {
                Signature::Input(bytes) => inputs.push(bytes),
                Signature::Ticket(bytes) => tickets.push(bytes),
                Signature::Message(bytes) => messages.push(bytes),
            }
        }
        assert_eq!((inputs, tickets, messages), recorded(&case["result"]));
        // A device of the smallest size takes it too: the largest case has its size.
        let small: Reviewable<24, 20> = review(&request, &mut looked(case)).unwrap();
        assert_eq!(small.pages().count(), approved.request().pages().count());
        ran += 1;
    }
    println!("builder.json: {ran} cases, {made} signatures");
    assert_eq!(ran, 15);
}
