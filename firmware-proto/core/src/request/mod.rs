//! What a request says: the parameters of a purchase, a send or a registration.
//!
//! These are claims of the online side. Nothing in here has been compared with keys or limits yet; only what a value
//! can be at all (a network's coin type, an amount that can exist) is already certain.

mod header;
mod landing;
mod reader;
mod shape;

use core::fmt;

use crate::amount::{Amount, FeeRate, Height};
use crate::hash::{Fingerprint, Hash160, TransferId, TxId, copy};
use crate::list::List;
use crate::net::Network;
use crate::path::{AccountPath, Index, KeyPath};
use crate::script::{Payee, StakeTag};
use crate::ticket::TicketBytes;

pub use header::{HEADER_LENGTH, Header, Kind, MAGIC, MAX_BODY, VERSION};
pub(crate) use landing::{Landing, Parameters, Places};
pub(crate) use reader::Reader;
pub use reader::RequestReader;

/// Why there is always a coin behind an input: it is filled in from the parent, or the request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// What the output is worth.
    pub value: Amount,
    /// Its stake opcode; it follows that the output lies in the stake tree.
    pub tag: Option<StakeTag>,
    /// The key hash that it pays.
    pub hash: Hash160,
}

/// An input: which output of which parent it spends, and with which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// The number of the parent in the request.
    pub parent: u32,
    /// The output's place in the parent.
    pub output: u32,
    /// The key, below the spending account.
    pub path: KeyPath,
    /// The output itself, once its parent was read.
    pub coin: Option<Coin>,
}

/// Who votes.
#[derive(Clone, Debug)]
pub enum Voting<const TICKETS: usize> {
    /// A registered voter; ticket i is voted with its key `0/(first + i)`.
    Voter {
        /// Which voter.
        fingerprint: Fingerprint,
        /// The voter's index for the first ticket.
        first: Index,
    },
    /// Somebody's voting key hashes, one for each ticket; shown in full, never registered with a VSP.
    Foreign(List<Hash160, TICKETS>),
}

/// A payment to the voter's purse, from which VSP fees are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    /// How much.
    pub amount: Amount,
    /// Index of the purse key that receives it.
    pub index: Index,
}

/// Where the tickets' inputs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Funding {
    /// A split transaction makes an output of the right size for each ticket.
    Split,
    /// Each coin becomes a ticket as it is.
    Direct,
}

/// Inputs and the transactions that they spend from.
#[derive(Clone, Debug)]
pub struct Spending<const INPUTS: usize> {
    /// The inputs, in signing order.
    pub inputs: List<Input, INPUTS>,
    /// The ids of the parents, computed from the parents themselves.
    pub parents: List<TxId, INPUTS>,
}

/// The parameters of a purchase, kind 1.
#[derive(Clone, Debug)]
pub struct PurchaseRequest<const INPUTS: usize, const TICKETS: usize> {
    /// What is spent.
    pub spending: Spending<INPUTS>,
    /// How many tickets.
    pub tickets: u32,
    /// What each ticket locks, or at least locks in the direct form.
    pub amount: Amount,
    /// Fee rate of the split and of the tickets.
    pub fee_rate: FeeRate,
    /// The first internal index that the purchase uses.
    pub first_internal: Index,
    /// Who votes.
    pub voting: Voting<TICKETS>,
    /// A purse top-up.
    pub purse: Option<Purse>,
    /// The tickets can be in blocks below this height only.
    pub expiry: Height,
    /// Split or direct.
    pub funding: Funding,
}

/// Where an output of a send goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Anybody's address.
    Address(Payee),
    /// The purse of a registered voter.
    Purse {
        /// Which voter.
        fingerprint: Fingerprint,
        /// Index of the purse key.
        index: Index,
    },
}

/// An output of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// Who is paid.
    pub recipient: Recipient,
    /// How much; zero in the last output of a sweep, which takes what is left.
    pub amount: Amount,
}

/// What becomes of the rest of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It returns to this internal index.
    Change(Index),
    /// The last output takes it.
    Sweep,
}

/// The parameters of a send, kind 2.
#[derive(Clone, Debug)]
pub struct SendRequest<const INPUTS: usize, const TICKETS: usize> {
    /// What is spent.
    pub spending: Spending<INPUTS>,
    /// Who is paid; at most as many outputs as a signer takes tickets.
    pub outputs: List<Output, TICKETS>,
    /// Fee rate.
    pub fee_rate: FeeRate,
    /// Change or sweep.
    pub rest: Rest,
}

/// The parameters of a registration of tickets that exist, kind 3.
#[derive(Clone, Debug)]
pub struct RegisterRequest<const TICKETS: usize> {
    /// The paths of the commitments' keys, one for each ticket.
    pub paths: List<KeyPath, TICKETS>,
    /// The tickets as they came.
    pub tickets: List<TicketBytes, TICKETS>,
    /// The voter whose alt-sign keys are registered.
    pub fingerprint: Fingerprint,
    /// The voter's index for the first ticket.
    pub first: Index,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Body<const INPUTS: usize, const TICKETS: usize> {
    /// Kind 1.
    Purchase(PurchaseRequest<INPUTS, TICKETS>),
    /// Kind 2.
    Send(SendRequest<INPUTS, TICKETS>),
    /// Kind 3.
    Register(RegisterRequest<TICKETS>),
}

/// What the online side says of the chain; nothing in it can be checked offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The height of the best block.
    pub tip: Height,
    /// The time of the best block in seconds since 1970, never 0.
    pub time: u32,
    /// The price of a ticket in the next block; only a purchase claims one.
    pub price: Option<Amount>,
}

/// The longest label.
pub const MAX_LABEL: usize = 64;

/// A text of 1 to 64 printable ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Label {
    bytes: [u8; MAX_LABEL],
    length: usize,
}

impl Label {
    /// Accepts printable ASCII (0x20 to 0x7e) of 1 to 64 characters.
    #[must_use]
    pub fn new(text: &[u8]) -> Option<Self> {
        if text.is_empty() || !text.iter().all(|byte| (0x20..=0x7e).contains(byte)) {
            return None;
        }
        let mut bytes = [0; MAX_LABEL];
        copy(bytes.get_mut(..text.len())?, text);
        Some(Self { bytes, length: text.len() })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.bytes.get(..self.length).unwrap_or(&[]);
        core::str::from_utf8(text).unwrap_or_default()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A request that was read whole and whose id is right.
#[derive(Clone, Debug)]
pub struct Request<const INPUTS: usize, const TICKETS: usize> {
    /// The network.
    pub network: Network,
    /// The id of exactly these bytes.
    pub id: TransferId,
    /// The spending account.
    pub account: AccountPath,
    /// What the online side says of the chain.
    pub claim: Claim,
    /// What the online side calls the request.
    pub label: Option<Label>,
    /// What is asked for.
    pub body: Body<INPUTS, TICKETS>,
}
