//! The second step: where to pay, and how much. Whatever the VSP says is held against what was agreed.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_signer::percent::Percent;

use super::{Delegate, DelegateError, Refusal, Terms};
use crate::chain::PriceWindow;
use crate::vsp::{ErrorCode, FeeAddress, Request, Timestamp};
use crate::wallet::expected_fee;
use crate::wallet::vsp_tickets::{Fee, VspState, VspTicket};

/// Percent that a fee may be above what the price here makes: the VSP may stand at another block.
const TOLERANCE: u64 = 10;
/// Seconds before its end at which a fee address counts as expired.
const SPARE_TIME: i64 = 60;

impl Delegate<'_> {
    /// Asks where to pay.
    pub(super) fn ask_fee(&mut self, row: &VspTicket) -> Result<(), DelegateError> {
        match self.fee_of(row) {
            Ok(fee) => {
                let new = VspTicket { state: VspState::FeeSet, fee: Some(fee), ..row.clone() };
                self.save(row, new, "fee set")
            }
            // A payment that is not known here, made before the wallet file was: nothing is left to pay.
            Err(error) if error.code() == Some(ErrorCode::FeeAlreadyReceived) => self.ask_status(row),
            Err(error) if error.code() == Some(ErrorCode::BadSignature) => {
                // The VSP forgot the key, with a ticket that it did not see mined.
                let new = VspTicket { state: VspState::Wanted, ..row.clone() };
                self.save(row, new, "registration forgotten")
            }
            Err(error) => Err(error),
        }
    }

    /// What the VSP asks for the ticket, if that is what was agreed.
    pub(super) fn fee_of(&mut self, row: &VspTicket) -> Result<Fee, DelegateError> {
        let network = self.wallet.network();
        let (ticket, parent) = self.wallet.ticket_with_parent(&row.ticket)?;
        let time = Timestamp(self.clock.now().0);
        let request = Request::fee_address(time, &ticket, &parent, &self.alt_sign(row)?);
        let response = self.exchange(row, &request)?;
        let FeeAddress { address, amount, expires } = FeeAddress::read(&response, &request, network)?;
        check(network, &self.price, self.vsp.fee, &self.terms, amount)?;
        Ok(Fee { address, amount, expires })
    }

    /// Whether a fee address is about to expire.
    pub(super) fn has_expired(&self, fee: &Fee) -> bool {
        fee.expires.0.saturating_sub(SPARE_TIME) <= self.clock.now().0
    }
}

/// Holds a fee against the percentage that was accepted, and against the limit.
fn check(
    network: Network,
    price: &PriceWindow,
    accepted: Percent,
    terms: &Terms,
    found: Amount,
) -> Result<(), Refusal> {
    if found > terms.most {
        return Err(Refusal::FeeAboveLimit { found, most: terms.most });
    }
    // The VSP takes the price of its last block, which may be the one before or after ours.
    let settled = if price.blocks_left > 1 { price.next } else { price.estimate.max.max(price.next) };
    let height = Height(price.tip.height.0.saturating_sub(1));
    let fee = expected_fee(network, height, price.current.max(settled), accepted);
    let raised = fee.and_then(|fee| fee.checked_mul(100 + TOLERANCE));
    let expected = raised.and_then(|fee| Amount::from_atoms(fee.atoms().div_ceil(100)).ok()).unwrap_or_default();
    if found > expected { Err(Refusal::FeeAboveExpected { found, expected, accepted }) } else { Ok(()) }
}
