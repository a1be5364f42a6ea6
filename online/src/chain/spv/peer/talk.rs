//! The talk with a peer, from the first byte to the last.

use std::collections::HashSet;
use std::net::TcpStream;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;

use super::super::address::PeerAddress;
use super::super::random;
use super::super::wire::{Command, Endpoint, InitState, Inventory, Message, ProtocolVersion, Services, Version};
use super::reader::Reader;
use super::{Link, News, PeerError, PeerId, Surroundings, socks};

/// The lowest version that is of use: filters come in batches.
const LEAST: ProtocolVersion = ProtocolVersion::BATCHED_FILTERS;
/// The most messages of a peer below version 12 that may come before its `verack`. dcrd `peer`,
/// `readRemoteVerAckMsgLegacy`.
const MOST_EARLY: usize = 2;
/// What every program says that is built on the wire format of dcrd; it tells peers no more.
const USER_AGENT: &str = "/dcrwire:1.0.0/";

/// Connects and talks until something goes wrong.
pub(super) fn run(id: PeerId, address: PeerAddress, surroundings: &Surroundings, link: &Link) -> PeerError {
    match Talk::begin(id, address, surroundings, link).and_then(Talk::go_on) {
        Err(error) => error,
        Ok(never) => match never {},
    }
}

/// A talk that does not end well.
enum Never {}

struct Talk<'a> {
    id: PeerId,
    surroundings: &'a Surroundings,
    link: &'a Link,
    reader: Reader,
    next_ping: Instant,
    pinged: Option<u64>,
    took: HashSet<TxId>,
}

impl<'a> Talk<'a> {
    fn begin(
        id: PeerId,
        address: PeerAddress,
        surroundings: &'a Surroundings,
        link: &'a Link,
    ) -> Result<Self, PeerError> {
        let timeouts = &surroundings.timeouts;
        let stream = match (surroundings.proxy, address.socket_address()) {
            (Some(proxy), _) => socks::connect(proxy, &address, timeouts.connect)?,
            (None, Some(at)) => TcpStream::connect_timeout(&at, timeouts.connect).map_err(PeerError::Connect)?,
            (None, None) => return Err(PeerError::NoProxy),
        };
        stream.set_nodelay(true).map_err(PeerError::Connect)?;
        stream.set_write_timeout(Some(timeouts.answer)).map_err(PeerError::Connect)?;
        link.open(&stream)?;
        let reader = Reader::new(stream, surroundings.network);
        let next_ping = Instant::now() + timeouts.ping;
        let mut talk = Self { id, surroundings, link, reader, next_ping, pinged: None, took: HashSet::new() };
        let until = Instant::now() + timeouts.handshake;
        let theirs = talk.exchange_versions(address, until)?;
        let early = talk.await_verack(until, theirs.protocol)?;
        talk.report(News::Ready { last_block: theirs.last_block });
        early.into_iter().try_for_each(|message| talk.take(message))?;
        Ok(talk)
    }

    /// Says who we are, hears who the peer is, and agrees on a version.
    fn exchange_versions(&mut self, address: PeerAddress, until: Instant) -> Result<Version, PeerError> {
        let nonce = random();
        self.link.send(&Message::Version(Box::new(our_version(address, nonce))))?;
        let theirs = match self.hear(until, Command::Version)? {
            Message::Version(version) => *version,
            other => return Err(unexpected(other.command(), Command::Version)),
        };
        if theirs.nonce == nonce {
            return Err(PeerError::Itself);
        }
        if theirs.protocol < LEAST {
            return Err(PeerError::TooOld { found: theirs.protocol, expected: LEAST });
        }
        if !theirs.services.has(Services::NETWORK) {
            return Err(PeerError::NoBlocks { found: theirs.services });
        }
        let version = theirs.protocol.min(ProtocolVersion::OURS);
        self.link.agree_on(version);
        self.reader.agree_on(version);
        self.link.send(&Message::Verack)?;
        Ok(theirs)
    }

    /// Waits for the peer's `verack`; returns what came before it. From version 12 on, nothing may: nodes below it start
    /// to talk before they are done with the handshake.
    fn await_verack(&mut self, until: Instant, version: ProtocolVersion) -> Result<Vec<Message>, PeerError> {
        let room = if version < ProtocolVersion::ADDRESSES_V2 { MOST_EARLY } else { 0 };
        let mut early = Vec::new();
        loop {
            match self.hear(until, Command::Verack)? {
                Message::Verack => return Ok(early),
                message if early.len() < room && message.command() != Command::Version => early.push(message),
                other => return Err(unexpected(other.command(), Command::Verack)),
            }
        }
    }

    /// The next message of the handshake. An answer cannot be one: nothing was asked yet.
    fn hear(&mut self, until: Instant, expected: Command) -> Result<Message, PeerError> {
        let after = self.surroundings.timeouts.handshake;
        match self.reader.next(until, self.link) {
            Err(PeerError::Unrequested { found }) => Err(unexpected(found, expected)),
            heard => heard?.ok_or(PeerError::NoHandshake { after }),
        }
    }

    fn go_on(mut self) -> Result<Never, PeerError> {
        loop {
            match self.reader.next(self.next_ping, self.link)? {
                Some(message) => self.take(message)?,
                None => self.ping()?,
            }
        }
    }

    /// Sends a ping when it is time for one, and sees that the last one was answered.
    fn ping(&mut self) -> Result<(), PeerError> {
        let timeouts = &self.surroundings.timeouts;
        if self.pinged.is_some() {
            return Err(PeerError::Silent { after: timeouts.pong });
        }
        let nonce = random();
        self.link.send(&Message::Ping(nonce))?;
        self.pinged = Some(nonce);
        self.next_ping = Instant::now() + timeouts.pong;
        Ok(())
    }

    /// Answers what a message asks for, and hands on what it brings.
    fn take(&mut self, message: Message) -> Result<(), PeerError> {
        match message {
            Message::Ping(nonce) => self.link.send(&Message::Pong(nonce)),
            Message::Pong(nonce) => self.take_pong(nonce),
            // A node ends the connection when this is not answered, and bans for answers that nobody asked for.
            Message::GetInitState(_) => self.link.send(&Message::InitState(InitState::default())),
            Message::Inv(items) => {
                self.tell_block(&items);
                Ok(())
            }
            Message::GetData(items) => self.hand_out(&items),
            Message::Headers(_) | Message::Filters(_) | Message::Block(_) | Message::Tx(_) | Message::NotFound(_) => {
                self.link.settle(&message)?;
                self.report(News::Answer(message));
                Ok(())
            }
            Message::Version(_) | Message::Verack | Message::Filter(_) | Message::InitState(_) => {
                Err(PeerError::Unrequested { found: message.command() })
            }
            Message::Addr(peers) => {
                self.tell_addresses(peers.iter().map(|(_, at)| (at.services, at.address.into())));
                Ok(())
            }
            Message::AddrV2(peers) => {
                self.tell_addresses(peers.iter().map(|peer| (peer.services, peer.address())));
                Ok(())
            }
            // A light client has nothing to say to these.
            Message::SendHeaders
            | Message::GetAddr
            | Message::GetHeaders(_)
            | Message::GetFilter(_)
            | Message::GetFilters(..)
            | Message::FeeFilter(_) => Ok(()),
        }
    }

    /// Takes the answer to the last ping, and puts the next one off.
    fn take_pong(&mut self, nonce: u64) -> Result<(), PeerError> {
        if self.pinged.take() != Some(nonce) {
            return Err(PeerError::WrongPong);
        }
        self.next_ping = Instant::now() + self.surroundings.timeouts.ping;
        Ok(())
    }

    /// Tells that there is a new block, if one was announced.
    fn tell_block(&self, items: &[Inventory]) {
        // A peer that repeats itself must not fill the memory with reports.
        if items.iter().any(|item| matches!(item, Inventory::Block(_))) && self.link.is_news() {
            self.report(News::NewBlock);
        }
    }

    /// Sends the transactions that were announced, and word of what is not there.
    fn hand_out(&mut self, items: &[Inventory]) -> Result<(), PeerError> {
        let mut missing = Vec::new();
        for item in items {
            let found = match item {
                Inventory::Tx(id) => self.surroundings.outbox.get(id).map(|tx| (*id, tx)),
                _ => None,
            };
            match found {
                Some((id, tx)) => {
                    self.link.send(&Message::Tx(Box::new(tx.as_ref().clone())))?;
                    if self.took.insert(id) {
                        self.report(News::Took(id));
                    }
                }
                None => missing.push(*item),
            }
        }
        if missing.is_empty() { Ok(()) } else { self.link.send(&Message::NotFound(missing)) }
    }

    /// Tells the addresses of those that have blocks, if addresses were asked for.
    fn tell_addresses(&self, peers: impl Iterator<Item = (Services, PeerAddress)>) {
        if self.link.wants_addresses() {
            let full = peers.filter(|(services, _)| services.has(Services::NETWORK));
            self.report(News::Addresses(full.map(|(_, address)| address).collect()));
        }
    }

    fn report(&self, news: News) {
        self.surroundings.reports.of_peer(self.id, news);
    }
}

const fn unexpected(found: Command, expected: Command) -> PeerError {
    PeerError::Handshake { found, expected }
}

fn our_version(address: PeerAddress, nonce: u64) -> Version {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Version {
        protocol: ProtocolVersion::OURS,
        services: Services::NONE,
        time: i64::try_from(now).unwrap_or(i64::MAX),
        // This form has no room for an onion service.
        you: address
            .socket_address()
            .map_or(Endpoint::UNKNOWN, |address| Endpoint { services: Services::NETWORK, address }),
        me: Endpoint::UNKNOWN,
        nonce,
        user_agent: USER_AGENT.to_owned(),
        last_block: Height(0),
        relay: false,
    }
}
