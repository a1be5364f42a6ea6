//! Handing the voting key of a ticket to a dcrwallet, and proof that it is watched there.
//!
//! Source: dcrwallet `internal/rpc/jsonrpc/methods.go` (`importprivkey`, `addtransaction`, `ticketinfo`).

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;
use dcrcold_signer::address::Address;
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::wif::Wif;
use serde::Deserialize;

use crate::chain::BlockId;
use crate::chain::dcrd::value::{Hex, Text};
use crate::chain::dcrd::{NONE, RpcError, Session};

/// The interface of dcrwallet that this program was written for.
pub const WALLET_INTERFACE: (&str, u32) = ("dcrwalletjsonrpcapi", 11);
/// The account of keys that were imported.
const IMPORTED: &str = "imported";
/// The error number of a wallet that must be unlocked.
const UNLOCK_NEEDED: i64 = -13;

/// Why a wallet does not take a ticket over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandOffError {
    /// The wallet cannot be asked, or says no.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// Keys can be imported by an unlocked wallet only.
    #[error("dcrwallet is locked")]
    Locked,
    /// The wallet does not vote at all.
    #[error("dcrwallet does not vote: {reason}")]
    DoesNotVote {
        /// What is missing.
        reason: &'static str,
    },
    /// The wallet does not know the key afterwards.
    #[error("dcrwallet does not hold the key of address {address} after its import")]
    KeyMissing {
        /// The voting address.
        address: Address,
    },
    /// The wallet does not know the ticket afterwards.
    #[error("dcrwallet does not list ticket {ticket} after its import")]
    TicketMissing {
        /// The ticket.
        ticket: TxId,
    },
}

/// A ticket and the key that votes with it.
pub struct HandOff {
    /// The ticket.
    pub ticket: Transaction,
    /// The block that holds it.
    pub block: BlockId,
    /// Its voting address.
    pub address: Address,
    /// The private key of that address.
    pub key: Wif,
}

/// What the wallet says after it took a ticket over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The state of the ticket, in dcrwallet's words.
    pub status: String,
    /// The voting address, as the wallet has it.
    pub address: String,
}

#[derive(Deserialize)]
struct WalletInfo {
    unlocked: bool,
    voting: bool,
}

#[derive(Deserialize)]
struct Validated {
    #[serde(default)]
    ismine: bool,
}

#[derive(Deserialize)]
struct TicketInfo {
    hash: Text<TxId>,
    votingaddress: String,
    status: String,
}

impl HandOff {
    /// Imports key and ticket, and asks whether the wallet watches them. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`HandOffError`].
    pub fn give(&self, wallet: &mut Session) -> Result<Handed, HandOffError> {
        let info: WalletInfo = wallet.run(|client| client.call("walletinfo", NONE))?;
        if !info.unlocked {
            return Err(HandOffError::Locked);
        }
        if !info.voting {
            return Err(HandOffError::DoesNotVote { reason: "it runs without --enablevoting" });
        }
        let wif = self.key.to_text();
        let imported = wallet.run(|client| client.call("importprivkey", (wif.as_str(), IMPORTED, false)));
        let () = imported.map_err(|error| match error {
            RpcError::Refused { code: UNLOCK_NEEDED, .. } => HandOffError::Locked,
            error => error.into(),
        })?;
        let ticket = Hex(self.ticket.encode());
        let () = wallet.run(|client| client.call("addtransaction", (Text(self.block.hash), ticket.clone())))?;
        self.prove(wallet)
    }

    /// Asks whether the wallet has the key and lists the ticket.
    fn prove(&self, wallet: &mut Session) -> Result<Handed, HandOffError> {
        let address = self.address.to_string();
        let validated: Validated = wallet.run(|client| client.call("validateaddress", [&address]))?;
        if !validated.ismine {
            return Err(HandOffError::KeyMissing { address: self.address });
        }
        let Height(height) = self.block.height;
        let listed: Vec<TicketInfo> = wallet.run(|client| client.call("ticketinfo", [height]))?;
        let ticket = self.ticket.id();
        let found = listed.into_iter().find(|info| info.hash.0 == ticket && info.votingaddress == address);
        let found = found.ok_or(HandOffError::TicketMissing { ticket })?;
        Ok(Handed { status: found.status, address: found.votingaddress })
    }
}
