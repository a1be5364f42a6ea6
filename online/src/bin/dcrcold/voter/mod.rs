//! `dcrcold voter`: makes voters and takes hot keys over, votes with them, hands a voting key on.
//!
//! Hot files stay sealed: the folder `voters` beside the wallet keeps them as the signer exported them.

mod choices;
mod handoff;
mod health;
mod new;
mod purse;
mod rotate;
mod run;

use std::path::{Path, PathBuf};

use dcrcold::voter::{Folder, HotVoter, VoterError};
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::Index;
use dcrcold_signer::cli::{Failure, FailureKind, SecretFile, Stop};
use dcrcold_signer::file;
use dcrcold_signer::passphrase::PassphraseFrom;
use dcrcold_signer::sealed::Passphrase;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::transfer::{Container, Content, Kind};
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::voter::VoterKeys;
use serde::Serialize;

use crate::cli::{PassphraseOption, VoterCommand, VoterOption};
use crate::context::Context;
use crate::failure::Explain;
use crate::progress;
use crate::submit::read;
use crate::wallet::LARGEST_TRANSFER;

pub(crate) use run::attend;

/// What to do where hot keys are missing.
pub(crate) const HOT_KEYS: &str =
    "take them over with: dcrcold voter import FILE, where FILE is what dcrcold-signer export hot wrote";

pub(crate) fn run(context: &mut Context, command: VoterCommand) -> Result<(), Stop> {
    match command {
        VoterCommand::New(args) => new::run(context, &args),
        VoterCommand::Import { file, passphrase } => import(context, &file, &passphrase),
        VoterCommand::Rotate { empty_purse: Some(voter), passphrase, .. } => purse::empty(context, voter, &passphrase),
        VoterCommand::Rotate { file, passphrase, .. } => rotate::run(context, file.as_deref(), &passphrase),
        VoterCommand::List => list(context),
        VoterCommand::Choices(args) => choices::run(context, &args),
        VoterCommand::Run(args) => run::run(context, &args),
        VoterCommand::Status => health::run(context),
        VoterCommand::Handoff(args) => handoff::run(context, &args),
        VoterCommand::Wif { ticket, voter, passphrase } => {
            let hot = open(context, &voter, &passphrase)?;
            wif(context, &hot, &ticket)
        }
    }
}

#[derive(Serialize)]
struct Shown {
    fingerprint: String,
    /// Not known of hot keys that no wallet knows: the name lies under their passphrase.
    name: Option<String>,
    network: String,
    hot_keys: bool,
}

fn import(context: &mut Context, path: &Path, passphrase: &PassphraseOption) -> Result<(), Stop> {
    let bytes = read(path)?;
    let container = Container::parse(&bytes).explain()?;
    let hot_keys = container.kind() == Kind::HotKeys;
    let mut wallet = wallet_of(context, container.network(), hot_keys)?;
    let voter = if hot_keys {
        unsealed(&container, &passphrase.get()?).explain()?.public()
    } else {
        VoterKeys::from_container(&container).explain()?
    };
    if let Some(wallet) = &mut wallet {
        wallet.add_voter(&voter, &SystemClock).explain()?;
    }
    let fingerprint = voter.fingerprint(container.network());
    if hot_keys {
        folder(context)?.keep(&fingerprint, &bytes).explain()?;
    }
    let network = container.network().to_string();
    let name = Some(voter.name.to_string());
    let shown = Shown { fingerprint: fingerprint.to_string(), name, network, hot_keys };
    context.facts(&shown, |out, shown| out.line(line(shown)))
}

/// The wallet, which must be of the network; none where there is no wallet, if that is allowed.
fn wallet_of(context: &Context, network: Network, may_be_missing: bool) -> Result<Option<Wallet>, Failure> {
    if may_be_missing && !context.wallet_path()?.exists() {
        return Ok(None);
    }
    let wallet = context.wallet()?;
    if network != wallet.network() {
        let message = format!("the voter is for {network}, the wallet is for {}", wallet.network());
        return Err(Failure::new(FailureKind::Malformed, message).hint("choose another wallet with --wallet FILE"));
    }
    Ok(Some(wallet))
}

/// The voters that the wallet knows and those whose hot keys are here; one of the two is enough.
fn list(context: &mut Context) -> Result<(), Stop> {
    let folder = folder(context)?;
    let mut shown = Vec::new();
    if context.wallet_path()?.exists() {
        let wallet = context.wallet()?;
        for voter in wallet.voters().explain()? {
            let fingerprint = voter.fingerprint(wallet.network());
            let hot_keys = folder.hot_file(&fingerprint).exists();
            let (fingerprint, name) = (fingerprint.to_string(), Some(voter.name.to_string()));
            shown.push(Shown { fingerprint, name, network: wallet.network().to_string(), hot_keys });
        }
    }
    for voter in folder.hot_voters() {
        let fingerprint = voter.to_string();
        if shown.iter().all(|known| known.fingerprint != fingerprint) {
            let network = sealed(&folder, &voter)?.network().to_string();
            shown.push(Shown { fingerprint, name: None, network, hot_keys: true });
        }
    }
    context.facts(&shown, |out, shown| match shown.as_slice() {
        [] => out.line("no voters"),
        shown => shown.iter().try_for_each(|shown| out.line(line(shown))),
    })?;
    if shown.is_empty() {
        context.next("`dcrcold voter import FILE`, where FILE is what `dcrcold-signer export hot` wrote.");
    }
    Ok(())
}

fn line(shown: &Shown) -> String {
    let keys = if shown.hot_keys { "hot keys here" } else { "public keys only" };
    let name = shown.name.as_deref().unwrap_or("(name sealed)");
    format!("{}  {name}  {keys}", shown.fingerprint)
}

impl PassphraseOption {
    fn from(&self) -> PassphraseFrom<'_> {
        PassphraseFrom::new(self.passphrase_file.as_ref())
    }

    pub(crate) fn get(&self) -> Result<Passphrase, Failure> {
        self.from().existing("Passphrase of the hot file: ")
    }
}

/// The folder of the voters.
pub(crate) fn folder(context: &Context) -> Result<Folder, Failure> {
    let wallet = context.wallet_path()?;
    let beside = wallet.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
    Ok(Folder::new(beside.join("voters")))
}

/// The voter that was named, or the only one whose hot keys are here.
pub(crate) fn chosen(folder: &Folder, named: Option<Fingerprint>) -> Result<Fingerprint, Failure> {
    let mut voters = folder.hot_voters();
    if let Some(named) = named {
        return if voters.contains(&named) { Ok(named) } else { Err(no_hot_keys()) };
    }
    match (voters.pop(), voters.len()) {
        (Some(voter), 0) => Ok(voter),
        (None, _) => Err(no_hot_keys()),
        (Some(_), more) => {
            Err(Failure::new(FailureKind::Usage, format!("there are {} voters with hot keys", more + 1))
                .hint("choose one of `dcrcold voter list` with --voter"))
        }
    }
}

/// The sealed hot keys of a voter.
pub(crate) fn sealed(folder: &Folder, voter: &Fingerprint) -> Result<Container, Failure> {
    Container::parse(&file::read(&folder.hot_file(voter), LARGEST_TRANSFER).explain()?).explain()
}

/// Opens the hot keys of the voter that was named, or of the only one there is.
fn open(context: &Context, voter: &VoterOption, passphrase: &PassphraseOption) -> Result<HotVoter, Failure> {
    let folder = folder(context)?;
    let container = sealed(&folder, &chosen(&folder, voter.voter)?)?;
    unsealed(&container, &passphrase.get()?).explain()
}

/// Opens a hot file, which is made to take a while.
pub(crate) fn unsealed(container: &Container, passphrase: &Passphrase) -> Result<HotVoter, VoterError> {
    let _waiting = progress::waiting("opening the hot keys");
    HotVoter::open(container, passphrase)
}

/// Opens the hot keys of several voters, each with one of the passphrases, or with one that a person types.
pub(crate) fn open_all(
    folder: &Folder,
    voters: &[Fingerprint],
    passphrases: &[SecretFile],
) -> Result<Vec<HotVoter>, Failure> {
    let known = folder.hot_voters();
    if voters.is_empty() || voters.iter().any(|voter| !known.contains(voter)) {
        return Err(no_hot_keys());
    }
    let from_file = |file| PassphraseFrom::File(file).existing("");
    let passphrases = passphrases.iter().map(from_file).collect::<Result<Vec<_>, _>>()?;
    voters.iter().map(|voter| open_one(folder, voter, &passphrases)).collect()
}

fn open_one(folder: &Folder, voter: &Fingerprint, passphrases: &[Passphrase]) -> Result<HotVoter, Failure> {
    let container = sealed(folder, voter)?;
    let mut failure = None;
    for passphrase in passphrases {
        match unsealed(&container, passphrase) {
            Ok(hot) => return Ok(hot),
            Err(error) => failure = Some(error),
        }
    }
    if let Some(error) = failure {
        return Err(error).explain().map_err(|failure: Failure| failure.about(&folder.hot_file(voter)));
    }
    let typed = PassphraseFrom::Person.existing(&format!("Passphrase of the hot file of voter {voter}: "))?;
    unsealed(&container, &typed).explain()
}

fn no_hot_keys() -> Failure {
    Failure::new(FailureKind::Failed, "there are no hot keys of this voter here").hint(HOT_KEYS)
}

fn highest_index(wallet: &Wallet, hot: &HotVoter) -> Result<Index, Failure> {
    wallet.highest_voter_index(&hot.public()).explain()
}

/// A ticket of the wallet and the index of its voting key.
fn ticket_of(wallet: &Wallet, hot: &HotVoter, ticket: &TxId) -> Result<(Transaction, Index), Failure> {
    let unknown = || {
        let message = format!("ticket {ticket} is not one of the wallet's");
        Failure::new(FailureKind::Failed, message).hint("see dcrcold tickets --json; after a purchase: dcrcold sync")
    };
    let tx = wallet.transaction(ticket).explain()?.ok_or_else(unknown)?;
    let read = Ticket::read(&tx).map_err(|_| unknown())?;
    let index = hot.index_of(&read, highest_index(wallet, hot)?).explain()?;
    Ok((tx, index))
}

#[derive(Serialize)]
struct ByHand {
    ticket: String,
    wif: String,
    ticket_hex: String,
    block: Option<String>,
}

fn wif(context: &mut Context, hot: &HotVoter, ticket: &TxId) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let (tx, index) = ticket_of(&wallet, hot, ticket)?;
    let block = wallet.block_of(ticket).explain()?;
    let shown = ByHand {
        ticket: ticket.to_string(),
        wif: hot.wif(index).explain()?.to_text().to_string(),
        ticket_hex: base16ct::lower::encode_string(&tx.encode()),
        block: block.map(|block| block.hash.to_string()),
    };
    context.facts(&shown, |out, shown| {
        out.whole(format_args!("importprivkey {} imported false", shown.wif))?;
        match &shown.block {
            Some(block) => out.whole(format_args!("addtransaction {block} {}", shown.ticket_hex)),
            None => out.whole(format_args!("not mined yet; later: addtransaction BLOCK {}", shown.ticket_hex)),
        }
    })
}
