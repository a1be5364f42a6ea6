//! The wallet: what an account owns, found on the chain and kept in one file.
//!
//! It holds public keys only. One file watches one spending account; SQLite makes every step of it atomic and lets two
//! processes share it.

mod account;
pub mod auto;
mod balance;
mod chain_store;
mod coin_id;
mod coins;
mod costs;
pub(crate) mod db;
mod device_voters;
mod error;
mod examine;
mod file;
mod history;
mod notes;
mod old_filters;
pub mod purchase;
mod purse;
mod receive;
mod record;
mod registrations;
mod sweeps;
mod sync;
#[cfg(test)]
mod testing;
mod tickets;
mod time;
mod voters;
mod voting_keys;
pub mod vsp_tickets;
mod vsps;
mod watch;

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::transfer::WatchExport;
use rusqlite::Connection;

use old_filters::OldFilters;
use voters::WalletKeys;

pub use account::AccountKeys;
pub use balance::Balance;
pub use coin_id::{CoinId, CoinIdError, CoinsOf};
pub use coins::{Coin, CoinState};
pub use costs::{Costs, Outlook, StakeInfo};
pub use error::WalletError;
pub use examine::{Held, KeptBlocks, Outstanding, Part};
pub use history::{Change, Entry, EntryKind};
pub use notes::{Labels, Note};
pub use purse::{PurseBalance, PurseCoin};
pub use receive::Receive;
pub use registrations::{PreparedRegistration, Registration};
pub use sweeps::PurseCoins;
pub use sync::{Progress, SyncReport};
pub use tickets::{Ending, Ticket, TicketState};
pub use time::{Clock, SystemClock, UnixTime};
pub(crate) use voting_keys::SEARCHED_AHEAD;
pub use voting_keys::VotingKeys;
pub use vsps::{KnownVsp, expected_fee};

/// How many unused addresses in a row end the search, dcrwallet's limit.
pub(crate) const GAP_LIMIT: u32 = 20;

/// An open wallet file.
#[derive(Debug)]
pub struct Wallet {
    db: Connection,
    keys: WalletKeys,
    export: WatchExport,
    birthday: Height,
    old_filters: Option<OldFilters>,
}

impl Wallet {
    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.keys.account.network()
    }
}
