//! Which device, and the arguments of `dcrcold sign`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Args};

/// Where Speculos and the simulator listen when nothing else is said.
const USUAL_ADDRESS: &str = "127.0.0.1:9999";

/// Which device.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for devices")]
pub(crate) struct DeviceOptions {
    /// Use a simulated device, which has test seeds and no mainnet [default address: 127.0.0.1:9999]
    #[arg(long, value_name = "IP:PORT", num_args = 0..=1, default_missing_value = USUAL_ADDRESS, conflicts_with = "ledger")]
    pub(crate) simulator: Option<SocketAddr>,
    /// Use a Ledger, the one at this node or with this serial number if several are plugged in
    #[arg(long, value_name = "DEVICE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) ledger: Option<String>,
    /// Reach the Ledger by TCP, as Speculos offers it
    #[arg(long, value_name = "IP:PORT", requires = "ledger", num_args = 0..=1, default_missing_value = USUAL_ADDRESS)]
    pub(crate) tcp: Option<SocketAddr>,
}

impl DeviceOptions {
    /// Where the device listens, if it is not on USB.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.simulator.or(self.tcp)
    }

    /// Which Ledger on USB, if one was named by more than `--ledger`.
    pub(crate) fn node(&self) -> Option<&str> {
        self.ledger.as_deref().filter(|name| !name.is_empty())
    }

    /// Whether a device was named.
    pub(crate) const fn is_some(&self) -> bool {
        self.simulator.is_some() || self.ledger.is_some()
    }
}

/// What a device is to sign.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("device").args(["simulator", "ledger"]).required(true))]
pub(crate) struct SignArgs {
    /// The request, or - for standard input
    pub(crate) request: PathBuf,
    /// Write the answer to this file, or to standard output for -
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) device: DeviceOptions,
}
