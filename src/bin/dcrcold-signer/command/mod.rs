//! One file for each command.

pub(crate) mod address;
pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod export;
pub(crate) mod inspect;
pub(crate) mod limits;
mod make;
pub(crate) mod new;
pub(crate) mod passphrase;
mod request_facts;
pub(crate) mod restore;
pub(crate) mod self_test;
pub(crate) mod sign;
pub(crate) mod voter;
