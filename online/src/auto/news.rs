//! What is told of requests: facts for the hook, a status for scripts, a feed for readers.

use std::path::Path;

use dcrcold_core::amount::Amount;
use dcrcold_core::net::Network;
use dcrcold_core::words::check_words;
use dcrcold_signer::file::{self, FileError, Readers};
use serde::Serialize;

use super::decide::{Decision, Reason};
use super::feed::feed;
use crate::chain::PriceWindow;
use crate::plural::count;
use crate::wallet::auto::{AutoRequest, Rule, Window};
use crate::wallet::{UnixTime, Wallet, WalletError};

/// The file for scripts.
pub const STATUS_FILE: &str = "status.json";
/// The file for feed readers.
pub const FEED_FILE: &str = "feed.atom";
/// How many requests are told, the newest of them.
const MOST: usize = 20;

/// A request, as it is told. Amounts in atoms, times in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The network.
    pub network: String,
    /// The id of the request.
    pub request: String,
    /// The words that the signer shows for it.
    pub check_words: String,
    /// Where it is.
    pub file: String,
    /// How far it came.
    pub state: &'static str,
    /// The price window that it was prepared in.
    pub window: u32,
    /// How many tickets.
    pub tickets: u32,
    /// What each of them locks.
    pub locked_per_ticket: u64,
    /// When it was prepared.
    pub prepared: String,
    /// The last block after which its answer may be sent.
    pub deadline_height: u32,
    /// About when that will be; none before the wallet knows a block.
    pub deadline: Option<String>,
    #[serde(skip)]
    pub(super) changed: UnixTime,
}

impl Due {
    /// The facts of a request.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn of(wallet: &Wallet, request: &AutoRequest) -> Result<Self, WalletError> {
        let network = wallet.network();
        let deadline = wallet.outlook()?.map(|outlook| outlook.time_of(network, request.deadline(network)).rfc3339());
        Ok(Self {
            network: network.to_string(),
            request: request.id.to_string(),
            check_words: check_words(&request.id).join(" "),
            file: request.file.display().to_string(),
            state: word(request),
            window: request.window.0,
            tickets: request.tickets,
            locked_per_ticket: request.amount.atoms(),
            prepared: request.created.rfc3339(),
            deadline_height: request.deadline(network).0,
            deadline,
            changed: request.changed,
        })
    }

    /// The facts as the environment of a program.
    pub(super) fn variables(&self) -> [(&'static str, String); 9] {
        [
            ("DCRCOLD_EVENT", "signature-due".to_owned()),
            ("DCRCOLD_NETWORK", self.network.clone()),
            ("DCRCOLD_REQUEST", self.request.clone()),
            ("DCRCOLD_CHECK_WORDS", self.check_words.clone()),
            ("DCRCOLD_FILE", self.file.clone()),
            ("DCRCOLD_TICKETS", self.tickets.to_string()),
            ("DCRCOLD_LOCKED_PER_TICKET", self.locked_per_ticket.to_string()),
            ("DCRCOLD_DEADLINE_HEIGHT", self.deadline_height.to_string()),
            ("DCRCOLD_DEADLINE", self.deadline.clone().unwrap_or_default()),
        ]
    }

    /// The facts as a line of JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let text = serde_json::to_string(self).expect("facts are plain values with text keys");
        format!("{text}\n")
    }

    /// A line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let locked = Amount::from_atoms(self.locked_per_ticket).unwrap_or_default();
        let tickets = count(self.tickets, "ticket");
        let until = self.deadline.as_ref().map_or_else(String::new, |time| format!(", about {time}"));
        format!("{tickets}, each locks {locked}; answer until block {}{until}: {}", self.deadline_height, self.file)
    }
}

/// How far a request came, in a word.
fn word(request: &AutoRequest) -> &'static str {
    if request.is_due() { "due" } else { request.state.name(crate::wallet::purchase::RequestKind::Purchase) }
}

/// Everything that is known, for scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The network.
    pub network: String,
    /// The last block searched.
    pub height: u32,
    /// The price window of the next block.
    pub window: u32,
    /// The price of the next block, if the source was asked.
    pub price: Option<u64>,
    /// The rule, if one is set.
    pub rule: Option<ShownRule>,
    /// Why nothing is prepared now; none after something was.
    pub waits: Option<&'static str>,
    /// The same for people.
    pub waits_for: Option<String>,
    /// The requests, the newest first.
    pub requests: Vec<Due>,
}

/// The rule, amounts in atoms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownRule {
    /// The most that a ticket locks.
    pub max_price: u64,
    /// What stays spendable.
    pub keep: u64,
    /// The most tickets of a price window.
    pub tickets: u32,
    /// The most that goes to fees and a purse.
    pub max_fees: u64,
    /// What a ticket locks above the price, in percent.
    pub headroom_percent: String,
    /// The voter that was named.
    pub voter: Option<String>,
    /// The VSP.
    pub vsp: Option<String>,
    /// Where requests are put.
    pub folder: String,
}

impl From<&Rule> for ShownRule {
    fn from(rule: &Rule) -> Self {
        let hundredths = rule.headroom.hundredths();
        Self {
            max_price: rule.max_price.atoms(),
            keep: rule.keep.atoms(),
            tickets: rule.tickets,
            max_fees: rule.max_fees.atoms(),
            headroom_percent: format!("{}.{:02}", hundredths / 100, hundredths % 100),
            voter: rule.voter.map(|voter| voter.to_string()),
            vsp: rule.vsp.as_ref().map(ToString::to_string),
            folder: rule.folder.display().to_string(),
        }
    }
}

impl Status {
    /// What is known at the last block searched.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn of(
        wallet: &Wallet,
        rule: Option<&Rule>,
        price: Option<&PriceWindow>,
        decision: Option<&Decision>,
    ) -> Result<Self, WalletError> {
        let (network, height) = (wallet.network(), wallet.height()?);
        let requests = wallet.auto_requests()?;
        let waits: Option<&Reason> = match decision {
            Some(Decision::Wait(reason)) => Some(reason),
            _ => None,
        };
        Ok(Self {
            network: network.to_string(),
            height: height.0,
            window: Window::after(network, height).0,
            price: price.map(|price| price.next.atoms()),
            rule: rule.map(ShownRule::from),
            waits: waits.map(Reason::name),
            waits_for: waits.map(ToString::to_string),
            requests: requests.iter().take(MOST).map(|request| Due::of(wallet, request)).collect::<Result<_, _>>()?,
        })
    }

    /// Writes the status and the feed, each in one step; a file that says the same already stays.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn write(&self, folder: &Path, network: Network) -> Result<(), FileError> {
        let status = serde_json::to_string_pretty(self).expect("facts are plain values with text keys");
        put(&folder.join(STATUS_FILE), &format!("{status}\n"))?;
        put(&folder.join(FEED_FILE), &feed(network, &self.requests))
    }
}

/// Puts a text into a file, unless it is there.
fn put(path: &Path, text: &str) -> Result<(), FileError> {
    let there = file::read(path, text.len()).is_ok_and(|found| found == text.as_bytes());
    if there { Ok(()) } else { file::replace(path, text.as_bytes(), Readers::Everybody) }
}
