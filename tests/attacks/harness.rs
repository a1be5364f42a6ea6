//! A signer whose person approves whatever is shown: nothing but its rules stands between an attacker and a signature.
#![allow(unreachable_pub, reason = "a part of the test")]

use dcrcold_core::hash::{Hash160, MessageHash, SignatureHash};
use dcrcold_core::machine::{FinishError, Keys, Receiver, Sign};
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, KeyPath};
use dcrcold_core::policy::{Refusal, Rule, Warning};
use dcrcold_core::review::Origin;
use dcrcold_signer::hd::HdError;
use dcrcold_signer::journal::{History, Journal};
use dcrcold_signer::keystore::Contents;
use dcrcold_signer::rebuild::HostReviewable;
use dcrcold_signer::signer::{RegisteredVoters, Remember, RememberError, Reviewed, SignerError, StoreMemory};
use dcrcold_signer::signer::{SpendingKeys, review};
use dcrcold_signer::transfer::{Answer, Purchase, Register, Send};

use crate::body::Body;
use crate::cold::{Cold, encoded};
use crate::wire::Attacked;

/// The spending keys, counted each time one signs.
struct Counted {
    keys: SpendingKeys,
    signatures: u32,
}

impl Keys for Counted {
    type Error = HdError;

    fn select(&mut self, network: Network, account: AccountPath) -> Result<(), Refusal> {
        self.keys.select(network, account)
    }

    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, HdError> {
        self.keys.own_hash(path)
    }
}

impl Sign for Counted {
    fn sign(&mut self, path: KeyPath, digest: &SignatureHash) -> Result<[u8; 64], HdError> {
        self.signatures += 1;
        self.keys.sign(path, digest)
    }

    fn sign_message(&mut self, path: KeyPath, digest: &MessageHash) -> Result<[u8; 65], HdError> {
        self.signatures += 1;
        self.keys.sign_message(path, digest)
    }
}

/// Counts the approvals that a signer writes down; it does so before the first signature.
#[derive(Default)]
pub struct Approvals(pub u32);

impl Remember for Approvals {
    fn remember(&mut self, _: &HostReviewable) -> Result<(), RememberError> {
        self.0 += 1;
        Ok(())
    }
}

/// The machine that is attacked: keys that are new, a registered voter, and a memory that knows all they ever signed.
pub struct Victim {
    pub cold: Cold,
}

impl Victim {
    pub fn new() -> Self {
        let mut cold = Cold::new();
        cold.contents.set_history(Some(History::new()));
        Self { cold }
    }

    /// What the key store and an empty journal remember.
    pub fn memory(&self) -> StoreMemory {
        empty_memory(&self.cold.contents)
    }

    /// The review on a host.
    pub fn review(&self, request: &[u8]) -> Result<Reviewed, SignerError> {
        review(request, &self.cold.contents, &mut self.memory())
    }

    /// Approves what comes and hands over all signatures.
    pub fn sign(&self, request: &[u8]) -> Result<Answer, Rule> {
        let mut approvals = Approvals::default();
        let signed = self.review(request).and_then(|reviewed| {
            let id = *reviewed.request().id();
            reviewed.approve(&id).expect("its own id").sign(&mut approvals)
        });
        match signed {
            Ok(answer) => Ok(answer),
            Err(SignerError::Refused(refusal)) => {
                assert_eq!(approvals.0, 0, "{refusal}: refused after it was approved");
                Err(refusal.rule)
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// The same at the size of a Ledger, with keys that count: the rule, and how many signatures were made. The limits and
    /// the memory are those of the key store, which a device may have one day.
    fn sign_at_its_size(&self, request: &[u8]) -> (Result<(), Rule>, u32) {
        let contents = &self.cold.contents;
        let keys = SpendingKeys::new(contents).expect("a seed that gives keys");
        let mut keys = Counted { keys, signatures: 0 };
        let mut voters = RegisteredVoters::new(contents).expect("a seed that gives keys");
        let mut receiver = Box::<Receiver<24, 20>>::default();
        let pushed = receiver.push(request).map_err(FinishError::Refused);
        let finished =
            pushed.and_then(|()| receiver.finish(&mut keys, &mut voters, &mut self.memory(), contents.limits()));
        let result = match finished {
            Ok(reviewable) => {
                let id = *reviewable.id();
                let mut approved = reviewable.approve(&id).expect("its own id");
                while approved.next(&mut keys).expect("keys that exist").is_some() {}
                Ok(())
            }
            Err(FinishError::Refused(refusal)) => Err(refusal.rule),
            Err(FinishError::Keys(error)) => panic!("keys: {error}"),
        };
        (result, keys.signatures)
    }

    /// Sees that a request is refused by this rule, on a host and on a device, and that nothing was signed.
    pub fn refuses(&self, request: &[u8], rule: Rule) {
        self.refuses_on_host(request, rule);
        let (refused, signatures) = self.sign_at_its_size(request);
        assert_eq!((refused, signatures), (Err(rule), 0), "at the size of a device");
        Attacked::new(&self.cold).refuses(request, rule);
    }

    /// The same for requests that are too large for a device.
    pub fn refuses_on_host_alone(&self, request: &[u8], rule: Rule) {
        self.refuses_on_host(request, rule);
        Attacked::new(&self.cold).refuses_for_its_size(request);
    }

    fn refuses_on_host(&self, request: &[u8], rule: Rule) {
        match self.sign(request) {
            Err(refused) => assert_eq!(refused, rule),
            Ok(answer) => panic!("{} signatures left the machine, expected {rule}", count(&answer)),
        }
    }

    /// Sees that a request is signed, on a host and on a device.
    pub fn signs(&self, request: &[u8]) -> Answer {
        let answer = self.sign(request).unwrap_or_else(|rule| panic!("refused: {rule}"));
        assert_eq!(self.sign_at_its_size(request), (Ok(()), count(&answer)));
        Attacked::new(&self.cold).signs(request, &answer);
        answer
    }
}

/// A memory of keys that have signed nothing.
pub fn empty_memory(contents: &Contents) -> StoreMemory {
    let nowhere = "a journal that is not there/keystore.journal".into();
    StoreMemory::new(contents, Journal::read(nowhere, contents.journal_key()).expect("no journal is an empty one"))
}

/// How many signatures an answer holds.
fn count(answer: &Answer) -> u32 {
    u32::try_from(answer.inputs.len() + answer.tickets.len() + answer.messages.len()).expect("a few")
}

/// The warnings of a review, in their order.
pub fn warnings(request: &HostReviewable) -> Vec<Warning> {
    let warned = request.pages().filter_map(|page| match page.origin {
        Origin::Warned(warning) => Some(warning),
        Origin::Checked | Origin::Claimed => None,
    });
    warned.collect()
}

/// The lines of a review that mention a text.
pub fn shows(request: &HostReviewable, text: &str) -> bool {
    request.pages().any(|page| page.value.to_string().contains(text))
}

/// What an attacker makes of an honest request.
pub struct Attack {
    victim: Victim,
    honest: Vec<u8>,
    hostile: Vec<u8>,
}

impl Attack {
    pub fn new(victim: Victim, honest: Vec<u8>, hostile: Vec<u8>) -> Self {
        assert_ne!(honest, hostile, "the attack changes nothing");
        Self { victim, honest, hostile }
    }

    /// Sees that the signer signs without the attack, refuses with it by this rule, and signs nothing then.
    pub fn is_refused(&self, rule: Rule) {
        self.victim.signs(&self.honest);
        self.victim.refuses(&self.hostile, rule);
    }
}

/// An honest purchase of two tickets that the attacker changes.
pub fn purchase(change: impl FnOnce(&Cold, &mut Purchase)) -> Attack {
    let victim = Victim::new();
    let honest = victim.cold.purchase(2);
    let mut hostile = victim.cold.purchase(2);
    change(&victim.cold, &mut hostile);
    Attack::new(victim, encoded(&honest), encoded(&hostile))
}

/// An honest send that the attacker changes.
pub fn send(change: impl FnOnce(&Cold, &mut Send)) -> Attack {
    let victim = Victim::new();
    let (honest, mut hostile) = (victim.cold.send(), victim.cold.send());
    change(&victim.cold, &mut hostile);
    Attack::new(victim, encoded(&honest), encoded(&hostile))
}

/// An honest registration that the attacker changes.
pub fn register(change: impl FnOnce(&Cold, &mut Register)) -> Attack {
    let victim = Victim::new();
    let (honest, mut hostile) = (victim.cold.register(), victim.cold.register());
    change(&victim.cold, &mut hostile);
    Attack::new(victim, encoded(&honest), encoded(&hostile))
}

/// An honest purchase whose pairs the attacker changes; length and id fit again.
pub fn pairs(change: impl FnOnce(Body) -> Body) -> Attack {
    bytes(|honest| change(Body::of(honest)).request())
}

/// An honest purchase whose bytes the attacker changes.
pub fn bytes(change: impl FnOnce(&[u8]) -> Vec<u8>) -> Attack {
    let victim = Victim::new();
    let honest = encoded(&victim.cold.purchase(2));
    let hostile = change(&honest);
    Attack::new(victim, honest, hostile)
}
