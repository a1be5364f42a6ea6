//! The arguments of `dcrcold vsp`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dcrcold::vsp::{AgendaId, ChoiceId, ServerKey, TreasuryKey, TreasuryPolicy, VspAddress};
use dcrcold::vsp_client::LIST_URL;
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_signer::percent::Percent;

use super::option::{PassphraseOption, PassphrasesOption, VoterOption};
use super::value::{pair, policy};

/// What to do with VSPs.
#[derive(Debug, Subcommand)]
pub(crate) enum VspCommand {
    /// List the public VSPs, those with the fewest tickets first
    List {
        /// Where the list is
        #[arg(long, value_name = "URL", default_value = LIST_URL)]
        list_url: String,
    },
    /// Choose a VSP: pin its key, accept its fee, mean purchases for it
    Use {
        /// Its address, as in https://vsp.example.com
        address: VspAddress,
        /// Its key, if it is known from elsewhere; base64
        key: Option<ServerKey>,
        /// Percent of the reward that it may ask for [default: what it asks for at first, and no more than that later]
        ///
        /// A VSP that raised its fee is refused until the new percentage, or a higher one, is given here.
        #[arg(long, value_name = "PERCENT")]
        accept_fee: Option<Percent>,
    },
    /// Hand tickets to a VSP and pay its fees; doing it again goes on
    ///
    /// Tickets for which the cold side signed no message yet get a request for it first, which `submit` takes the answer
    /// of. Nothing is paid that is above the accepted percentage. A ticket bought under another voter needs that voter's
    /// hot keys here too: the VSP votes with its key.
    Register(RegisterArgs),
    /// Show how far tickets are with VSPs
    Status,
    /// Show or change what is voted
    Choices(VspChoicesArgs),
    /// Export all signed exchanges about a ticket, or check such an export
    ///
    /// Among them is the voting key of the ticket, which the VSP was given: whoever gets the export can vote with it.
    Evidence(EvidenceArgs),
}

/// Which tickets to hand to which VSP.
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// A ticket, any number of times [default: those that were bought for the VSP]
    #[arg(long = "ticket", value_name = "TICKET")]
    pub(crate) tickets: Vec<TxId>,
    /// The VSP [default: the one chosen with `vsp use`]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) vsp: Option<VspAddress>,
    /// Write the request for the cold side to this file, where one is needed
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// DCR that the fee of one ticket may be at most
    #[arg(long, value_name = "DCR", default_value = "0.2")]
    pub(crate) max_fee: Amount,
    /// Go on until all tickets are confirmed, looking after each block
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) voter: VoterOption,
    #[command(flatten)]
    pub(crate) passphrases: PassphrasesOption,
}

/// What VSPs are to vote.
#[derive(Debug, Args)]
pub(crate) struct VspChoicesArgs {
    /// For this ticket alone [default: for all that have nothing of their own]
    #[arg(long, value_name = "TICKET")]
    pub(crate) ticket: Option<TxId>,
    /// Choose on an agenda, as in maxtreasuryspend=yes
    #[arg(long = "agenda", value_name = "AGENDA=CHOICE", value_parser = pair::<AgendaId, ChoiceId>)]
    pub(crate) agendas: Vec<(AgendaId, ChoiceId)>,
    /// Vote yes, no or abstain on all treasury spends of a key; at most three
    #[arg(long = "treasury-key", value_name = "KEY=POLICY", value_parser = policy::<TreasuryKey>)]
    pub(crate) treasury_keys: Vec<(TreasuryKey, TreasuryPolicy)>,
    /// Vote yes, no or abstain on one treasury spend, whatever its key; at most three
    #[arg(long = "treasury-spend", value_name = "ID=POLICY", value_parser = policy::<TxId>)]
    pub(crate) treasury_spends: Vec<(TxId, TreasuryPolicy)>,
}

/// What to export or check.
#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    /// The ticket
    #[arg(required_unless_present = "check")]
    pub(crate) ticket: Option<TxId>,
    /// Check an export instead, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "ticket")]
    pub(crate) check: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseOption,
}
