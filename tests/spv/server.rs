//! A peer that serves the embedded network over the real wire protocol, as dcrd does, or as told otherwise.
//!
//! It is as strict as a node: for a malformed message, or one that nobody asked for, it notes an offence.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use dcrcold::chain::sim::{Settings, Sim};
use dcrcold::chain::spv::PeerAddress;
use dcrcold::chain::spv::wire::{
    BlockFilter, Decoder, Endpoint, Inventory, KnownPeer, Message, ProtocolVersion, Services, Version,
};
use dcrcold::chain::{BlockId, ChainSource, MOST_HEADERS, VoteSource};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;

use crate::fault::{Fault, state_question};

/// How often a connection looks for new blocks.
const TICK: Duration = Duration::from_millis(20);
/// How long headers take that take their time.
const SLOW: Duration = Duration::from_millis(400);
/// How long dcrd waits for the answer to its question for the state of the tip.
const STATE_PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

/// A chain that several peers serve.
pub(crate) type Chain = Arc<Mutex<dyn ChainSource + Send>>;

struct Shared {
    sim: Mutex<Sim>,
    /// Where headers come from, if not from there.
    headers: Option<Chain>,
    fault: Fault,
    stopped: AtomicBool,
    connections: AtomicUsize,
    requests: AtomicUsize,
    /// How many blocks each question for headers named.
    locators: Mutex<Vec<usize>>,
    /// The peers that it tells of.
    others: Mutex<Vec<PeerAddress>>,
    told: AtomicUsize,
    /// How often a transaction was announced to it.
    announced: AtomicUsize,
    /// How often it was told the state of the tip that it asked for.
    states_told: AtomicUsize,
    /// How often it hung up on everybody.
    hung_up: AtomicUsize,
    offences: Mutex<Vec<String>>,
}

impl Server {
    /// Serves the network in a folder.
    pub(crate) fn start(folder: &Path, fault: Fault) -> Self {
        Self::of(Sim::open(folder).unwrap(), fault)
    }

    /// Serves a network.
    pub(crate) fn of(sim: Sim, fault: Fault) -> Self {
        Self::at(Ipv4Addr::LOCALHOST, sim, fault)
    }

    /// Serves a network at an address of this computer.
    pub(crate) fn at(ip: Ipv4Addr, sim: Sim, fault: Fault) -> Self {
        Self::serving(ip, sim, None, fault)
    }

    /// Serves the headers of a chain, and nothing else of it.
    pub(crate) fn of_headers(chain: Chain, fault: Fault) -> Self {
        Self::serving(Ipv4Addr::LOCALHOST, Sim::in_memory(Settings::new(0)), Some(chain), fault)
    }

    fn serving(ip: Ipv4Addr, sim: Sim, headers: Option<Chain>, fault: Fault) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            sim: Mutex::new(sim),
            headers,
            fault,
            stopped: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            locators: Mutex::new(Vec::new()),
            others: Mutex::new(Vec::new()),
            told: AtomicUsize::new(0),
            announced: AtomicUsize::new(0),
            states_told: AtomicUsize::new(0),
            hung_up: AtomicUsize::new(0),
            offences: Mutex::new(Vec::new()),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.stopped.load(Ordering::Relaxed) {
                    return;
                }
                accepting.connections.fetch_add(1, Ordering::Relaxed);
                let shared = Arc::clone(&accepting);
                thread::spawn(move || serve(stream.unwrap(), &shared));
            }
        });
        Self { address, shared }
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Questions so far.
    pub(crate) fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// Has it tell of other peers.
    pub(crate) fn tell_of<T: Copy + Into<PeerAddress>>(&self, others: &[T]) {
        *self.shared.others.lock().unwrap() = others.iter().map(|other| (*other).into()).collect();
    }

    /// How often it told of other peers.
    pub(crate) fn told(&self) -> usize {
        self.shared.told.load(Ordering::Relaxed)
    }

    /// How often a transaction was announced to it.
    pub(crate) fn announced(&self) -> usize {
        self.shared.announced.load(Ordering::Relaxed)
    }

    /// How often it was told the state of the tip that it asked for.
    pub(crate) fn states_told(&self) -> usize {
        self.shared.states_told.load(Ordering::Relaxed)
    }

    /// How many blocks each question for headers named, and forgets them.
    pub(crate) fn locators(&self) -> Vec<usize> {
        std::mem::take(&mut self.shared.locators.lock().unwrap())
    }

    /// Ends all connections; new ones are taken.
    pub(crate) fn hang_up(&self) {
        self.shared.hung_up.fetch_add(1, Ordering::Relaxed);
    }

    /// What a node would have banned the other side for.
    pub(crate) fn offences(&self) -> Vec<String> {
        self.shared.offences.lock().unwrap().clone()
    }
}

impl Shared {
    fn tip(&self) -> BlockId {
        match &self.headers {
            Some(chain) => chain.lock().unwrap().tip().unwrap(),
            None => Sim::tip(&mut self.sim.lock().unwrap()).unwrap(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if !thread::panicking() {
            assert_eq!(self.offences(), Vec::<String>::new(), "a node would have banned");
        }
    }
}

fn serve(stream: TcpStream, shared: &Shared) {
    stream.set_read_timeout(Some(TICK)).unwrap();
    let decoder = Decoder::new(Network::Simnet, ProtocolVersion::OURS);
    let mut talk = Talk { stream, shared, version: ProtocolVersion::OURS, tip: None, asked: None, shaken: false };
    // Whether the other side hangs up is its own affair.
    let _ = talk.run(decoder);
}

struct Talk<'a> {
    stream: TcpStream,
    shared: &'a Shared,
    version: ProtocolVersion,
    tip: Option<BlockHash>,
    /// Since when the state of the tip is waited for.
    asked: Option<Instant>,
    shaken: bool,
}

impl Talk<'_> {
    fn run(&mut self, mut decoder: Decoder) -> std::io::Result<()> {
        let mut buffer = [0; 4096];
        let hung_up = || self.shared.hung_up.load(Ordering::Relaxed);
        let before = hung_up();
        while !self.shared.stopped.load(Ordering::Relaxed) && hung_up() == before {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    let mut input = &buffer[..count];
                    loop {
                        match decoder.next(&mut input) {
                            Ok(Some(message)) => self.answer(message)?,
                            Ok(None) => break,
                            Err(error) => {
                                self.offence(error.to_string());
                                return Ok(());
                            }
                        }
                        decoder.set_version(self.version);
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
            self.announce()?;
        }
        Ok(())
    }

    fn offence(&self, what: String) {
        self.shared.offences.lock().unwrap().push(what);
    }

    fn send(&mut self, message: Message) -> std::io::Result<()> {
        for bytes in self.shared.fault.bytes(message, self.version) {
            self.stream.write_all(&bytes)?;
        }
        Ok(())
    }

    /// Tells of a new block, and sees that the state of the tip was told.
    fn announce(&mut self) -> std::io::Result<()> {
        if self.asked.is_some_and(|asked| asked.elapsed() > STATE_PATIENCE) {
            self.offence("getinitstate was not answered".to_owned());
        }
        let tip = self.shared.tip();
        if self.shaken && self.tip.replace(tip.hash).is_some_and(|old| old != tip.hash) {
            self.send(Message::Inv(vec![Inventory::Block(tip.hash)]))?;
        }
        Ok(())
    }

    fn answer(&mut self, message: Message) -> std::io::Result<()> {
        match message {
            Message::Version(theirs) => self.introduce(&theirs),
            Message::Verack => self.begin(),
            Message::InitState(_) => {
                self.shared.states_told.fetch_add(1, Ordering::Relaxed);
                if self.asked.take().is_none() {
                    self.offence("initstate that nobody asked for".to_owned());
                }
                Ok(())
            }
            Message::Ping(nonce) => self.send(Message::Pong(nonce)),
            Message::Pong(nonce) => {
                assert_eq!(nonce, 77);
                Ok(())
            }
            Message::GetHeaders(question) => {
                let headers = self.headers(&question.locators);
                self.send(Message::Headers(headers))
            }
            Message::GetFilters(first, last) => match self.filters(&first, &last) {
                Some(filters) => self.send(Message::Filters(filters)),
                // As dcrd: no answer at all.
                None => Ok(()),
            },
            Message::GetData(items) => items.iter().try_for_each(|item| self.hand_out(*item)),
            Message::GetAddr => self.tell_of_others(),
            Message::Inv(items) => {
                assert!(!items.is_empty());
                self.shared.announced.fetch_add(1, Ordering::Relaxed);
                if self.shared.fault == Fault::Unsynced { Ok(()) } else { self.send(Message::GetData(items)) }
            }
            Message::Tx(tx) => {
                // A node says nothing about what it does not like.
                let _ = self.shared.sim.lock().unwrap().accept(&tx);
                Ok(())
            }
            other => {
                self.offence(format!("unexpected {}", other.command()));
                Ok(())
            }
        }
    }

    fn introduce(&mut self, theirs: &Version) -> std::io::Result<()> {
        let ours = self.shared.fault.protocol();
        self.version = theirs.protocol.min(ours);
        if self.shared.fault.talks_early() {
            self.asked = Some(Instant::now());
        }
        let tip = self.shared.tip();
        self.send(Message::Version(Box::new(version(ours, tip.height))))?;
        self.send(Message::Verack)
    }

    fn begin(&mut self) -> std::io::Result<()> {
        self.shaken = true;
        self.send(Message::SendHeaders)?;
        if self.shared.fault.talks_early() {
            return Ok(());
        }
        self.send(Message::Ping(77))?;
        self.asked = Some(Instant::now());
        self.send(state_question())
    }

    fn headers(&self, locators: &[BlockHash]) -> Vec<BlockHeader> {
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        self.shared.locators.lock().unwrap().push(locators.len());
        if self.shared.fault == Fault::NoMoreHeaders && locators.len() > 1 {
            return Vec::new();
        }
        if self.shared.fault == Fault::SlowHeaders {
            thread::sleep(SLOW);
        }
        if let Some(chain) = &self.shared.headers {
            return chain.lock().unwrap().headers_after(locators).unwrap();
        }
        let mut sim = self.shared.sim.lock().unwrap();
        if self.shared.fault == Fault::OldHeaders && locators.len() > 1 {
            return vec![sim.headers_after(&[]).unwrap().remove(0); MOST_HEADERS];
        }
        sim.headers_after(locators).unwrap()
    }

    /// As dcrd: no answer when nobody is known.
    fn tell_of_others(&mut self) -> std::io::Result<()> {
        let known = |PeerAddress { host, port }: &PeerAddress| KnownPeer {
            time: 1_790_000_000,
            services: Services::NETWORK,
            host: *host,
            port: *port,
        };
        let others: Vec<_> = self.shared.others.lock().unwrap().iter().map(known).collect();
        if others.is_empty() {
            return Ok(());
        }
        self.shared.told.fetch_add(1, Ordering::Relaxed);
        self.send(Message::AddrV2(others))
    }

    fn filters(&self, first: &BlockHash, last: &BlockHash) -> Option<Vec<BlockFilter>> {
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let mut sim = self.shared.sim.lock().unwrap();
        let mut height = |hash: &BlockHash| Some(sim.block(hash).ok()?.header.height.0);
        let (first, last) = (height(first)?, height(last)?);
        if first > last || last - first >= 100 {
            return None;
        }
        let ids: Vec<_> = (first..=last).map(|height| sim.block_at(Height(height)).unwrap().unwrap()).collect();
        let filters = sim.filters(&ids).unwrap();
        let proven = |(block, bytes)| BlockFilter { block, bytes, index: 0, proof: Vec::new() };
        Some(ids.into_iter().zip(filters).map(proven).collect())
    }

    fn hand_out(&mut self, item: Inventory) -> std::io::Result<()> {
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let mut sim = self.shared.sim.lock().unwrap();
        let found = match item {
            Inventory::Block(hash) => sim.block(&hash).ok().map(|block| Message::Block(Box::new(block))),
            Inventory::Tx(_) if self.shared.fault == Fault::Forgetful => None,
            Inventory::Tx(id) => sim.waiting(&id).unwrap().map(|tx| Message::Tx(Box::new(tx))),
            Inventory::Other { .. } => None,
        };
        drop(sim);
        self.send(found.unwrap_or_else(|| Message::NotFound(vec![item])))
    }
}

fn version(protocol: ProtocolVersion, last_block: Height) -> Version {
    Version {
        protocol,
        services: Services::NETWORK,
        time: 1_790_000_000,
        you: Endpoint::UNKNOWN,
        me: Endpoint::UNKNOWN,
        nonce: 99,
        user_agent: "/dcrwire:1.0.0/test:1.0.0/".to_owned(),
        last_block,
        relay: true,
    }
}
