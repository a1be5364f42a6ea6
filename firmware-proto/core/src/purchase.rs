//! The builder of purchases: writes the split transaction and the tickets from checked parameters.
//!
//! The signer, the device and the online machine run this same code and get the same bytes; nobody sends anybody a
//! transaction to sign. The shape of a ticket is dcrwallet's, `wallet/createtx.go`.

use core::cmp::Ordering;

use crate::amount::{Amount, Height};
use crate::fees::{self, Outputs, Remainder};
use crate::hash::{Hash160, Sink, TxId};
use crate::list::List;
use crate::path::{Index, KeyPath};
use crate::request::{Coin, Funding, Input, PurchaseRequest, Spending};
use crate::rule::{Part, Refusal, Rule};
use crate::script::{COMMITMENT_LIMITS, Commitment, Payee, Payment, StakeTag};
use crate::wire::{Tree, put_count, put_end, put_input, put_output, put_version};

/// The keys of one ticket, as hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketKeys {
    /// Our key that receives the ticket's money from the split; not used in the direct form.
    pub funding: Hash160,
    /// Our key that the vote or revocation pays.
    pub reward: Hash160,
    /// The key that votes.
    pub voting: Hash160,
    /// The key that signs messages to a VSP, when a registered voter votes.
    pub alt_sign: Option<Hash160>,
}

/// A purchase whose inputs are ours and whose amounts work out: all that the builder needs.
#[derive(Clone, Debug)]
pub struct Purchase<const INPUTS: usize, const TICKETS: usize> {
    pub(crate) request: PurchaseRequest<INPUTS, TICKETS>,
    pub(crate) keys: List<TicketKeys, TICKETS>,
    pub(crate) change_key: Hash160,
    pub(crate) purse_key: Option<Hash160>,
    pub(crate) ticket_fee: Amount,
    pub(crate) split: Option<Split>,
}

/// What is known of the split transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Its id.
    pub id: TxId,
    /// Its fee and the change.
    pub remainder: Remainder,
}

/// The internal index of the key that receives ticket `number`'s money from the split.
///
/// Change lies lowest and funding and reward alternate, so that a restore with a gap of 20 finds the coins of a
/// purchase whatever was abandoned before it.
#[must_use]
pub fn funding_index(first: Index, number: u32) -> Option<Index> {
    first.plus(number.checked_mul(2)?.checked_add(1)?)
}

/// The internal index of the key that ticket `number`'s vote or revocation pays.
#[must_use]
pub fn reward_index(funding: Funding, first: Index, number: u32) -> Option<Index> {
    match funding {
        Funding::Split => first.plus(number.checked_mul(2)?.checked_add(2)?),
        Funding::Direct => first.plus(number),
    }
}

/// The sum of what the inputs spend.
///
/// # Errors
/// [`Rule::AmountOverflow`].
pub fn total<const INPUTS: usize>(spending: &Spending<INPUTS>) -> Result<Amount, Refusal> {
    let coins = spending.inputs.as_slice().iter().filter_map(|input| input.coin);
    Amount::checked_sum(coins.map(|coin| coin.value)).ok_or(Rule::AmountOverflow.into())
}

/// Works out the fee and the change of the split transaction of a purchase.
///
/// # Errors
/// [`Rule::FundsShort`] and [`Rule::AmountOverflow`].
pub fn split_remainder<const INPUTS: usize, const TICKETS: usize>(
    request: &PurchaseRequest<INPUTS, TICKETS>,
    ticket_fee: Amount,
) -> Result<Remainder, Refusal> {
    let overflow = Refusal::new(Rule::AmountOverflow);
    let each = request.amount.checked_add(ticket_fee).ok_or(overflow)?;
    let mut spent = each.checked_mul(u64::from(request.tickets)).ok_or(overflow)?;
    let mut outputs = (0..request.tickets).fold(Outputs::default(), |sum, _| sum.with(fees::KEY_HASH_SCRIPT));
    if let Some(purse) = request.purse {
        spent = spent.checked_add(purse.amount).ok_or(overflow)?;
        outputs = outputs.with(fees::KEY_HASH_SCRIPT);
    }
    let total = total(&request.spending)?;
    let inputs = request.spending.inputs.count();
    fees::divide(total, spent, inputs, outputs, request.fee_rate).map_err(|short| {
        let refusal = Refusal::new(Rule::FundsShort).found(total.into());
        short.needed.map_or(refusal, |needed| refusal.expected(needed.into()))
    })
}

impl<const INPUTS: usize, const TICKETS: usize> Purchase<INPUTS, TICKETS> {
    pub(crate) const BLANK: Self = Self {
        request: PurchaseRequest::BLANK,
        keys: List::new(TicketKeys {
            funding: Hash160::ZERO,
            reward: Hash160::ZERO,
            voting: Hash160::ZERO,
            alt_sign: None,
        }),
        change_key: Hash160::ZERO,
        purse_key: None,
        ticket_fee: Amount::ZERO,
        split: None,
    };

    /// The parameters.
    #[must_use]
    pub const fn request(&self) -> &PurchaseRequest<INPUTS, TICKETS> {
        &self.request
    }

    /// The keys of the tickets, in their order.
    #[must_use]
    pub fn keys(&self) -> &[TicketKeys] {
        self.keys.as_slice()
    }

    /// What is known of the split transaction; nothing in the direct form.
    #[must_use]
    pub const fn split(&self) -> Option<&Split> {
        self.split.as_ref()
    }

    /// The fee of each ticket.
    #[must_use]
    pub const fn ticket_fee(&self) -> Amount {
        self.ticket_fee
    }

    /// What ticket `number` locks.
    #[must_use]
    pub fn locked(&self, number: u32) -> Option<Amount> {
        match self.request.funding {
            Funding::Split => Some(self.request.amount),
            Funding::Direct => self.input(number)?.coin?.value.checked_sub(self.ticket_fee),
        }
    }

    /// What all tickets lock together.
    #[must_use]
    pub fn locked_total(&self) -> Option<Amount> {
        (0..self.request.tickets).try_fold(Amount::ZERO, |sum, number| sum.checked_add(self.locked(number)?))
    }

    /// Writes the prefix of the split transaction.
    pub fn write_split(&self, sink: &mut impl Sink) {
        if let Some(split) = &self.split {
            self.put_split(&split.remainder, sink);
        }
    }

    /// Computes the id of the split transaction from its parts.
    pub(crate) fn split_id(&self, remainder: &Remainder) -> TxId {
        TxId::of_prefix(|hasher| self.put_split(remainder, hasher))
    }

    fn put_split(&self, remainder: &Remainder, sink: &mut impl Sink) {
        put_version(sink);
        put_spending(&self.request.spending, sink);
        let purse = self.request.purse.zip(self.purse_key);
        let extra = u32::from(purse.is_some()).saturating_add(u32::from(remainder.change.is_some()));
        put_count(sink, self.request.tickets.saturating_add(extra));
        let each = self.request.amount.checked_add(self.ticket_fee).unwrap_or_default();
        for keys in self.keys.as_slice() {
            put_output(sink, each, Payment::to_key(keys.funding).script().as_bytes());
        }
        if let Some((purse, key)) = purse {
            put_output(sink, purse.amount, Payment::to_key(key).script().as_bytes());
        }
        if let Some(change) = remainder.change {
            put_output(sink, change, Payment::to_key(self.change_key).script().as_bytes());
        }
        put_end(sink, Height(0));
    }

    /// Writes the prefix of ticket `number`; nothing when there is no such ticket.
    pub fn write_ticket(&self, number: u32, sink: &mut impl Sink) {
        if let Some(ticket) = self.ticket(number) {
            ticket.write(self.request.expiry, sink);
        }
    }

    /// The id of ticket `number`.
    #[must_use]
    pub fn ticket_id(&self, number: u32) -> Option<TxId> {
        let ticket = self.ticket(number)?;
        Some(TxId::of_prefix(|hasher| ticket.write(self.request.expiry, hasher)))
    }

    /// The coin that ticket `number` spends and the path of its key.
    pub(crate) fn ticket_coin(&self, number: u32) -> Option<(KeyPath, Payment)> {
        if self.request.funding == Funding::Direct {
            let input = self.input(number)?;
            return Some((input.path, input.coin?.payment()));
        }
        let index = funding_index(self.request.first_internal, number)?;
        Some((KeyPath::internal(index), Payment::to_key(self.ticket_keys(number)?.funding)))
    }

    /// The path of the key that ticket `number`'s vote or revocation pays.
    #[must_use]
    pub fn reward_path(&self, number: u32) -> Option<KeyPath> {
        reward_index(self.request.funding, self.request.first_internal, number).map(KeyPath::internal)
    }

    fn ticket_keys(&self, number: u32) -> Option<TicketKeys> {
        self.keys.as_slice().get(usize::try_from(number).ok()?).copied()
    }

    fn input(&self, number: u32) -> Option<&Input> {
        self.request.spending.inputs.as_slice().get(usize::try_from(number).ok()?)
    }

    fn ticket(&self, number: u32) -> Option<Ticket> {
        let keys = self.ticket_keys(number)?;
        let amount = self.locked(number)?;
        let (spent, index, tree) = match (&self.split, self.input(number)) {
            (Some(split), _) => (split.id, number, Tree::Regular),
            (None, Some(input)) => (self.request.spending.parent(input)?, input.output, input.coin?.tree()),
            (None, None) => return None,
        };
        let value = amount.checked_add(self.ticket_fee)?;
        Some(Ticket { spent, index, tree, amount, value, voting: keys.voting, reward: keys.reward })
    }
}

impl Coin {
    /// The payment script of the output.
    #[must_use]
    pub const fn payment(&self) -> Payment {
        Payment { tag: self.tag, payee: Payee::KeyHash(self.hash) }
    }

    /// The tree that the output lies in; it follows from its script.
    #[must_use]
    pub const fn tree(&self) -> Tree {
        if self.tag.is_some() { Tree::Stake } else { Tree::Regular }
    }
}

impl<const INPUTS: usize> Spending<INPUTS> {
    /// The id of the transaction that an input spends from.
    #[must_use]
    pub fn parent(&self, input: &Input) -> Option<TxId> {
        self.parents.as_slice().get(usize::try_from(input.parent).ok()?).copied()
    }
}

/// Writes the inputs of a transaction.
pub(crate) fn put_spending<const INPUTS: usize>(spending: &Spending<INPUTS>, sink: &mut impl Sink) {
    put_count(sink, spending.inputs.count());
    for input in spending.inputs.as_slice() {
        if let (Some(id), Some(coin)) = (spending.parent(input), input.coin) {
            put_input(sink, &id, input.output, coin.tree());
        }
    }
}

/// What makes up a ticket with one input.
struct Ticket {
    spent: TxId,
    index: u32,
    tree: Tree,
    amount: Amount,
    value: Amount,
    voting: Hash160,
    reward: Hash160,
}

impl Ticket {
    fn write(&self, expiry: Height, sink: &mut impl Sink) {
        let tagged = |tag, hash| Payment { tag: Some(tag), payee: Payee::KeyHash(hash) }.script();
        let reward = Payee::KeyHash(self.reward);
        let commitment = Commitment { payee: reward, amount: self.value, limits: COMMITMENT_LIMITS };
        put_version(sink);
        put_count(sink, 1);
        put_input(sink, &self.spent, self.index, self.tree);
        put_count(sink, 3);
        put_output(sink, self.amount, tagged(StakeTag::Submission, self.voting).as_bytes());
        put_output(sink, Amount::ZERO, commitment.script().as_bytes());
        put_output(sink, Amount::ZERO, tagged(StakeTag::Change, Hash160::ZERO).as_bytes());
        put_end(sink, expiry);
    }
}

/// Checks that in the direct form each coin can become a ticket that locks at least the amount asked for.
///
/// # Errors
/// [`Rule::DirectValueShort`]; [`Rule::NotCanonical`] when coins are left over.
pub(crate) fn check_direct<const INPUTS: usize, const TICKETS: usize>(
    request: &PurchaseRequest<INPUTS, TICKETS>,
    ticket_fee: Amount,
) -> Result<(), Refusal> {
    let inputs = request.spending.inputs.count();
    let miscounted = |rule| Err(Refusal::new(rule).found(inputs.into()).expected(request.tickets.into()));
    match inputs.cmp(&request.tickets) {
        Ordering::Less => return miscounted(Rule::DirectValueShort),
        Ordering::Greater => return miscounted(Rule::NotCanonical),
        Ordering::Equal => {}
    }
    let least = request.amount.checked_add(ticket_fee).ok_or(Rule::AmountOverflow)?;
    for (number, input) in (0_u32..).zip(request.spending.inputs.as_slice()) {
        let value = input.coin.map_or(Amount::ZERO, |coin| coin.value);
        if value < least {
            let refusal = Refusal::new(Rule::DirectValueShort).at(Part::Ticket(number));
            return Err(refusal.found(value.into()).expected(least.into()));
        }
    }
    Ok(())
}
