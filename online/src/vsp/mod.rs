//! What passes between a ticket's owner and a VSP, version 3 of vspd's interface, without the HTTP that carries it.
//!
//! Both sides sign: the owner every request, with a key that the ticket knows; the VSP every response, errors too.
//! Nothing here believes a response before its signature was checked, and whole exchanges are kept as [`Evidence`].
//! Source: vspd `docs/api.md`, `docs/two-way-accountability.md`, `types/types.go`.

mod address;
mod code;
mod evidence;
mod info;
mod preferences;
mod reply;
mod request;
mod server;

pub use self::address::{VspAddress, VspAddressError};
pub use self::code::{ErrorCode, Refused};
pub use self::evidence::{Evidence, EvidenceError};
pub use self::info::{Info, InfoError};
pub(crate) use self::info::{fee_of, printable};
pub use self::preferences::{
    AgendaId, ChoiceId, IdError, MOST_TREASURY_POLICIES, Preferences, PreferencesError, StatedPolicy, TreasuryKey,
    TreasuryPolicy,
};
pub use self::reply::{FeeAddress, FeeState, ReplyError, TicketStatus, accepted};
pub use self::request::{Endpoint, FeePayment, Request, Timestamp};
pub use self::server::{ServerKey, ServerKeyError, ServerSignature, ServerSignatureError, Signed};
