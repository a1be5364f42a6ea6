//! A page for a browser on this computer: shows requests as codes, scans answers, lists tickets.
//!
//! It does what the command line does, by the command line's own code (see [`Desk`]), and signs nothing. It is served on
//! loopback to whoever has the link; docs/web.md says against whom that holds and against whom it does not.

mod desk;
mod files;
mod frames;
mod guard;
mod http;
mod routes;
mod scan;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dcrcold_core::net::Network;
use dcrcold_signer::receive::Keeper;

use self::desk::{Activity, Tasks, queue};
pub use self::desk::{Desk, Step};
use self::frames::Shelf;
use self::guard::Guard;
use self::http::{Handler, Listener};
use self::routes::Site;
use self::scan::Scan;

/// How often it is looked whether to end.
const TICK: Duration = Duration::from_millis(200);

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// No port can be listened at.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] io::Error),
    /// There is no secret for the link.
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(getrandom::Error),
}

/// The page, served until the process ends.
pub struct Web {
    site: Arc<Site>,
    tasks: Tasks,
}

/// Why serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to.
    Told,
    /// Nobody asked for anything for as long as was allowed.
    Idle,
}

impl Web {
    /// Begins to serve at a free port, for a wallet of this network; a keeper keeps what is scanned over a break.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn open(network: Network, keeper: Option<Keeper>) -> Result<Self, WebError> {
        let (queue, tasks) = queue();
        let listener = Listener::bind()?;
        let guard = Guard::new(listener.address()).map_err(WebError::NoRandomness)?;
        let site = Arc::new(Site {
            guard,
            queue,
            shelf: Shelf::default(),
            scan: Arc::new(Scan::new(network, keeper)),
            activity: Activity::new(),
        });
        listener.serve(Arc::clone(&site) as Arc<dyn Handler>)?;
        Ok(Self { site, tasks })
    }

    /// The link that opens the page. Whoever has it can do what the page can.
    #[must_use]
    pub fn link(&self) -> String {
        self.site.guard.link()
    }

    /// Does what the page asks for, until `stop` is set or nobody asked for anything for so long.
    pub fn work(&self, desk: &mut dyn Desk, stop: &AtomicBool, idle: Duration) -> Ended {
        self.tasks.work(desk, || {
            let ends = stop.load(Ordering::Relaxed) || self.site.activity.silent_for() >= idle;
            (!ends).then_some(TICK)
        });
        if stop.load(Ordering::Relaxed) { Ended::Told } else { Ended::Idle }
    }
}
