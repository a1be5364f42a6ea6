//! What every command works with: where to print, which wallet, which chain.

use std::cell::Cell;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use dcrcold::chain::dcrd::discover::{Access, Homes, Options, find, find_running};
use dcrcold::chain::dcrd::{Dcrd, Settings};
use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::wire::default_port;
use dcrcold::chain::spv::{self, Discovery, Fetched, PeerAddress, Spv, seeders};
use dcrcold::chain::{ChainSource, VoteSource};
use dcrcold::wallet::Wallet;
use dcrcold_core::net::Network;
use dcrcold_signer::cli::{Failure, FailureKind, SecretFile, Stop};
use etcetera::{BaseStrategy, choose_base_strategy};
use serde::Serialize;

use crate::cli::{Common, SourceName};
use crate::failure::Explain;
use crate::money::Money;
use crate::progress;
use crate::screen::Screen;
use crate::search;

/// What every command works with.
pub(crate) struct Context {
    pub(crate) out: Screen,
    pub(crate) common: Common,
    /// Whether a dcrd that runs here was looked for.
    looked_for_dcrd: Cell<bool>,
}

impl Context {
    pub(crate) fn new(common: Common) -> Self {
        if common.json {
            progress::draw_nothing();
        }
        Self { out: Screen::stdout(), common, looked_for_dcrd: Cell::new(false) }
    }

    /// The wallet's file: the one that was named, else the user's own.
    pub(crate) fn wallet_path(&self) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.common.wallet {
            return Ok(path.clone());
        }
        let base = choose_base_strategy().map_err(|error| {
            Failure::new(FailureKind::Failed, error).hint("name the wallet's file with --wallet FILE")
        })?;
        Ok(base.data_dir().join("dcrcold").join("wallet.db"))
    }

    /// How to print amounts for people; the sentences of JSON have DCR.
    pub(crate) const fn money(&self) -> Money {
        if self.common.atoms && !self.common.json { Money::Atoms } else { Money::Dcr }
    }

    /// Opens the wallet.
    pub(crate) fn wallet(&self) -> Result<Wallet, Failure> {
        Wallet::open(&self.wallet_path()?).explain()
    }

    /// Connects to the chain: by the source that was named, else by peers.
    pub(crate) fn source(&self, network: Network) -> Result<Box<dyn ChainSource>, Failure> {
        match self.common.named_source() {
            Some(SourceName::Dcrd) => Ok(Box::new(self.dcrd(network, Access::Limited)?)),
            Some(SourceName::Spv) => Ok(Box::new(self.spv(network)?)),
            Some(SourceName::Sim(folder)) => Ok(Box::new(Sim::open(&folder).explain()?)),
            None => {
                self.offer_dcrd(network);
                Ok(Box::new(self.spv(network)?))
            }
        }
    }

    /// Tells, once, of a dcrd of the user's that could be asked instead of strangers.
    fn offer_dcrd(&self, network: Network) {
        if self.common.peer.peers.is_empty()
            && !self.looked_for_dcrd.replace(true)
            && let Some(address) = find_running(&Homes::of_user(), network)
        {
            self.tell(format_args!(
                "hint: a dcrd of yours answers at {address}: --source dcrd asks it, and no strangers"
            ));
        }
    }

    /// Connects to peers, with headers and addresses of peers kept beside the wallet.
    fn spv(&self, network: Network) -> Result<Spv, Failure> {
        let port = default_port(network);
        let peers: Vec<_> = self.common.peer.peers.iter().map(|peer| peer.with_default(port)).collect();
        if peers.is_empty() && seeders(network).is_empty() {
            let failure = Failure::new(FailureKind::Usage, format!("nobody tells of peers of {network}"));
            return Err(failure.hint("name one or more with --peer IP[:PORT]; any full node will do"));
        }
        if self.common.peer.proxy.is_none() && peers.iter().any(PeerAddress::is_onion) {
            let failure = Failure::new(FailureKind::Usage, "an onion service is reached over a proxy only");
            return Err(failure.hint("name Tor's with --proxy 127.0.0.1:9050"));
        }
        let wallet = self.wallet_path()?;
        let kept = self.has_folder(&wallet);
        let beside = |what: &str| kept.then(|| beside(&wallet, &format!("-{what}-{network}")));
        let settings = spv::Settings {
            discovery: Some(Discovery::of(network, beside("peers"))),
            proxy: self.common.peer.proxy,
            headers: beside("headers"),
            ..spv::Settings::new(network, peers)
        };
        let mut spv = Spv::start(settings).explain()?;
        let bar = progress::bar();
        spv.on_headers(move |fetched| match fetched {
            Some(Fetched { height, of }) => {
                bar.set_message("headers");
                bar.set_length(of.0.into());
                bar.set_position(height.0.into());
            }
            None => bar.finish_and_clear(),
        });
        spv.on_search(search::shown());
        spv.on_published(|id, seen| progress::tell(format_args!("{id} {seen}")));
        Ok(spv)
    }

    /// Whether files can be kept beside the wallet, which need not be there yet. The user's own folder is made.
    fn has_folder(&self, wallet: &Path) -> bool {
        let folder = wallet.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        folder.is_dir() || (self.common.wallet.is_none() && std::fs::create_dir_all(folder).is_ok())
    }

    /// Connects to the chain as a voter does. A connection that breaks is made anew by the caller, who knows for how
    /// long to try.
    pub(crate) fn vote_source(&self, network: Network) -> Result<Box<dyn VoteSource>, Failure> {
        match self.common.named_source().unwrap_or(SourceName::Dcrd) {
            SourceName::Dcrd => {
                let mut settings = self.dcrd_settings(network, Access::Full)?;
                settings.timeouts.reconnect = Vec::new();
                Ok(Box::new(Dcrd::connect(settings, network).explain()?))
            }
            SourceName::Spv => {
                let failure = Failure::new(FailureKind::Usage, "peers do not tell which tickets are called to vote");
                Err(failure.hint("a voter needs a node: --source dcrd"))
            }
            SourceName::Sim(folder) if network == Network::Simnet => Ok(Box::new(Sim::open(&folder).explain()?)),
            SourceName::Sim(_) => {
                let message = format!("the embedded network is {}, the voter is for {network}", Network::Simnet);
                Err(Failure::new(FailureKind::Network, message).hint("choose the source of the voter's network"))
            }
        }
    }

    fn dcrd(&self, network: Network, access: Access) -> Result<Dcrd, Failure> {
        let settings = self.dcrd_settings(network, access)?;
        let _waiting = progress::waiting("connecting to dcrd");
        Dcrd::connect(settings, network).explain()
    }

    fn dcrd_settings(&self, network: Network, access: Access) -> Result<Settings, Failure> {
        let options = &self.common.dcrd;
        let login = match (&options.dcrd_user, &options.dcrd_password_file) {
            (Some(user), Some(file)) => Some((user.clone(), SecretFile::open(file.clone()).line()?)),
            (None, None) => None,
            _ => return Err(Failure::new(FailureKind::Usage, "dcrd-user and dcrd-password-file go together")),
        };
        if options.dcrd_client_cert.is_some() != options.dcrd_client_key.is_some() {
            return Err(Failure::new(FailureKind::Usage, "dcrd-client-cert and dcrd-client-key go together"));
        }
        let options = Options {
            server: options.dcrd.clone(),
            certificate: options.dcrd_cert.clone(),
            login,
            client_certificate: options.dcrd_client_cert.clone().zip(options.dcrd_client_key.clone()),
            config: None,
        };
        find(&options, &Homes::of_user(), network, access).explain()
    }

    /// Prints what just happened, as a line of JSON when that was asked for.
    pub(crate) fn event<T: Serialize>(&mut self, facts: &T, line: impl Display) -> Result<(), Stop> {
        if self.common.json {
            let text = serde_json::to_string(facts).expect("facts are plain values with text keys");
            return self.out.whole(text);
        }
        self.out.line(line)
    }

    /// Tells the person something that is no fact; whether anybody listens does not matter.
    #[expect(clippy::unused_self, reason = "all printing goes through the context")]
    pub(crate) fn tell(&self, line: impl Display) {
        progress::tell(line);
    }

    /// Tells a person at the start what comes next; whoever reads JSON knows.
    pub(crate) fn next(&self, step: impl Display) {
        if !self.common.json {
            self.tell(format_args!("Next: {step}"));
        }
    }

    /// Tells what comes next where there are no coins yet.
    pub(crate) fn next_without_coins(&self, wallet: &Wallet) -> Result<(), Failure> {
        match wallet.height().explain()? < wallet.birthday() {
            true => self.next("`dcrcold sync`, which searches the chain for coins."),
            false => self.next("have coins sent to the address of `dcrcold address`; `dcrcold sync` finds them."),
        }
        Ok(())
    }

    /// Tells a part of a story: on standard output, unless that is for JSON.
    pub(crate) fn narrate(&mut self, line: impl Display) -> Result<(), Stop> {
        if self.common.json {
            self.tell(line);
            return Ok(());
        }
        self.out.line(line)
    }

    /// Prints facts: as JSON when that was asked for, else by `lines`.
    pub(crate) fn facts<T: Serialize>(
        &mut self,
        facts: &T,
        lines: impl FnOnce(&mut Screen, &T) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if self.common.json {
            let text = serde_json::to_string_pretty(facts).expect("facts are plain values with text keys");
            return self.out.whole(text);
        }
        lines(&mut self.out, facts)
    }
}

/// The file whose name is the wallet's and more.
fn beside(wallet: &Path, end: &str) -> PathBuf {
    let mut name = wallet.as_os_str().to_owned();
    name.push(end);
    name.into()
}
