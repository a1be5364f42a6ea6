//! Where blocks come from.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// How to reach dcrd; what is not given is looked up where dcrctl looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for dcrd")]
pub(crate) struct DcrdOptions {
    /// Address of dcrd, with or without a port
    #[arg(long, global = true, value_name = "HOST[:PORT]")]
    pub(crate) dcrd: Option<String>,
    /// File with dcrd's certificate
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) dcrd_cert: Option<PathBuf>,
    /// User name for dcrd; the limited user is enough
    #[arg(long, global = true, value_name = "NAME", requires = "dcrd_password_file")]
    pub(crate) dcrd_user: Option<String>,
    /// File whose first line is the password for dcrd, or - for standard input
    #[arg(long, global = true, value_name = "FILE", requires = "dcrd_user")]
    pub(crate) dcrd_password_file: Option<PathBuf>,
    /// Client certificate to log in with instead of a password
    #[arg(long, global = true, value_name = "FILE", requires = "dcrd_client_key", conflicts_with = "dcrd_user")]
    pub(crate) dcrd_client_cert: Option<PathBuf>,
    /// Private key of the client certificate
    #[arg(long, global = true, value_name = "FILE", requires = "dcrd_client_cert")]
    pub(crate) dcrd_client_key: Option<PathBuf>,
}

/// Where blocks come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SourceName {
    /// A dcrd of the user's.
    Dcrd,
    /// The embedded network in a folder.
    Sim(PathBuf),
}

impl FromStr for SourceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "dcrd" => Ok(Self::Dcrd),
            Some(("sim", folder)) if !folder.is_empty() => Ok(Self::Sim(folder.into())),
            _ => Err("expected dcrd or sim:DIR".into()),
        }
    }
}
