//! `dcrcold voter`: takes hot keys over, votes with them, hands a voting key on.
//!
//! Hot files stay sealed: the folder `voters` beside the wallet keeps them as the signer exported them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{BlockId, ChainError, ChainSource, VoteSource};
use dcrcold::voter::HotVoter;
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::path::Index;
use dcrcold_signer::cli::{Failure, FailureKind, PassphraseFrom, Stop};
use dcrcold_signer::file::{self, Readers};
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::transfer::{Container, Content, Kind};
use dcrcold_signer::voter::VoterKeys;
use serde::Serialize;

use crate::cli::{PassphraseOption, SourceName, VoterCommand, VoterOption};
use crate::context::Context;
use crate::failure::Explain;
use crate::submit::read;
use crate::sync::sync;
use crate::wallet::LARGEST_TRANSFER;

/// How long to wait for a new block before asking again.
const PATIENCE: Duration = Duration::from_secs(30);
/// What hot files end in.
const HOT: &str = "hot";

pub(crate) fn run(context: &mut Context, command: VoterCommand) -> Result<(), Stop> {
    match command {
        VoterCommand::Import { file, passphrase } => import(context, &file, &passphrase),
        VoterCommand::List => list(context),
        VoterCommand::Run { once, voter, passphrase } => {
            let hot = open(context, &voter, &passphrase)?;
            vote_on_blocks(context, &hot, once)
        }
        VoterCommand::Wif { ticket, voter, passphrase } => {
            let hot = open(context, &voter, &passphrase)?;
            wif(context, &hot, &ticket)
        }
    }
}

#[derive(Serialize)]
struct Shown {
    fingerprint: String,
    name: String,
    hot_keys: bool,
}

fn import(context: &mut Context, path: &Path, passphrase: &PassphraseOption) -> Result<(), Stop> {
    let bytes = read(path)?;
    let container = Container::parse(&bytes).explain()?;
    let mut wallet = context.wallet()?;
    if container.network() != wallet.network() {
        let message = format!("the voter is for {}, the wallet is for {}", container.network(), wallet.network());
        return Err(Failure::new(FailureKind::Malformed, message).into());
    }
    let hot_keys = container.kind() == Kind::HotKeys;
    let voter = if hot_keys {
        HotVoter::open(&container, &passphrase.get()?).explain()?.public()
    } else {
        VoterKeys::from_container(&container).explain()?
    };
    let fingerprint = wallet.add_voter(&voter, &SystemClock).explain()?;
    if hot_keys {
        let path = hot_file(context, &fingerprint)?;
        file::make_folder_of(&path).explain()?;
        file::replace(&path, &bytes, Readers::Owner).explain()?;
    }
    let shown = Shown { fingerprint: fingerprint.to_string(), name: voter.name.to_string(), hot_keys };
    context.facts(&shown, |out, shown| out.line(line(shown)))
}

fn list(context: &mut Context) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let mut shown = Vec::new();
    for voter in wallet.voters().explain()? {
        let fingerprint = voter.fingerprint(wallet.network());
        let hot_keys = hot_file(context, &fingerprint)?.exists();
        shown.push(Shown { fingerprint: fingerprint.to_string(), name: voter.name.to_string(), hot_keys });
    }
    context.facts(&shown, |out, shown| shown.iter().try_for_each(|shown| out.line(line(shown))))
}

fn line(shown: &Shown) -> String {
    let keys = if shown.hot_keys { "hot keys here" } else { "public keys only" };
    format!("{}  {}  {keys}", shown.fingerprint, shown.name)
}

impl PassphraseOption {
    fn get(&self) -> Result<dcrcold_signer::sealed::Passphrase, Failure> {
        PassphraseFrom::new(self.passphrase_file.as_ref()).existing("Passphrase of the hot file: ")
    }
}

/// The folder with the hot files.
fn folder(context: &Context) -> Result<PathBuf, Failure> {
    let wallet = context.wallet_path()?;
    Ok(wallet.parent().map_or_else(|| PathBuf::from("."), Path::to_owned).join("voters"))
}

fn hot_file(context: &Context, fingerprint: &Fingerprint) -> Result<PathBuf, Failure> {
    Ok(folder(context)?.join(format!("{fingerprint}.{HOT}")))
}

/// Opens the hot keys of the voter that was named, or of the only one there is.
fn open(context: &Context, voter: &VoterOption, passphrase: &PassphraseOption) -> Result<HotVoter, Failure> {
    let path = match voter.voter {
        Some(fingerprint) => hot_file(context, &fingerprint)?,
        None => only_hot_file(&folder(context)?)?,
    };
    if !path.exists() {
        return Err(no_hot_keys());
    }
    let container = Container::parse(&file::read(&path, LARGEST_TRANSFER).explain()?).explain()?;
    HotVoter::open(&container, &passphrase.get()?).explain()
}

fn only_hot_file(folder: &Path) -> Result<PathBuf, Failure> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == HOT)).collect();
    match (files.pop(), files.len()) {
        (Some(file), 0) => Ok(file),
        (None, _) => Err(no_hot_keys()),
        (Some(_), more) => {
            Err(Failure::new(FailureKind::Usage, format!("there are {} voters with hot keys", more + 1))
                .hint("choose one of `dcrcold voter list` with --voter"))
        }
    }
}

fn no_hot_keys() -> Failure {
    Failure::new(FailureKind::Failed, "there are no hot keys of this voter here")
        .hint("take them over with: dcrcold voter import FILE, where FILE is what dcrcold-signer export hot wrote")
}

/// A vote that was sent, or why it was not.
#[derive(Serialize)]
pub(crate) struct Cast {
    pub(crate) ticket: String,
    block: String,
    height: u32,
    vote: String,
}

fn vote_on_blocks(context: &mut Context, hot: &HotVoter, once: bool) -> Result<(), Stop> {
    let SourceName::Sim(folder) = &context.common.source else {
        let failure = Failure::new(FailureKind::Failed, "this version votes on the embedded network only");
        return Err(failure.hint("hand the key to dcrwallet: dcrcold voter wif TICKET").into());
    };
    let mut wallet = context.wallet()?;
    let mut sim = Sim::open(folder).explain()?;
    loop {
        let (tip, votes) = vote(&mut wallet, hot, &mut sim)?;
        context.facts(&votes, |out, votes| {
            votes.iter().try_for_each(|cast| {
                out.line(format_args!("ticket {} votes on block {}: {}", cast.ticket, cast.height, cast.vote))
            })
        })?;
        if once {
            return Ok(());
        }
        while sim.wait_for_tip(&tip.hash, PATIENCE).explain()?.is_none() {}
    }
}

/// Votes on the tip with every called ticket whose voting key is here.
pub(crate) fn vote(wallet: &mut Wallet, hot: &HotVoter, sim: &mut Sim) -> Result<(BlockId, Vec<Cast>), Failure> {
    sync(wallet, sim)?;
    let winners = sim.winners().explain()?;
    let mut votes = Vec::new();
    for ticket in &winners.tickets {
        let Some(tx) = wallet.transaction(ticket).explain()? else { continue };
        let Ok(read) = Ticket::read(&tx) else { continue };
        let Ok(index) = hot.index_of(&read, highest_index(wallet, hot)?) else { continue };
        let vote = hot.vote(&tx, index, &winners.block).explain()?;
        match sim.send(&vote) {
            Ok(_) | Err(ChainError::AlreadyKnown) => {}
            Err(error) => return Err(error).explain(),
        }
        votes.push(Cast {
            ticket: ticket.to_string(),
            block: winners.block.hash.to_string(),
            height: winners.block.height.0,
            vote: vote.id().to_string(),
        });
    }
    Ok((winners.block, votes))
}

fn highest_index(wallet: &Wallet, hot: &HotVoter) -> Result<Index, Failure> {
    wallet.highest_voter_index(&hot.public()).explain()
}

#[derive(Serialize)]
struct Handed {
    ticket: String,
    wif: String,
    ticket_hex: String,
    block: Option<String>,
}

fn wif(context: &mut Context, hot: &HotVoter, ticket: &TxId) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let unknown = || {
        let message = format!("ticket {ticket} is not one of the wallet's");
        Failure::new(FailureKind::Failed, message).hint("see dcrcold tickets --json; after a purchase: dcrcold sync")
    };
    let tx = wallet.transaction(ticket).explain()?.ok_or_else(unknown)?;
    let read = Ticket::read(&tx).map_err(|_| unknown())?;
    let index = hot.index_of(&read, highest_index(&wallet, hot)?).explain()?;
    let block = wallet.block_of(ticket).explain()?;
    let shown = Handed {
        ticket: ticket.to_string(),
        wif: hot.wif(index).explain()?.to_text().to_string(),
        ticket_hex: base16ct::lower::encode_string(&tx.encode()),
        block: block.map(|block| block.hash.to_string()),
    };
    context.facts(&shown, |out, shown| {
        out.line(format_args!("importprivkey {} imported false", shown.wif))?;
        match &shown.block {
            Some(block) => out.line(format_args!("addtransaction {block} {}", shown.ticket_hex)),
            None => out.line(format_args!("not mined yet; later: addtransaction BLOCK {}", shown.ticket_hex)),
        }
    })
}
