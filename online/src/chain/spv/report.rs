//! What threads have to tell.

use std::net::SocketAddr;
use std::sync::mpsc::Sender;

use super::discover::SeederError;
use super::peer::{News, PeerId};

/// What a peer has to tell.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) from: PeerId,
    pub(super) news: News,
}

/// What somebody has to tell.
#[derive(Debug)]
pub(super) enum Event {
    /// A peer does.
    Peer(Report),
    /// A seeder does.
    Seeder { seeder: String, found: Result<Vec<SocketAddr>, SeederError> },
}

/// Tells what happens; whether anybody listens does not matter.
#[derive(Clone, Debug)]
pub(super) struct Reporter(pub(super) Sender<Event>);

impl Reporter {
    pub(super) fn of_peer(&self, from: PeerId, news: News) {
        let _ = self.0.send(Event::Peer(Report { from, news }));
    }

    pub(super) fn of_seeder(&self, seeder: String, found: Result<Vec<SocketAddr>, SeederError>) {
        let _ = self.0.send(Event::Seeder { seeder, found });
    }
}
