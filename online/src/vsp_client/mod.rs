//! The HTTP side of a VSP: signed requests out, checked responses back, and every exchange kept.

mod client;
mod error;
mod list;
mod retry;

pub use crate::http::HttpSettings;
pub use crate::vsp::{VspAddress, VspAddressError};
pub use client::{Exchange, VspClient};
pub use error::VspError;
pub use list::{LIST_URL, ListError, Listed, fetch_list, parse_list};
pub use retry::Retry;
