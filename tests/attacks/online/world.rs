//! A wallet on the embedded network with a prepared purchase of two tickets, and the right answer to it.
#![allow(unreachable_pub, reason = "a part of the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold::wallet::purchase::{PurchaseError, PurchaseState, Submitted};
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Answer, Container, Content, Encode, TransferError};
use dcrcold_signer::tx::Transaction;
use tempfile::TempDir;

use crate::between::{Between, Through};
use crate::files;

/// The network, and how often somebody handed it a transaction.
pub struct Watched {
    pub sim: Sim,
    pub sends: usize,
}

impl Between for Watched {
    type Source = Sim;

    fn source(&mut self) -> Result<&mut Sim, ChainError> {
        Ok(&mut self.sim)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        self.sends += 1;
        self.sim.send(tx)
    }
}

/// Why an answer goes no further.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error(transparent)]
    Purchase(#[from] PurchaseError),
}

/// The folder of the network.
const NET: &str = "net";

/// What a world starts with, made once: the case files' wallet, request, answer and network.
fn template() -> &'static [(PathBuf, Vec<u8>)] {
    static FILES: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        files::fill(&files);
        let net = fs::read_dir(files.join(NET)).unwrap().map(|file| Path::new(NET).join(file.unwrap().file_name()));
        let names = ["wallet.db", "request", "answer"].map(PathBuf::from);
        names.into_iter().chain(net).map(|name| (name.clone(), fs::read(files.join(name)).unwrap())).collect()
    })
}

pub struct World {
    folder: TempDir,
    pub chain: Through<Watched>,
    pub wallet: Wallet,
    pub id: TransferId,
    pub request: Vec<u8>,
    pub answer: Answer,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(NET)).unwrap();
        for (name, bytes) in template() {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        let sim = Sim::open(&folder.path().join(NET)).unwrap();
        let wallet = Wallet::open(&folder.path().join("wallet.db")).unwrap();
        let chain = Through(Watched { sim, sends: 0 });
        let answer = Container::parse(&read("answer")).unwrap();
        let answer = Answer::from_container(&answer).unwrap();
        let request = read("request");
        Self { folder, chain, wallet, id: answer.request, request, answer }
    }

    /// The bytes of the right answer.
    pub fn right(&self) -> Vec<u8> {
        encoded(&self.answer)
    }

    /// What `dcrcold submit` does with a file.
    pub fn submit(&mut self, bytes: &[u8]) -> Result<Submitted, Stopped> {
        let container = Container::parse(bytes)?;
        let id = self.wallet.accept(&container, &SystemClock)?;
        self.sync();
        Ok(self.wallet.send(&id, &mut self.chain, &SystemClock)?)
    }

    pub fn sync(&mut self) {
        self.wallet.sync(&mut self.chain, &SystemClock, &mut |_| {}).unwrap();
    }

    pub fn state(&self) -> PurchaseState {
        self.wallet.purchases().unwrap().into_iter().find(|purchase| purchase.id == self.id).unwrap().state
    }

    /// Split and tickets of the right answer.
    fn ids(&self) -> Vec<TxId> {
        let container = self.answer.to_container(Network::Simnet).unwrap();
        let completed = self.wallet.completed(&self.request, &container).unwrap();
        completed.funding.iter().chain(&completed.tickets).map(Transaction::id).collect()
    }

    /// Which of them wait to be mined.
    pub fn waiting(&mut self) -> Vec<bool> {
        let ids = self.ids();
        self.chain.in_mempool(&ids).unwrap()
    }

    /// Sees that nothing was sent and nothing changed.
    fn untouched(&mut self, balance: &dcrcold::wallet::Balance) {
        assert_eq!(self.chain.sends, 0, "something was broadcast");
        assert_eq!(self.waiting(), [false; 3], "something waits to be mined");
        assert_eq!(self.state(), PurchaseState::Prepared);
        assert_eq!(self.wallet.balance().unwrap(), *balance);
        let mut other = Wallet::open(&self.folder.path().join("wallet.db")).unwrap();
        assert!(other.rebroadcast(&mut self.chain).unwrap() == 0 && self.chain.sends == 0, "broadcast later");
    }

    /// Sees that a file is refused so, that nothing comes of it, and that the right answer works afterwards.
    pub fn refuses(&mut self, bytes: &[u8], expected: impl Fn(&Stopped) -> bool) {
        let balance = self.wallet.balance().unwrap();
        match self.submit(bytes) {
            Err(stopped) => assert!(expected(&stopped), "{stopped:?}"),
            Ok(submitted) => panic!("{submitted:?} was broadcast"),
        }
        self.untouched(&balance);
    }

    /// Sees that the right answer is taken and sent whole.
    pub fn takes_the_right_answer(&mut self) {
        let right = self.right();
        self.submit(&right).unwrap();
        assert_eq!((self.chain.sends, self.waiting()), (3, vec![true; 3]));
        assert_eq!(self.state(), PurchaseState::TicketsSent);
    }
}

pub fn encoded(answer: &Answer) -> Vec<u8> {
    answer.to_container(Network::Simnet).unwrap().encode()
}

/// The attacker changes the bytes of the right answer.
pub fn bytes(change: impl FnOnce(Vec<u8>) -> Vec<u8>, expected: impl Fn(&Stopped) -> bool) {
    let mut world = World::new();
    let hostile = change(world.right());
    assert_ne!(hostile, world.right(), "the attack changes nothing");
    world.refuses(&hostile, expected);
    world.takes_the_right_answer();
}

/// The attacker changes the signatures of the right answer.
pub fn signatures(change: impl FnOnce(&mut Answer), expected: impl Fn(&Stopped) -> bool) {
    bytes(
        |right| {
            let mut answer = Answer::from_container(&Container::parse(&right).unwrap()).unwrap();
            change(&mut answer);
            encoded(&answer)
        },
        expected,
    );
}
