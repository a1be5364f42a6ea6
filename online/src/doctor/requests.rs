//! Purchases and payments in flight: how far each is, and what its next step is.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TransferId;

use super::finding::{Kind, Report};
use crate::chain::ChainSource;
use crate::plural::count;
use crate::wallet::purchase::{PurchaseRecord, PurchaseState, RequestKind};
use crate::wallet::{Coin, Part, Wallet, WalletError};

/// Looks at the requests of the wallet, and asks the source, where there is one, whether it has what was sent of them.
///
/// # Errors
/// When the copy of the wallet cannot be read.
pub fn examine(
    wallet: &Wallet,
    mut source: Option<&mut dyn ChainSource>,
    report: &mut Report,
) -> Result<(), WalletError> {
    let requests = wallet.purchases()?;
    let (unwritten, coins, tip) = (wallet.unfinished_requests()?, wallet.coins()?, wallet.height()?);
    let mut examined = 0;
    for request in requests.iter().filter(|request| request.state != PurchaseState::Cancelled) {
        let case = Case { wallet, request, kept: kept(&coins, &request.id), tip, name: name(request) };
        examined += 1;
        case.examine(unwritten.contains(&request.id), &mut source, report)?;
    }
    report.examined(count(examined, "request"));
    for (coin, [first, second]) in wallet.coins_wanted_twice()? {
        let sentence = format!("requests {} and {} both spend coin {coin}", short(&first), short(&second));
        let hint = "only one of them can be carried out: give the other up with dcrcold cancel ID";
        report.found(Kind::CoinWantedTwice, sentence, hint);
    }
    let frozen: Vec<Amount> = coins.iter().filter(|coin| coin.frozen).map(|coin| coin.value).collect();
    if let Some(sum) = Amount::checked_sum(frozen.iter().copied()).filter(|sum| *sum != Amount::ZERO) {
        let sentence = format!("{} worth {sum} are frozen", count(frozen.len(), "coin"));
        report.found(Kind::CoinsFrozen, sentence, "dcrcold coins thaw COIN lets one be spent");
    }
    Ok(())
}

/// A request and what surrounds it.
struct Case<'a> {
    wallet: &'a Wallet,
    request: &'a PurchaseRecord,
    /// What it keeps, as words behind a comma.
    kept: String,
    tip: Height,
    name: String,
}

impl Case<'_> {
    fn examine(
        &self,
        unwritten: bool,
        source: &mut Option<&mut dyn ChainSource>,
        report: &mut Report,
    ) -> Result<(), WalletError> {
        let id = self.request.id;
        if let Some(by) = &self.request.replaced_by {
            let sentence = format!("{}: request {} takes its place", self.name, short(by));
            let hint = format!("nothing to do once that one is sent; this one counts again after: dcrcold cancel {by}");
            report.found(Kind::RequestReplaced, sentence, hint);
            return Ok(());
        }
        let parts = self.wallet.parts(&id)?;
        if parts.iter().any(|part| part.height.is_none())
            && self.request.state != PurchaseState::Prepared
            && let Some(coin) = self.wallet.lost_coin(&id)?
        {
            let sentence =
                format!("{}: its coin {}:{} was spent by another transaction", self.name, coin.id, coin.index);
            report.found(Kind::RequestCoinGone, sentence, format_args!("make a new request, and: dcrcold cancel {id}"));
            return Ok(());
        }
        match self.request.state {
            PurchaseState::Prepared | PurchaseState::Answered => self.unsent(unwritten, report),
            _ => self.sent(&parts, source, report),
        }
        Ok(())
    }

    /// A request of which nothing was sent.
    fn unsent(&self, unwritten: bool, report: &mut Report) {
        let id = self.request.id;
        let is_answered = self.request.state == PurchaseState::Answered;
        if unwritten && !is_answered {
            let sentence = format!("{} was made, and nobody has it{}", self.name, self.kept);
            let hint = format!("the next dcrcold buy or send gives it up; or now: dcrcold cancel {id}");
            report.found(Kind::RequestUnwritten, sentence, hint);
        } else if self.is_expired() {
            let sentence = format!("{} expired at block {}{}", self.name, self.request.expiry, self.kept);
            report.found(Kind::RequestExpired, sentence, format_args!("dcrcold cancel {id}, and make a new request"));
        } else if !is_answered {
            let sentence = format!("{} waits for the signer's answer{}", self.name, self.kept);
            let hint = format!("sign it, then: dcrcold submit ANSWER; or give it up: dcrcold cancel {id}");
            report.found(Kind::RequestWaits, sentence, hint);
        } else if self.request.stands() {
            self.standing(report);
        } else {
            let sentence = format!("{} is signed, and nothing of it was sent{}", self.name, self.kept);
            let hint = format!("dcrcold submit --kept {id} sends it; or give it up: dcrcold cancel {id}");
            report.found(Kind::AnswerUnsent, sentence, hint);
        }
    }

    fn is_expired(&self) -> bool {
        self.request.kind == RequestKind::Purchase && self.request.expiry.0 <= self.tip.0.saturating_add(1)
    }

    /// A standing order of which not all was sent.
    fn standing(&self, report: &mut Report) {
        let sentence = format!("{} is a standing order{}", self.name, self.kept);
        let hint = format!(
            "dcrcold sync sends it when the price fits, below block {}; or give it up: dcrcold cancel {}",
            self.request.expiry, self.request.id
        );
        report.found(Kind::StandingOrder, sentence, hint);
    }

    /// A request of which something was sent.
    fn sent(&self, parts: &[Part], source: &mut Option<&mut dyn ChainSource>, report: &mut Report) {
        let unsent = parts.iter().filter(|part| !part.noted).count();
        if unsent > 0 && self.request.stands() {
            self.standing(report);
        } else if unsent > 0 && !self.is_expired() {
            let sentence = format!("{}: {unsent} of {} were not sent", self.name, count(parts.len(), "transaction"));
            let hint = format!("dcrcold submit --kept {} sends what is missing", self.request.id);
            report.found(Kind::PartUnsent, sentence, hint);
        }
        let waiting: Vec<_> =
            parts.iter().filter(|part| part.noted && part.height.is_none()).map(|part| part.id).collect();
        if waiting.is_empty() {
            return;
        }
        // A source that does not answer is a finding of its own.
        let known = source.as_mut().and_then(|source| source.in_mempool(&waiting).ok());
        let dropped = known.map_or(0, |known| known.iter().filter(|known| !**known).count());
        if dropped > 0 {
            let sentence = format!("{}: the network does not have {}", self.name, count(dropped, "transaction"));
            let hint =
                "dcrcold sync sends it again; tickets whose price has changed come back as coins when they expire";
            report.found(Kind::Dropped, sentence, hint);
        }
        if waiting.len() > dropped {
            let sentence = format!("{}: {} wait to be mined", self.name, count(waiting.len() - dropped, "transaction"));
            report.found(Kind::Unmined, sentence, "nothing to do: dcrcold sync sees when they are");
        }
    }
}

/// The coins that a request keeps, as words behind a comma.
fn kept(coins: &[Coin], id: &TransferId) -> String {
    let kept: Vec<Amount> = coins.iter().filter(|coin| coin.locked_by == Some(*id)).map(|coin| coin.value).collect();
    match Amount::checked_sum(kept.iter().copied()) {
        Some(sum) if !kept.is_empty() => format!("; it keeps {} worth {sum}", count(kept.len(), "coin")),
        _ => String::new(),
    }
}

fn name(request: &PurchaseRecord) -> String {
    let id = short(&request.id);
    match request.kind {
        RequestKind::Purchase => format!("request {id} for {}", count(request.tickets as usize, "ticket")),
        RequestKind::Payment => format!("request {id} for a payment of {}", request.amount),
    }
}

fn short(id: &TransferId) -> String {
    id.to_string().chars().take(12).collect()
}
