//! Making votes and sending them.

use dcrcold_core::hash::TxId;
use dcrcold_signer::tx::Transaction;

use super::VoterError;
use super::choices::{self, ballot};
use super::memory::{Casting, Watched};
use super::report::{Cast, Outcome, Report};
use super::station::Station;
use crate::chain::{BlockId, ChainError, VoteSource};
use crate::vsp::Preferences;
use crate::wallet::UnixTime;

/// What dcrd says when the same ticket voted on the same block by another transaction.
const VOTED_OTHERWISE: &str = "already votes on block";

impl Station {
    /// Reads the choices anew, and the treasury spends if there are choices on any; a vote without them is better than none.
    pub(super) fn treasury_spends(
        &mut self,
        source: &mut dyn VoteSource,
        ours: &[(TxId, Watched)],
        report: &mut Report,
    ) -> Vec<Transaction> {
        for (_, Watched { voter, .. }) in ours {
            match choices::load(&self.folder.choices_file(voter)) {
                Ok(preferences) => {
                    let checked =
                        preferences.agendas.iter().map(|(id, choice)| choices::check(self.network, id, choice));
                    report.problems.extend(checked.filter_map(Result::err).map(|error| format!("abstains: {error}")));
                    self.preferences.insert(*voter, preferences);
                }
                Err(error) => report.problems.push(error.to_string()),
            }
        }
        let on_treasury = |preferences: &Preferences| {
            !preferences.treasury_keys.is_empty() || !preferences.treasury_spends.is_empty()
        };
        if !self.preferences.values().any(on_treasury) {
            return Vec::new();
        }
        source.treasury_spends().unwrap_or_else(|error| {
            report.problems.push(format!("treasury spends are not known: {error}"));
            Vec::new()
        })
    }

    pub(super) fn vote(
        &self,
        ticket: &Watched,
        block: &BlockId,
        spends: &[Transaction],
    ) -> Result<Transaction, VoterError> {
        let position = self.fingerprints.iter().position(|known| *known == ticket.voter);
        let voter = position.and_then(|position| self.voters.get(position)).ok_or(VoterError::NoVoters)?;
        let tx = Transaction::decode(&ticket.raw)?;
        let nothing = Preferences::default();
        let preferences = self.preferences.get(&ticket.voter).unwrap_or(&nothing);
        voter.vote(&tx, ticket.index, &ballot(self.network, block, preferences, spends))
    }

    pub(super) fn cast(
        &self,
        source: &mut dyn VoteSource,
        now: UnixTime,
        casting: &Casting,
        vote: &Transaction,
        problems: &mut Vec<String>,
    ) -> Result<Cast, VoterError> {
        let mut tell = |error: VoterError| problems.push(error.to_string());
        let first = self.memory.will_send(casting, now).unwrap_or_else(|error| {
            tell(error);
            true
        });
        let outcome = match source.send(vote) {
            Ok(_) => Outcome::Sent,
            Err(ChainError::AlreadyKnown) => Outcome::Known,
            Err(ChainError::Rejected { reason }) if reason.contains(VOTED_OTHERWISE) => Outcome::VotedOtherwise,
            Err(ChainError::Rejected { .. }) if source.tip()?.height != casting.block.height => Outcome::Late,
            Err(ChainError::Rejected { reason }) => Outcome::Refused { reason },
            Err(error) => return Err(error.into()),
        };
        let written = match &outcome {
            Outcome::Sent | Outcome::Known => self.memory.was_sent(casting, None),
            Outcome::Refused { reason } => self.memory.was_sent(casting, Some(reason)),
            Outcome::VotedOtherwise | Outcome::Late => Ok(()),
        };
        written.unwrap_or_else(tell);
        Ok(Cast { ticket: casting.ticket, block: casting.block, vote: casting.vote, first, outcome })
    }
}
