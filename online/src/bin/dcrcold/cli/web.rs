//! The arguments of `dcrcold web`.

use clap::Args;

/// How the page is served.
#[derive(Debug, Args)]
pub(crate) struct WebArgs {
    /// End when nothing was asked for this many minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub(crate) idle: u32,
}
