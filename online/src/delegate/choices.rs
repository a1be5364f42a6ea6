//! What the VSP is to vote: compared with what it says it will, because it drops what it does not know without a word.

use std::collections::BTreeMap;

use super::{Delegate, DelegateError, Refusal};
use crate::vsp::{ErrorCode, FeeState, Preferences, Request, TicketStatus, accepted};
use crate::wallet::vsp_tickets::{Scope, VspState, VspTicket};

impl Delegate<'_> {
    /// What is to be voted with a ticket.
    pub(super) fn wanted(&self, row: &VspTicket) -> Result<Preferences, DelegateError> {
        Ok(self.wallet.preferences(Scope::Ticket(row.ticket))?)
    }

    /// The tickets whose fee the VSP has and that it would vote otherwise.
    pub(super) fn undecided(&self) -> Result<Vec<VspTicket>, DelegateError> {
        let ended: Vec<_> = self.wallet.tickets()?.into_iter().filter(|ticket| ticket.ending.is_some()).collect();
        let mut rows = self.rows(|row| {
            let taken = matches!(row.reported, Some(FeeState::Received | FeeState::Broadcast | FeeState::Confirmed));
            taken && matches!(row.state, VspState::FeePaid | VspState::Confirmed)
        })?;
        rows.retain(|row| ended.iter().all(|ticket| ticket.id != row.ticket));
        let mut undecided = Vec::new();
        for row in rows {
            if !missing(&self.wanted(&row)?, row.voting.as_deref()).is_empty() {
                undecided.push(row);
            }
        }
        Ok(undecided)
    }

    /// Changes what is voted, for each ticket that differs.
    pub(super) fn decide(&mut self) -> Result<(), DelegateError> {
        for row in self.undecided()? {
            if let Err(error) = self.set_choices(&row) {
                self.note(&row, error)?;
            }
        }
        Ok(())
    }

    fn set_choices(&mut self, row: &VspTicket) -> Result<(), DelegateError> {
        let preferences = self.wanted(row)?;
        let row = self.timed(row)?;
        let key = self.alt_sign(&row)?;
        let request = Request::set_vote_choices(row.last_time, row.ticket, &preferences, &key);
        let unknown = |left: Vec<String>| Refusal::ChoicesUnknown { choices: left.join(", ") };
        match self.exchange(&row, &request) {
            Ok(response) => accepted(&response, &request)?,
            Err(error) if error.code() == Some(ErrorCode::InvalidVoteChoices) => {
                return Err(unknown(missing(&preferences, row.voting.as_deref())).into());
            }
            Err(error) => return Err(error),
        }
        let request = Request::ticket_status(row.ticket, &key);
        let status = TicketStatus::read(&self.exchange(&row, &request)?, &request, self.wallet.network())?;
        let left = missing(&preferences, Some(&as_json(&status.preferences)));
        self.take_over(&row, &status)?;
        if left.is_empty() { Ok(()) } else { Err(unknown(left).into()) }
    }
}

type Words = BTreeMap<String, BTreeMap<String, String>>;

fn words<P: ToString>(preferences: &Preferences<P>) -> Words {
    fn texts<K: ToString, V: ToString>(map: &BTreeMap<K, V>) -> BTreeMap<String, String> {
        map.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    }
    [
        ("agendas".to_owned(), texts(&preferences.agendas)),
        ("treasury-keys".to_owned(), texts(&preferences.treasury_keys)),
        ("treasury-spends".to_owned(), texts(&preferences.treasury_spends)),
    ]
    .into()
}

/// Choices as JSON, always the same for the same choices.
pub(super) fn as_json<P: ToString>(preferences: &Preferences<P>) -> String {
    serde_json::to_string(&words(preferences)).expect("maps of texts")
}

/// The choices that a VSP does not say it will vote.
fn missing(wanted: &Preferences, reported: Option<&str>) -> Vec<String> {
    let reported: Words = reported.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut missing = Vec::new();
    for (kind, choices) in words(wanted) {
        for (name, choice) in choices {
            let said = reported.get(&kind).and_then(|choices| choices.get(&name));
            // Who says nothing abstains.
            if said.map_or("abstain", String::as_str) != choice {
                missing.push(format!("{name}={choice}"));
            }
        }
    }
    missing
}
