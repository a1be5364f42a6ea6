//! Takes tickets as far as they go with a VSP; a watch goes on until they are there, whatever is away for a while.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use dcrcold::chain::ChainSource;
use dcrcold::delegate::{Delegate, Held, Terms};
use dcrcold::vsp_client::{Retry, VspClient};
use dcrcold::wallet::vsp_tickets::{VspState, VspTicket};
use dcrcold::wallet::{Clock, KnownVsp, SystemClock, Wallet};
use dcrcold_core::hash::TxId;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};

use super::keys::Keys;
use crate::cli::RegisterArgs;
use crate::context::Context;
use crate::failure::{Explain, explained};
use crate::progress;
use crate::sync::sync;

/// How long to wait for a block before looking at what is to be tried again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What it takes to work on tickets again and again.
pub(super) struct Work<'a> {
    pub(super) wallet: &'a mut Wallet,
    pub(super) source: &'a mut dyn ChainSource,
    pub(super) keys: &'a Keys,
    pub(super) client: VspClient,
    pub(super) vsp: KnownVsp,
    pub(super) args: &'a RegisterArgs,
    /// Why tickets do not go on, as far as that was found here.
    pub(super) held: HashMap<TxId, Failure>,
}

/// A time in which the chain or the VSP is away.
#[derive(Default)]
struct Outage {
    failures: u32,
    told: Option<String>,
}

impl Outage {
    /// Says what is away, once.
    fn goes_on(&mut self, context: &Context, failure: &Failure) {
        self.failures = self.failures.saturating_add(1);
        let message = failure.to_string();
        if self.told.as_ref() != Some(&message) {
            context.tell(format_args!("note: {message}; trying again, later and later"));
            self.told = Some(message);
        }
    }

    /// Says that all is back, if anything was away.
    fn ends(&mut self, context: &Context) {
        if self.told.take().is_some() {
            context.tell("note: going on");
        }
        self.failures = 0;
    }

    fn pause(&self) {
        let chance = u32::try_from(SystemClock.now().0.rem_euclid(i64::from(u32::MAX))).unwrap_or_default();
        thread::sleep(Retry::VSP.wait(self.failures, chance.wrapping_mul(0x9e37_79b9)));
    }
}

impl Work<'_> {
    /// Works once, or with `--watch` until nothing is left to be done.
    ///
    /// A watch lives through what a network or server does; what else fails ends it.
    pub(super) fn go(&mut self, context: &Context) -> Result<(), Failure> {
        let mut outage = Outage::default();
        let mut result = self.advance(false);
        loop {
            match result {
                Ok(()) => {
                    outage.ends(context);
                    if !self.args.watch || self.is_done(context)? {
                        return Ok(());
                    }
                }
                Err(failure) if self.args.watch && failure.kind() == FailureKind::Network => {
                    outage.goes_on(context, &failure);
                    outage.pause();
                }
                Err(failure) => return Err(failure),
            }
            result = self.next_round(outage.failures == 0);
        }
    }

    /// Tells how many tickets are left; those that wait for their time again are, even where the fee is taken.
    fn is_done(&self, context: &Context) -> Result<bool, Failure> {
        let rows = self.rows()?;
        let waits = |row: &VspTicket| row.trouble.as_ref().is_some_and(|trouble| trouble.retry_at.is_some());
        let open = rows.iter().filter(|row| !row.state.is_settled() || waits(row)).count();
        if open > 0 {
            context.tell(format_args!("{open} tickets to go, {} confirmed", confirmed(&rows)));
        }
        Ok(open == 0)
    }

    /// Waits for news, unless something was away, and works on. What was held up waits for its own time.
    fn next_round(&mut self, wait: bool) -> Result<(), Failure> {
        if wait {
            let tip = self.source.tip().explain()?;
            let rows = self.rows()?;
            let _waiting = progress::waiting(format_args!(
                "waiting for a block, {} of {} confirmed",
                confirmed(&rows),
                rows.len()
            ));
            while self.source.wait_for_tip(&tip.hash, PATIENCE).explain()?.is_none() && !self.is_due()? {}
        }
        sync(self.wallet, self.source)?;
        self.wallet.rebroadcast(self.source).explain()?;
        self.advance(true)
    }

    /// Whether something is to be tried again now.
    fn is_due(&self) -> Result<bool, Failure> {
        let now = SystemClock.now();
        let due = |row: &VspTicket| row.trouble.as_ref().and_then(|it| it.retry_at).is_some_and(|at| at <= now);
        Ok(self.rows()?.iter().any(due))
    }

    fn advance(&mut self, wait: bool) -> Result<(), Failure> {
        let price = self.source.price().explain()?;
        let mut delegate = Delegate {
            wallet: self.wallet,
            keys: &self.keys.dealing,
            others: &self.keys.others,
            voting: &self.keys.voting,
            client: &self.client,
            vsp: self.vsp.clone(),
            terms: Terms { most: self.args.max_fee, retry: Retry::VSP, wait },
            price,
            clock: &SystemClock,
            held: Vec::new(),
        };
        let asking = progress::waiting("asking the VSP");
        let result = delegate.advance();
        drop(asking);
        self.held.extend(delegate.held.into_iter().map(|Held { ticket, error }| (ticket, explained(error))));
        result.explain()
    }

    /// What is worked on here: other voters' tickets are dealt with by their own keys.
    pub(super) fn rows(&self) -> Result<Vec<VspTicket>, Failure> {
        let mut rows = self.wallet.tickets_with(&self.vsp.address).explain()?;
        let voter = self.keys.dealing.fingerprint();
        rows.retain(|row| row.voter == voter && row.state != VspState::Ended);
        Ok(rows)
    }

    /// Whether a person must look: what is only late is no failure. Of several reasons the one that time does least about
    /// decides.
    pub(super) fn verdict(&self, rows: &[VspTicket]) -> Result<(), Stop> {
        let held = rows.iter().filter_map(|row| {
            let trouble = row.trouble.as_ref()?;
            // Noted by another process.
            let noted = || Failure::new(FailureKind::Network, &trouble.reason);
            Some(self.held.get(&row.ticket).cloned().unwrap_or_else(noted))
        });
        let held: Vec<_> = held.collect();
        let Some(worst) = held.iter().min_by_key(|failure| failure.kind() as u8) else { return Ok(()) };
        let message = match held.len() {
            1 => format!("one ticket is held up: {worst}"),
            count => format!("{count} tickets are held up: {worst}"),
        };
        let failure = worst.clone().said(message);
        Err(failure.hint("what was paid stays paid; run the same command again to go on").into())
    }
}

/// How many tickets are where they shall be.
fn confirmed(rows: &[VspTicket]) -> usize {
    rows.iter().filter(|row| row.state == VspState::Confirmed).count()
}
