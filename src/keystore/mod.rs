//! The key store: the seed and all that a signer must remember, sealed in one file.

mod body;
mod contents;
mod store;

pub(crate) use self::contents::OWN_VOTER;
pub use self::contents::{AccountEntry, Contents, ContentsError};
pub use self::store::{Access, KeyStore, KeyStoreError, LockedStore, create};
