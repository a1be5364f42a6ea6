//! Clients, taken as they come, a thread for each, and not more of them than there are places.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::client::{Client, Handler};

/// Clients at once. A browser has at most six for a page.
const PLACES: usize = 24;
/// How long to wait when no client can be taken, because of too many open files for one.
const PAUSE: Duration = Duration::from_millis(100);

/// A free port of 127.0.0.1.
pub(in crate::web) struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    pub(in crate::web) fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    pub(in crate::web) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process ends.
    pub(in crate::web) fn serve(self, handler: Arc<dyn Handler>) -> io::Result<()> {
        let places = Arc::new(());
        let take_all = move || {
            for client in self.listener.incoming() {
                match client {
                    Ok(client) => take(client, &handler, &places),
                    Err(_) => thread::sleep(PAUSE),
                }
            }
        };
        thread::Builder::new().name("web".into()).spawn(take_all).map(drop)
    }
}

/// A place is a copy of `places`; whoever holds one gives it back by dropping it, however it ends.
fn take(stream: TcpStream, handler: &Arc<dyn Handler>, places: &Arc<()>) {
    let client = Client::new(stream);
    let place = Arc::clone(places);
    if Arc::strong_count(places) > PLACES + 1 {
        return client.turn_away();
    }
    let handler = Arc::clone(handler);
    let serve = move || {
        let _place = place;
        let _ = client.serve(handler.as_ref());
    };
    // Without a thread the client is dropped, and its place with it.
    let _ = thread::Builder::new().name("web client".into()).spawn(serve);
}
