//! Tickets that are over: their VSPs are asked for nothing more.

use super::super::{Clock, Wallet, WalletError};
use super::{Step, VspState, VspTicket, rows};

/// Rows whose ticket is not one that waits, matures or is live, and that have something left to let go of. A confirmed
/// row whose fee is mined stays as it is: it says who voted.
const OVER: &str = "state <> ?1 AND (state <> ?2 OR payment IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM txs WHERE txs.id = payment AND txs.height IS NOT NULL))
    AND NOT EXISTS (
        SELECT 1 FROM tickets WHERE tickets.tx = ticket AND NOT EXISTS (
            SELECT 1 FROM spends WHERE spends.tx = ticket AND spends.output = 0))";

impl Wallet {
    /// Lets go of tickets that have ended or never came about; those that a fee transaction was made for free its coins
    /// with the last of them, unless it is mined. A VSP may still send it, so the next one spends the same coins.
    ///
    /// # Errors
    /// When the wallet file cannot be read or written.
    pub fn drop_ended(&mut self, clock: &dyn Clock) -> Result<(), WalletError> {
        let states = [VspState::Ended.code(), VspState::Confirmed.code()];
        for row in rows::find(&self.db, self.network(), OVER, states)? {
            if !self.is_awaited(&row.ticket)? {
                let quiet = VspTicket { trouble: None, ..row.clone() };
                self.save_vsp_ticket(&row, &quiet, None, clock)?;
                let step = Step::with("ended", "the ticket has ended or was never mined");
                self.detach_payment(&quiet, VspState::Ended, &step, clock)?;
            }
        }
        Ok(())
    }
}
