//! Votes: built unsigned from a ticket and what to vote for, and read.
//!
//! Source: dcrd `blockchain/stake/staketx.go`, dcrwallet `wallet/createtx.go` (`createUnsignedVote`).

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::script::{Payee, Payment, StakeTag};

use super::payout::vote_payouts;
use super::ticket::Ticket;
use crate::tx::check::{MAX_COMMITMENTS, TREASURY_VERSION, TreasuryVote, VoteError, check_vote};
use crate::tx::{NotAnAmount, OutPoint, Transaction, TxIn, TxOut, opcode};
use crate::wire::{Reader, WireError};

/// The signature script that every network asks of a stakebase.
pub const STAKEBASE_SCRIPT: [u8; 2] = [0, 0];
/// The position of the input that spends the ticket: the one to sign.
pub const TICKET_INPUT: usize = 1;
/// The most bytes behind the vote bits.
const MAX_EXTENDED: usize = 73;
/// The most treasury votes that fit into what a stake transaction may push.
pub const MAX_TREASURY_VOTES: usize = 7;

/// The newest vote version that this program knows the agendas of.
#[must_use]
pub const fn newest_version(network: Network) -> u32 {
    match network {
        Network::Mainnet => 11,
        Network::Testnet3 | Network::Simnet => 12,
    }
}

/// The choices of a vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteBits {
    /// Bit 0 approves the regular tree of the block before; the others choose on agendas.
    pub bits: u16,
    /// What follows: the vote version in four bytes, or nothing in very old votes.
    pub extended: Vec<u8>,
}

impl VoteBits {
    /// Approves the previous block's regular tree.
    pub const APPROVE: u16 = 1;

    /// Bits of a vote version.
    #[must_use]
    pub fn new(bits: u16, version: u32) -> Self {
        Self { bits, extended: version.to_le_bytes().to_vec() }
    }

    /// The vote version; 0 when there is none.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.extended.first_chunk().map_or(0, |version| u32::from_le_bytes(*version))
    }
}

/// What to vote for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// The block voted on: the parent of the one that includes the vote.
    pub block: BlockHash,
    /// Its height.
    pub height: Height,
    /// The choices.
    pub bits: VoteBits,
    /// The choices on treasury spends.
    pub treasury: Vec<TreasuryVote>,
}

/// Why a vote cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildVoteError {
    /// More bytes behind the vote bits than fit.
    #[error("{found} bytes follow the vote bits, at most 73 fit")]
    Extended {
        /// The number found.
        found: usize,
    },
    /// More treasury votes than fit.
    #[error("vote has {found} treasury votes, at most {most} fit")]
    TreasuryVotes {
        /// The number found.
        found: usize,
        /// The most for this ticket.
        most: usize,
    },
    /// The shares of the ticket cannot be paid out.
    #[error("shares of ticket {ticket} do not add up to anything that can be paid")]
    Shares {
        /// The ticket.
        ticket: TxId,
    },
}

/// Builds the vote of a ticket, all but the signature of [`TICKET_INPUT`].
///
/// `subsidy` is [`super::subsidy::vote_subsidy`] of the height voted on.
///
/// # Errors
/// [`BuildVoteError`] when the ballot or the ticket does not fit.
pub fn unsigned_vote(ticket: &Ticket, ballot: &Ballot, subsidy: Amount) -> Result<Transaction, BuildVoteError> {
    check_ballot(ticket, ballot)?;
    let no_payout = BuildVoteError::Shares { ticket: ticket.id };
    let payouts = vote_payouts(ticket.price, subsidy, &ticket.contributions()).ok_or(no_payout)?;
    let mut stakebase = TxIn::unsigned(OutPoint::NONE, subsidy.into());
    stakebase.signature_script = STAKEBASE_SCRIPT.to_vec();
    let inputs = vec![stakebase, TxIn::unsigned(ticket.submission(), ticket.price.into())];

    let reference = [ballot.block.as_bytes().as_slice(), &ballot.height.0.to_le_bytes()].concat();
    let bits = [&ballot.bits.bits.to_le_bytes(), ballot.bits.extended.as_slice()].concat();
    let mut outputs = vec![data_output(&reference), data_output(&bits)];
    for (share, amount) in ticket.shares.iter().zip(payouts) {
        let payment = Payment { tag: Some(StakeTag::Vote), payee: share.commitment.payee };
        outputs.push(TxOut::new(amount, payment.script().as_bytes()));
    }
    let version = if ballot.treasury.is_empty() { 1 } else { TREASURY_VERSION };
    outputs.extend((!ballot.treasury.is_empty()).then(|| data_output(&treasury_data(&ballot.treasury))));
    Ok(Transaction { version, inputs, outputs, lock_time: 0, expiry: 0 })
}

fn check_ballot(ticket: &Ticket, ballot: &Ballot) -> Result<(), BuildVoteError> {
    let found = ballot.bits.extended.len();
    if found > MAX_EXTENDED {
        return Err(BuildVoteError::Extended { found });
    }
    // With 64 payouts there is no room left for another output.
    let most = if ticket.shares.len() < MAX_COMMITMENTS { MAX_TREASURY_VOTES } else { 0 };
    let found = ballot.treasury.len();
    if found > most {
        return Err(BuildVoteError::TreasuryVotes { found, most });
    }
    Ok(())
}

/// An output without value that carries at most 255 bytes.
fn data_output(data: &[u8]) -> TxOut {
    let length = u8::try_from(data.len()).expect("seven treasury votes, the longest data, take 233 bytes");
    let push: &[u8] = match length {
        ..=opcode::OP_DATA_75 => &[opcode::OP_RETURN, length],
        _ => &[opcode::OP_RETURN, opcode::OP_PUSHDATA1, length],
    };
    TxOut::new(Amount::ZERO, &[push, data].concat())
}

fn treasury_data(votes: &[TreasuryVote]) -> Vec<u8> {
    let mut data = b"TV".to_vec();
    for vote in votes {
        data.extend(vote.spend.as_bytes());
        data.push(vote.choice.code());
    }
    data
}

/// A vote, as its inputs and outputs say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The id of the transaction.
    pub id: TxId,
    /// The ticket that votes.
    pub ticket: TxId,
    /// What it votes for.
    pub ballot: Ballot,
    /// Whom it pays, from output 2 on.
    pub payouts: Vec<(Payee, Amount)>,
}

/// Why a transaction cannot be read as a vote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadVoteError {
    /// It does not have the form of one.
    #[error(transparent)]
    Form(#[from] VoteError),
    /// A payout is no amount.
    #[error("output {index} of the vote: {source}")]
    Value {
        /// The output.
        index: usize,
        /// The value found.
        source: NotAnAmount,
    },
    /// The reference or the vote bits cannot be read.
    #[error(transparent)]
    Data(#[from] WireError),
}

impl Vote {
    /// The position of the first payout.
    pub const FIRST_PAYOUT: usize = 2;

    /// Reads a vote.
    ///
    /// # Errors
    /// [`ReadVoteError`] when the form or an amount is not that of a vote.
    pub fn read(tx: &Transaction) -> Result<Self, ReadVoteError> {
        let treasury = check_vote(tx)?;
        let mut reader = Reader::new(&tx.outputs[0].script);
        reader.take("push", 2)?;
        let block = BlockHash::from_bytes(reader.array("block hash")?);
        let height = Height(reader.u32("block height")?);
        let mut reader = Reader::new(&tx.outputs[1].script);
        reader.take("push", 2)?;
        let bits = reader.u16("vote bits")?;
        let extended = reader.take("extended vote bits", reader.left())?.to_vec();
        let ballot = Ballot { block, height, bits: VoteBits { bits, extended }, treasury };
        let ticket = tx.inputs[TICKET_INPUT].previous.id;
        Ok(Self { id: tx.id(), ticket, ballot, payouts: read_payouts(tx)? })
    }
}

fn read_payouts(tx: &Transaction) -> Result<Vec<(Payee, Amount)>, ReadVoteError> {
    let outputs = tx.outputs.iter().enumerate().skip(Vote::FIRST_PAYOUT);
    let tagged = outputs.filter_map(|(index, output)| Some((index, output, Payment::recognise(&output.script)?)));
    let read = tagged.map(|(index, output, payment)| match output.value.amount() {
        Ok(amount) => Ok((payment.payee, amount)),
        Err(source) => Err(ReadVoteError::Value { index, source }),
    });
    read.collect()
}
