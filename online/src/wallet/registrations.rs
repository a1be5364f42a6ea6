//! Messages signed by the cold side that name, for each ticket, the key which deals with VSPs.
//!
//! They are made together with the tickets, or later by a request of kind 3. One does for every VSP, so that another VSP
//! needs nothing of the cold side.

use dcrcold_core::hash::{Fingerprint, TransferId, TxId};
use dcrcold_core::path::Index;
use dcrcold_core::request::Claim;
use dcrcold_signer::key::MessageSignature;
use dcrcold_signer::rebuild::SignedRegistration;
use dcrcold_signer::stake::ticket::Ticket as TicketTx;
use dcrcold_signer::transfer::{Answer, Container, Content, Encode, Register};
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::voter::VoterKeys;
use rusqlite::{Connection, OptionalExtension, params};

use super::db::column::Column;
use super::purchase::PurchaseError;
use super::{Clock, Ticket, Wallet, WalletError, chain_store, db, voters};
use crate::vsp::VspAddress;

/// A request for messages, ready to be carried to the signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedRegistration {
    /// Its id.
    pub id: TransferId,
    /// The bytes of the file.
    pub request: Vec<u8>,
    /// The tickets.
    pub tickets: Vec<TxId>,
}

/// A message of the cold side, and whose key it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The message.
    pub signed: SignedRegistration,
    /// The index of the voter's alt-sign key.
    pub index: Index,
}

impl Wallet {
    /// The message that names a key of this voter for a ticket, if the cold side signed one.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn registration(&self, ticket: &TxId, voter: &Fingerprint) -> Result<Option<Registration>, WalletError> {
        let sql = "SELECT idx, body, signature FROM registrations WHERE ticket = ?1 AND voter = ?2
            ORDER BY idx DESC LIMIT 1";
        let mut query = self.db.prepare_cached(sql)?;
        let row = query.query_row(params![Column(*ticket), Column(*voter)], |row| {
            let Column(index) = row.get(0)?;
            let signature = MessageSignature::from_bytes(row.get(2)?);
            let signed = SignedRegistration { ticket: *ticket, body: row.get(1)?, signature };
            Ok(Registration { signed, index })
        });
        Ok(row.optional()?)
    }

    /// Makes requests for the messages that tickets lack, as few as can be. A ticket of the voter itself gets the alt-sign
    /// key of its voting key's index again; one of another voter gets the next that nothing uses, since two tickets with
    /// one key could be linked.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownVoter`], [`PurchaseError::UnknownTicket`], [`PurchaseError::NoVotingKey`],
    /// [`PurchaseError::NotRegistrable`]; then there is no request.
    pub fn prepare_registrations(
        &mut self,
        voter: Option<Fingerprint>,
        tickets: &[TxId],
        clock: &dyn Clock,
    ) -> Result<Vec<PreparedRegistration>, PurchaseError> {
        let voter = self.find_voter(voter)?;
        let fingerprint = voter.fingerprint(self.network());
        let keys = self.voting_keys()?;
        let mut next = Index::new(voters::next_registered(&self.db, &voter, fingerprint)?.into());
        let mut wanted = Vec::new();
        for id in tickets {
            let ticket = self.ticket(id)?.ok_or(PurchaseError::UnknownTicket { ticket: *id })?;
            let index = match keys.of(&ticket.voting).ok_or(PurchaseError::NoVotingKey { ticket: *id })? {
                (owner, index) if owner == fingerprint => index,
                _ => {
                    let index = next.ok_or(PurchaseError::NoIndexLeft)?;
                    next = index.plus(1);
                    index
                }
            };
            wanted.push((index, ticket));
        }
        wanted.sort_by_key(|(index, _)| *index);
        let most = usize::try_from(self.export.capacity.tickets).unwrap_or(usize::MAX);
        let mut prepared = Vec::new();
        for run in runs(&wanted, most) {
            prepared.push(self.prepare_run(&voter, run, clock)?);
        }
        Ok(prepared)
    }

    fn prepare_run(
        &mut self,
        voter: &VoterKeys,
        run: &[(Index, Ticket)],
        clock: &dyn Clock,
    ) -> Result<PreparedRegistration, PurchaseError> {
        let network = self.network();
        let fingerprint = voter.fingerprint(network);
        let first = run.first().map(|(index, _)| *index).unwrap_or_default();
        let (mut paths, mut prefixes) = (Vec::new(), Vec::new());
        for (_, ticket) in run {
            let refused = PurchaseError::NotRegistrable { ticket: ticket.id };
            let tx = self.transaction(&ticket.id)?.filter(|tx| tx.outputs.len() == 3);
            let (Some(tx), Some(path)) = (tx, ticket.reward_path) else { return Err(refused) };
            paths.push(path);
            prefixes.push(tx.encode_prefix());
        }
        let account = self.export.account;
        let tx = db::begin(&mut self.db)?;
        let claim = claim(&tx)?;
        let tickets: Vec<_> = run.iter().map(|(_, ticket)| ticket.id).collect();
        let request = Register { account, paths, voter: fingerprint, first, claim, label: None, tickets: prefixes };
        let container = request.to_container(network)?;
        let (id, bytes) = (*container.id(), container.encode());
        let sql = "INSERT OR IGNORE INTO registration_requests
            (id, request, voter, first_voter, tickets, answered, created) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)";
        let count = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
        tx.execute(sql, params![Column(id), bytes, Column(fingerprint), Column(first), count, clock.now().0])
            .map_err(WalletError::from)?;
        tx.commit().map_err(WalletError::from)?;
        Ok(PreparedRegistration { id, request: bytes, tickets })
    }

    /// Whether a request for messages was made here with this id.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn is_registration_request(&self, id: &TransferId) -> Result<bool, WalletError> {
        let mut query = self.db.prepare_cached("SELECT 1 FROM registration_requests WHERE id = ?1")?;
        Ok(query.exists([Column(*id)])?)
    }

    /// Verifies the answer to a request for messages and keeps them; returns their tickets.
    ///
    /// # Errors
    /// As [`Self::accept`].
    pub fn accept_registrations(&mut self, answer: &Container) -> Result<Vec<TxId>, PurchaseError> {
        let (found, expected) = (answer.network(), self.network());
        if found != expected {
            return Err(PurchaseError::OtherNetwork { found, expected });
        }
        let id = Answer::from_container(answer)?.request;
        let sql = "SELECT request, voter, first_voter FROM registration_requests WHERE id = ?1";
        let row = self.db.query_row(sql, [Column(id)], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Column<_>>(1)?.0, row.get::<_, Column<Index>>(2)?.0))
        });
        let row = row.optional().map_err(WalletError::from)?;
        let (request, voter, first) = row.ok_or(PurchaseError::UnknownRequest { id })?;
        let completed = self.completed(&request, answer)?;
        let tx = db::begin(&mut self.db)?;
        put(&tx, &voter, first, &completed.registrations)?;
        tx.execute("UPDATE registration_requests SET answered = 1 WHERE id = ?1", [Column(id)])
            .map_err(WalletError::from)?;
        tx.commit().map_err(WalletError::from)?;
        Ok(completed.registrations.iter().map(|registration| registration.ticket).collect())
    }

    /// A ticket of the account.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn ticket(&self, id: &TxId) -> Result<Option<Ticket>, WalletError> {
        Ok(self.tickets()?.into_iter().find(|ticket| ticket.id == *id))
    }

    /// The tickets that were bought for a VSP with this voter, were sent, can still vote, and are with no VSP yet.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn tickets_meant_for(&self, vsp: &VspAddress, voter: &Fingerprint) -> Result<Vec<TxId>, WalletError> {
        let sql = "SELECT purchase_txs.tx FROM purchase_txs JOIN purchases ON purchases.id = purchase_txs.purchase
            JOIN txs ON txs.id = purchase_txs.tx
            WHERE purchases.vsp = ?1 AND purchases.voter = ?2 AND state <> 0 AND purchase_txs.position > 0
            AND NOT EXISTS (SELECT 1 FROM spends WHERE spends.tx = purchase_txs.tx)
            AND NOT EXISTS (SELECT 1 FROM vsp_tickets WHERE vsp_tickets.ticket = purchase_txs.tx)
            ORDER BY purchases.created, purchases.id, purchase_txs.position";
        let mut query = self.db.prepare_cached(sql)?;
        let ids =
            query.query_map(params![Column(vsp.clone()), Column(*voter)], |row| Ok(row.get::<_, Column<_>>(0)?.0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Whether a ticket of a purchase may still be sent.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn is_awaited(&self, ticket: &TxId) -> Result<bool, WalletError> {
        let sql = "SELECT 1 FROM purchase_txs JOIN purchases ON purchases.id = purchase_txs.purchase
            WHERE purchase_txs.tx = ?1 AND state <> 0 AND expiry > (SELECT scanned + 1 FROM sync)
            AND NOT EXISTS (SELECT 1 FROM spends WHERE spends.tx = ?1)";
        Ok(self.db.prepare_cached(sql)?.exists([Column(*ticket)])?)
    }

    /// A ticket with the transaction that made its coin, as a VSP wants both.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownTicket`].
    pub fn ticket_with_parent(&self, id: &TxId) -> Result<(Transaction, Transaction), PurchaseError> {
        let unknown = || PurchaseError::UnknownTicket { ticket: *id };
        let ticket = self.transaction(id)?.filter(|tx| TicketTx::read(tx).is_ok()).ok_or_else(unknown)?;
        let parent = ticket.inputs.first().ok_or_else(unknown)?.previous.id;
        let parent = self.transaction(&parent)?.ok_or_else(unknown)?;
        Ok((ticket, parent))
    }
}

/// Keeps messages; message `i` names the key `first + i` of the voter.
pub(crate) fn put(
    db: &Connection,
    voter: &Fingerprint,
    first: Index,
    registrations: &[SignedRegistration],
) -> Result<(), PurchaseError> {
    let sql = "INSERT OR REPLACE INTO registrations (ticket, voter, idx, body, signature) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = db.prepare_cached(sql).map_err(WalletError::from)?;
    for (step, registration) in (0..).zip(registrations) {
        let index = first.plus(step).ok_or(PurchaseError::NoIndexLeft)?;
        let (ticket, signature) = (Column(registration.ticket), registration.signature.as_bytes().as_slice());
        let row = params![ticket, Column(*voter), Column(index), registration.body, signature];
        insert.execute(row).map_err(WalletError::from)?;
    }
    Ok(())
}

/// Cuts sorted tickets where indexes are not consecutive, and where a request is full.
fn runs(tickets: &[(Index, Ticket)], most: usize) -> impl Iterator<Item = &[(Index, Ticket)]> {
    let follows = |one: &(Index, Ticket), next: &(Index, Ticket)| one.0.plus(1) == Some(next.0);
    tickets.chunk_by(follows).flat_map(move |run| run.chunks(most.max(1)))
}

fn claim(db: &Connection) -> Result<Claim, PurchaseError> {
    let tip = chain_store::tip(db)?.ok_or(PurchaseError::NotSynced)?;
    let header = chain_store::header_at(db, tip.height)?.ok_or(PurchaseError::NotSynced)?;
    Ok(Claim { tip: tip.height, time: header.timestamp, price: None })
}
