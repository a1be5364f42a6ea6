//! One file for each command.

pub(crate) mod address;
pub(crate) mod export;
pub(crate) mod inspect;
pub(crate) mod limits;
mod make;
pub(crate) mod new;
mod request_facts;
pub(crate) mod restore;
pub(crate) mod self_test;
pub(crate) mod sign;
pub(crate) mod voter;
