//! `dcrcold web`: the page for a browser on this computer.

use std::time::Duration;

use dcrcold::chain::ChainSource;
use dcrcold::wallet::{Progress, SyncReport, SystemClock, Wallet};
use dcrcold::web::{Desk, Ended, Step, Web};
use dcrcold_core::hash::TransferId;
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::{Failure, Stop};
use dcrcold_signer::receive::Keeper;
use dcrcold_signer::transfer::{Answer, Container, Content};
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::WebArgs;
use crate::coins::When;
use crate::context::Context;
use crate::ending::Ending;
use crate::failure::Explain;
use crate::window::Outlook;
use crate::{cancel, stakeinfo, submit, sync, tickets};

#[derive(Serialize)]
struct Opened {
    link: String,
}

pub(crate) fn run(context: &mut Context, args: &WebArgs) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    // What is under way can be a sync, which takes long.
    let ending = Ending::by_first_signal()?;
    let keeper = Keeper::beside(&context.wallet_path()?);
    let web = Web::open(wallet.network(), Some(keeper)).explain()?;
    drop(wallet);
    context.event(&Opened { link: web.link() }, web.link())?;
    context.tell("Paste this link into a browser on this computer. Whoever has it can do what the page can.");
    context.tell(format_args!("Ctrl-C ends it, and so do {} minutes in which nothing is asked for.", args.idle));
    let idle = Duration::from_secs(60 * u64::from(args.idle));
    match web.work(&mut Counter { context }, ending.flag(), idle) {
        Ended::Told => {}
        Ended::Idle => context.tell("ended, since nothing was asked for"),
    }
    Ok(())
}

/// The command line, asked by the page.
struct Counter<'a> {
    context: &'a Context,
}

impl Counter<'_> {
    fn source(&self, wallet: &Wallet) -> Result<Box<dyn ChainSource>, Failure> {
        self.context.source(wallet.network())
    }
}

impl Desk for Counter<'_> {
    fn wallet(&mut self) -> Result<Value, Failure> {
        let wallet = self.context.wallet()?;
        let (export, params) = (wallet.export(), wallet.network().params());
        Ok(json!({
            "name": export.name.to_string(),
            "network": wallet.network().to_string(),
            "height": wallet.height().explain()?.0,
            "window_blocks": params.stake_difficulty_window,
            "block_seconds": params.target_block_seconds,
            "pool_target": params.ticket_pool_size * params.tickets_per_block,
        }))
    }

    fn requests(&mut self) -> Result<Value, Failure> {
        let records = self.context.wallet()?.purchases().explain()?;
        Ok(plain(&records.iter().map(cancel::Shown::from).collect::<Vec<_>>()))
    }

    fn request(&mut self, id: &TransferId) -> Result<Vec<u8>, Failure> {
        self.context.wallet()?.request(id).explain()
    }

    fn tickets(&mut self) -> Result<Value, Failure> {
        Ok(plain(&tickets::facts(&self.context.wallet()?)?))
    }

    fn stake(&mut self) -> Result<Value, Failure> {
        let wallet = self.context.wallet()?;
        let price = self.source(&wallet)?.price().explain()?;
        let outlook = Outlook { network: wallet.network(), price, when: Some(When::of(&wallet)?) };
        Ok(plain(&stakeinfo::facts(&outlook, Some(stakeinfo::account(&wallet)?))))
    }

    fn check(&mut self, answer: &Container) -> Result<Value, Failure> {
        let wallet = self.context.wallet()?;
        let signatures = Answer::from_container(answer).explain()?;
        let id = signatures.request;
        // Those for VSPs are verified when they are kept; here is nothing to lose before that.
        if !wallet.is_registration_request(&id).explain()? {
            wallet.completed(&wallet.request(&id).explain()?, answer).explain()?;
        }
        let record = wallet.purchases().explain()?.into_iter().find(|record| record.id == id);
        Ok(json!({
            "id": answer.id().to_string(),
            "kind": answer.kind().to_string(),
            "network": answer.network().to_string(),
            "bytes": answer.encode().len(),
            "check_words": check_words(answer.id()).join(" "),
            "request": id.to_string(),
            "request_words": check_words(&id).join(" "),
            "signatures": signatures.inputs.len() + signatures.tickets.len() + signatures.messages.len(),
            "purchase": record.as_ref().map(|record| plain(&cancel::Shown::from(record))),
        }))
    }

    fn sync(&mut self, progress: &mut dyn FnMut(Step)) -> Result<Value, Failure> {
        let mut wallet = self.context.wallet()?;
        let mut source = self.source(&wallet)?;
        Ok(plain(&sync::facts(&mut wallet, source.as_mut(), &mut |wallet, source| follow(wallet, source, progress))?))
    }

    fn submit(
        &mut self,
        answer: &Container,
        when_price_fits: bool,
        progress: &mut dyn FnMut(Step),
    ) -> Result<Value, Failure> {
        let mut wallet = self.context.wallet()?;
        let mut sync = |wallet: &mut Wallet, source: &mut dyn ChainSource| follow(wallet, source, progress);
        Ok(plain(&submit::carry_out(self.context, &mut wallet, answer, when_price_fits, &mut sync)?))
    }
}

/// Syncs, with words for the page.
fn follow(
    wallet: &mut Wallet,
    source: &mut dyn ChainSource,
    progress: &mut dyn FnMut(Step),
) -> Result<SyncReport, Failure> {
    let report = wallet.sync(source, &SystemClock, &mut |step| {
        progress(match step {
            Progress::Headers { height, tip } => Step { what: "headers", at: height.0, end: tip.0 },
            Progress::Blocks { height, tip } => Step { what: "blocks", at: height.0, end: tip.0 },
        });
    });
    report.explain()
}

fn plain(facts: &impl Serialize) -> Value {
    serde_json::to_value(facts).expect("facts are plain values with text keys")
}
