//! The chain as Decred's peers tell it: no node of one's own is needed.
//!
//! Peers are asked, never believed: headers must have the work, filters and blocks must be those that the headers commit
//! to. What cannot be checked is in docs/chain.md. Each peer has a thread that reads; everything else happens in the
//! calls of [`ChainSource`](super::ChainSource).
//! Source: dcrd `wire`, `peer`; dcrwallet `p2p`, `spv`.

mod address;
mod discover;
mod error;
mod filters;
mod follow;
mod gather;
pub mod headers;
pub mod peer;
mod pool;
mod publish;
mod report;
mod search;
mod source;
pub mod wire;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::path::PathBuf;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_signer::agenda::Agenda;

pub use address::{AddressError, PeerAddress};
pub use discover::{BookError, Discovery, SeederError, SeederLoss, examine as examine_peers, seeders};
pub use error::{Loss, SpvError, StartError};
pub use peer::{PeerError, SocksError, Timeouts};
pub use publish::Seen;
pub use search::Search;

use super::work::Work;
use discover::Finder;
use headers::Headers;
use pool::Pool;

/// How to find the network.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The network.
    pub network: Network,
    /// The peers; none if they are to be found.
    pub peers: Vec<PeerAddress>,
    /// Where to find peers if none are named.
    pub discovery: Option<Discovery>,
    /// The SOCKS5 proxy over which everything goes, if there is one. Without one, no onion service is reached.
    pub proxy: Option<SocketAddr>,
    /// The file that keeps headers; without one they are fetched anew each time.
    pub headers: Option<PathBuf>,
    /// The work that a chain must have to be believed, if other than the network's own minimum.
    pub least_work: Option<Work>,
    /// The first block whose header commits to its filter, if other than the network's own.
    pub first_commitment: Option<Height>,
    /// How long to wait for peers.
    pub timeouts: Timeouts,
}

impl Settings {
    /// These peers and no others, headers in memory, and the usual patience.
    #[must_use]
    pub fn new(network: Network, peers: Vec<impl Into<PeerAddress>>) -> Self {
        let peers = peers.into_iter().map(Into::into).collect();
        let timeouts = Timeouts::default();
        let (discovery, proxy, headers) = (None, None, None);
        Self { network, peers, discovery, proxy, headers, least_work: None, first_commitment: None, timeouts }
    }
}

/// Peers of the network.
pub struct Spv {
    headers: Headers,
    pool: Pool,
    first_commitment: Height,
    /// Whether the first peer was given others beside it, if there are any.
    has_company: bool,
    progress: Box<dyn FnMut(Option<Fetched>)>,
    published: Box<dyn FnMut(TxId, Seen)>,
}

/// How far the headers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The last one that is here.
    pub height: Height,
    /// The last one that a peer says there is.
    pub of: Height,
}

impl Spv {
    /// Opens the file of headers and begins to connect. Whether anybody is there shows with the first question.
    ///
    /// # Errors
    /// [`StartError`] when a file cannot be used.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let Settings { network, peers, discovery, proxy, headers, least_work, first_commitment, timeouts } = settings;
        let mut headers = match headers {
            Some(path) => Headers::open(&path, network)?,
            None => Headers::in_memory(network)?,
        };
        least_work.into_iter().for_each(|work| headers.demand(work));
        let finder = Finder::new(network, &peers, discovery, proxy, &timeouts)?;
        let mut pool = Pool::new(network, finder, proxy, timeouts);
        pool.connect();
        let first_commitment = first_commitment.unwrap_or_else(|| Agenda::HeaderCommitments.first_block(network));
        let (progress, published) = (Box::new(|_| {}), Box::new(|_, _| {}));
        Ok(Self { headers, pool, first_commitment, has_company: false, progress, published })
    }

    /// Tells how far the headers are while they come in, and with `None` that all are there.
    pub fn on_headers(&mut self, progress: impl FnMut(Option<Fetched>) + 'static) {
        self.progress = Box::new(progress);
    }

    /// Tells how the search for a peer goes while there is none, and with `None` that it is over.
    pub fn on_search(&mut self, searching: impl FnMut(Option<&Search>) + 'static) {
        self.pool.searching = Box::new(searching);
    }

    /// Tells how many peers show a transaction that was just sent.
    pub fn on_published(&mut self, published: impl FnMut(TxId, Seen) + 'static) {
        self.published = Box::new(published);
    }

    /// The last peers that were given up and why, the latest last.
    pub fn lost(&self) -> impl Iterator<Item = &Loss> {
        self.pool.lost()
    }
}

/// A number that differs each time. Nothing depends on its secrecy.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
