//! The attack corpus of devices: hosts that do not keep to the protocol, and devices that lie to their host.
//!
//! What a host puts into a request is attacked in `../`, on a device too; here it is what it does with the commands.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../../common/body.rs"]
mod body;
#[path = "../../common/mod.rs"]
mod common;
#[path = "../../common/device.rs"]
mod device;
#[path = "../../common/device_case.rs"]
mod device_case;
#[path = "../../common/listing.rs"]
mod listing;
#[path = "../../common/signer.rs"]
mod signer;

mod approvals;
mod bytes;
mod liar;
mod marks;
mod order;
mod replies;
mod reviews;
mod signatures;
mod target;
mod totals;
