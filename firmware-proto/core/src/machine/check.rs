//! Compares a request with keys, voters and limits, and works out what will be signed.

use super::{FinishError, Keys, Memory, Reviewable, VoterName, Voters, Work, past};
use crate::fees::TICKET_SIZE;
use crate::hash::{Fingerprint, Hash160, TxId};
use crate::list::List;
use crate::path::{Index, KeyPath, VoterAccount};
use crate::policy::{self, Figure, Limits, Part, Refusal, Rule};
use crate::purchase::{self, Purchase, Split, TicketKeys, funding_index, reward_index};
use crate::register::{Register, Registered, in_ticket};
use crate::request::{Claim, Funding, PurchaseRequest, Recipient, Rest, Spending, Voting};
use crate::script::Payee;
use crate::send::{self, Paid, Send};

/// Keys, voters and limits of a signer, together.
struct Signer<'a, K, V> {
    keys: &'a mut K,
    voters: &'a mut V,
    limits: &'a Limits,
    account: crate::path::AccountPath,
    voter: &'a mut Option<VoterName>,
}

/// Works out in its place what was read.
pub(super) fn check<K, V, M, const INPUTS: usize, const TICKETS: usize, const EARLIER: usize>(
    request: &mut Reviewable<INPUTS, TICKETS, EARLIER>,
    keys: &mut K,
    voters: &mut V,
    memory: &mut M,
    limits: &Limits,
) -> Result<(), FinishError<K::Error>>
where
    K: Keys,
    V: Voters<Error = K::Error>,
    M: Memory,
{
    keys.select(request.network, request.account)?;
    let Reviewable { id, account, claim, voter, past, work, .. } = request;
    let mut signer = Signer { keys, voters, limits, account: *account, voter };
    match work {
        Work::Purchase(purchase) => signer.purchase(purchase, claim)?,
        Work::Send(send) => signer.send(send)?,
        Work::Register(register) => signer.register(register)?,
    }
    Ok(past::compare(past, work, id, *account, memory)?)
}

/// The parts are never inlined, so that a device's stack holds one of them at a time.
impl<K, V> Signer<'_, K, V>
where
    K: Keys,
    V: Voters<Error = K::Error>,
{
    #[inline(never)]
    fn purchase<const INPUTS: usize, const TICKETS: usize>(
        &mut self,
        purchase: &mut Purchase<INPUTS, TICKETS>,
        claim: &Claim,
    ) -> Result<(), FinishError<K::Error>> {
        let request = &purchase.request;
        policy::check_purchase(request, claim, self.limits)?;
        self.inputs(&request.spending)?;
        let ticket_fee = request.fee_rate.fee(TICKET_SIZE).ok_or(Rule::AmountOverflow)?;
        policy::check_fee(ticket_fee, self.limits)?;
        purchase.ticket_fee = ticket_fee;
        self.ticket_keys(request, &mut purchase.keys)?;
        if let (Some(purse), Voting::Voter { .. }) = (&request.purse, &request.voting) {
            purchase.purse_key = Some(self.voter_hash(VoterAccount::Purse, purse.index)?);
        }
        purchase.change_key = self.own_hash(KeyPath::internal(request.first_internal))?;
        match purchase.request.funding {
            Funding::Split => {
                let remainder = purchase::split_remainder(&purchase.request, ticket_fee)?;
                policy::check_dust(purchase.request.amount.checked_add(ticket_fee).unwrap_or_default())?;
                policy::check_fee(remainder.fee, self.limits)?;
                purchase.split = Some(Split { id: purchase.split_id(&remainder), remainder });
            }
            Funding::Direct => purchase::check_direct(&purchase.request, ticket_fee)?,
        }
        for number in 0..purchase.request.tickets {
            let locked = purchase.locked(number).ok_or(Rule::AmountOverflow)?;
            policy::check_locked(locked, claim, self.limits).map_err(in_ticket(number))?;
        }
        Ok(policy::check_total(purchase.locked_total(), self.limits)?)
    }

    #[inline(never)]
    fn ticket_keys<const INPUTS: usize, const TICKETS: usize>(
        &mut self,
        request: &PurchaseRequest<INPUTS, TICKETS>,
        list: &mut List<TicketKeys, TICKETS>,
    ) -> Result<(), FinishError<K::Error>> {
        if let Voting::Voter { fingerprint, .. } = &request.voting {
            self.select_voter(fingerprint)?;
        }
        for number in 0..request.tickets {
            let first = request.first_internal;
            let reward = reward_index(request.funding, first, number).ok_or(Rule::IndexOutOfRange)?;
            let funding = match request.funding {
                Funding::Split => {
                    let index = funding_index(first, number).ok_or(Rule::IndexOutOfRange)?;
                    self.own_hash(KeyPath::internal(index))?
                }
                Funding::Direct => Hash160::ZERO,
            };
            let (voting, alt_sign) = self.voting_keys(&request.voting, number)?;
            let reward = self.own_hash(KeyPath::internal(reward))?;
            let keys = TicketKeys { funding, reward, voting, alt_sign };
            list.push(keys).map_err(|_| Rule::TicketsAboveLimit)?;
        }
        Ok(())
    }

    fn voting_keys<const TICKETS: usize>(
        &mut self,
        voting: &Voting<TICKETS>,
        number: u32,
    ) -> Result<(Hash160, Option<Hash160>), FinishError<K::Error>> {
        match voting {
            Voting::Voter { first, .. } => {
                let index = first.plus(number).ok_or(Rule::IndexOutOfRange)?;
                let voting = self.voter_hash(VoterAccount::Voting, index)?;
                Ok((voting, Some(self.voter_hash(VoterAccount::AltSign, index)?)))
            }
            Voting::Foreign(hashes) => {
                let hash = usize::try_from(number).ok().and_then(|number| hashes.as_slice().get(number));
                Ok((*hash.ok_or(Rule::NotCanonical)?, None))
            }
        }
    }

    #[inline(never)]
    fn send<const INPUTS: usize, const TICKETS: usize>(
        &mut self,
        send: &mut Send<INPUTS, TICKETS>,
    ) -> Result<(), FinishError<K::Error>> {
        let Send { request, paid, .. } = send;
        policy::check_fee_rate(request.fee_rate, self.limits)?;
        self.inputs(&request.spending)?;
        for output in request.outputs.as_slice() {
            let payee = match output.recipient {
                Recipient::Address(payee) => payee,
                Recipient::Purse { fingerprint, index } => {
                    self.select_voter(&fingerprint)?;
                    Payee::KeyHash(self.voter_hash(VoterAccount::Purse, index)?)
                }
            };
            paid.push(Paid { payee, amount: output.amount }).map_err(|_| Rule::TooLarge)?;
        }
        send.remainder = send::divide(request, paid)?;
        policy::check_fee(send.remainder.fee, self.limits)?;
        if let Rest::Change(index) = request.rest {
            send.change_key = Some(self.own_hash(KeyPath::internal(index))?);
        }
        send.id = TxId::of_prefix(|hasher| send.write(hasher));
        Ok(())
    }

    #[inline(never)]
    fn register<const TICKETS: usize>(
        &mut self,
        register: &mut Register<TICKETS>,
    ) -> Result<(), FinishError<K::Error>> {
        let Register { request, tickets } = register;
        let count = request.tickets.count();
        if count == 0 {
            return Err(Rule::TicketsZero.into());
        }
        if count > self.limits.tickets {
            let refusal = Refusal::new(Rule::TicketsAboveLimit).found(count.into());
            return Err(refusal.expected(self.limits.tickets.into()).into());
        }
        self.select_voter(&request.fingerprint)?;
        for (number, (bytes, path)) in (0_u32..).zip(request.tickets.as_slice().iter().zip(request.paths.as_slice())) {
            let ticket = bytes.parse().map_err(in_ticket(number))?;
            let own = self.own_hash(*path)?;
            if ticket.commitment.payee != Payee::KeyHash(own) {
                let refusal = Refusal::new(Rule::CommitmentNotOurs).at(Part::Ticket(number));
                let found = match ticket.commitment.payee {
                    Payee::KeyHash(hash) => Figure::Hash(hash),
                    Payee::ScriptHash(hash) => Figure::ScriptHash(hash),
                };
                return Err(refusal.found(found).expected(own.into()).into());
            }
            let alt_sign = self.alt_sign(request.first, number)?;
            let registered = Registered { amount: ticket.amount, alt_sign };
            tickets.push(registered).map_err(|_| Rule::TicketsAboveLimit)?;
        }
        Ok(())
    }

    fn alt_sign(&mut self, first: Index, number: u32) -> Result<Hash160, FinishError<K::Error>> {
        let index = first.plus(number).ok_or(Rule::IndexOutOfRange)?;
        self.voter_hash(VoterAccount::AltSign, index)
    }

    /// Sees that every input spends what our key at the given path receives, and none twice.
    #[inline(never)]
    fn inputs<const INPUTS: usize>(&mut self, spending: &Spending<INPUTS>) -> Result<(), FinishError<K::Error>> {
        policy::check_inputs(spending)?;
        for (number, input) in (0_u32..).zip(spending.inputs.as_slice()) {
            let refuse = |rule| Refusal::new(rule).at(Part::Input(number));
            let coin = input.coin.ok_or(refuse(Rule::OutputIndexOutOfRange))?;
            let own = self.own_hash(input.path)?;
            if coin.hash != own {
                return Err(refuse(Rule::InputNotOurs).found(coin.hash.into()).expected(own.into()).into());
            }
        }
        Ok(())
    }

    fn select_voter(&mut self, fingerprint: &Fingerprint) -> Result<(), FinishError<K::Error>> {
        *self.voter = Some(self.voters.select(self.account, fingerprint)?);
        Ok(())
    }

    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, FinishError<K::Error>> {
        self.keys.own_hash(path).map_err(FinishError::Keys)
    }

    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, FinishError<K::Error>> {
        self.voters.voter_hash(account, index).map_err(FinishError::Keys)
    }
}
