//! A plain send signed by the stock app.

use dcrcold_core::apdu::{Exchange, Failure, Status};
use dcrcold_core::cbor::{CborError, Head, Reader};
use dcrcold_core::machine::{Step, Work};
use dcrcold_core::path::KeyPath;
use dcrcold_core::request::{HEADER_LENGTH, Recipient, Rest};
use dcrcold_core::rule::Rule;

use super::wire::{self, Ask, TRUSTED_LENGTH};
use super::{NotByStock, StockApp, key_path, reachable};
use crate::device::error::{DeviceError, Lie};
use crate::device::request::CheckedRequest;
use crate::device::session::{Progress, Question};
use crate::key::Signature;
use crate::rebuild::{RebuildError, transactions};
use crate::transfer::Answer;
use crate::tx::Transaction;

/// Where the parents stand in a request's body.
const PARENTS: u64 = 13;
/// The status words of a device that is locked: of the app, and of the system before it.
const LOCKED: [u16; 2] = [0x6982, 0x5515];
const DECLINED: u16 = 0x6985;
const HALTED: u16 = 0x6faa;

/// All that is sent, before anything is.
struct Plan<'a> {
    tx: Transaction,
    /// For each input the parent and the key.
    coins: Vec<(Transaction, KeyPath)>,
    change: Option<KeyPath>,
    request: &'a CheckedRequest<'a>,
}

impl<E: Exchange> StockApp<E>
where
    E::Error: std::error::Error + 'static,
{
    /// Has a send signed: everything of it, or nothing.
    ///
    /// The device shows every output that is not change, and the fee. It does not show the words of the request.
    ///
    /// # Errors
    /// [`DeviceError`]; [`NotByStock`] before anything is sent, for all that is no plain send.
    pub fn sign(
        &mut self,
        request: &CheckedRequest<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Answer, DeviceError<E::Error>> {
        let plan = Plan::of(request)?;
        let of = plan.tx.inputs.len();
        let mut trusted = Vec::with_capacity(of);
        for (input, (parent, _)) in plan.tx.inputs.iter().zip(&plan.coins) {
            trusted.push(self.trust(parent, input.previous.index)?);
        }
        let shown = plan.tx.outputs.len() - usize::from(plan.change.is_some());
        progress(Progress::Look(Question::Outputs(u32::try_from(shown).unwrap_or(u32::MAX))));
        let mut inputs = Vec::with_capacity(of);
        for number in 0..of {
            inputs.push(self.input(&plan, &trusted, number)?);
            let [signatures, of] = [number + 1, of].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
            progress(Progress::Signed { signatures, of });
        }
        let id = *request.review.id();
        let answer = Answer { request: id, inputs, tickets: Vec::new(), messages: Vec::new() };
        answer.verify(&request.review, request.watched.key).map_err(Lie::WrongSignature)?;
        Ok(answer)
    }

    /// Has the app vouch for the output of a parent.
    fn trust(&mut self, parent: &Transaction, output: u32) -> Result<[u8; TRUSTED_LENGTH], DeviceError<E::Error>> {
        let reply = self.last(Ask::trusted_input(parent, output))?;
        let lie = Lie::Length { command: "trusted input", found: reply.len(), expected: TRUSTED_LENGTH };
        Ok(reply.try_into().map_err(|_| lie)?)
    }

    /// Sends the whole transaction once more for an input, and takes its signature. The person is asked the first time.
    fn input(
        &mut self,
        plan: &Plan<'_>,
        trusted: &[[u8; TRUSTED_LENGTH]],
        number: usize,
    ) -> Result<Signature, DeviceError<E::Error>> {
        let (parent, path) = &plan.coins[number];
        let output = plan.tx.inputs[number].previous.index as usize;
        let script = &parent.outputs[output].script;
        self.last(Ask::inputs(&plan.tx, trusted, number, script))?;
        let account = plan.request.watched.account;
        if let Some(change) = plan.change.filter(|_| number == 0) {
            self.last(vec![Ask::change(&key_path(account, change))])?;
        }
        self.last(Ask::outputs(&plan.tx))?;
        let reply = self.last(vec![Ask::sign(&key_path(account, *path), &plan.tx)])?;
        Ok(wire::read_signature(&reply)
            .ok_or(Lie::NoSignature { number: u32::try_from(number).unwrap_or(u32::MAX) })?)
    }

    /// Sends commands and takes the reply to the last one.
    fn last(&mut self, commands: Vec<Ask>) -> Result<Vec<u8>, DeviceError<E::Error>> {
        let mut reply = Vec::new();
        for command in commands {
            reply = ask(&mut self.exchange, &command)?;
        }
        Ok(reply)
    }
}

/// Sends a command; the data of its reply.
pub(super) fn ask<E: Exchange>(exchange: &mut E, command: &Ask) -> Result<Vec<u8>, DeviceError<E::Error>>
where
    E::Error: std::error::Error + 'static,
{
    let reply = exchange.exchange(&command.apdu()).map_err(DeviceError::Connection)?;
    // Its status words are not those of our app, and after a failure it repeats what it was sent.
    let (data, status) = reply.as_bytes().split_last_chunk::<2>().ok_or(Failure::Unknown(0))?;
    match u16::from_be_bytes(*status) {
        0x9000 => Ok(data.to_vec()),
        DECLINED => Err(DeviceError::Declined),
        HALTED => Err(NotByStock::Halted.into()),
        code if LOCKED.contains(&code) => Err(DeviceError::Locked),
        0x6700 => Err(Failure::Status(Status::Length).into()),
        code => Err(Failure::Unknown(code).into()),
    }
}

impl<'a> Plan<'a> {
    /// What is to be sent for a request, if the app can do it at all.
    fn of(request: &'a CheckedRequest<'a>) -> Result<Self, Reason> {
        let send = match request.review.work() {
            Work::Send(send) => send,
            Work::Purchase(_) => return Err(NotByStock::Tickets.into()),
            Work::Register(_) => return Err(NotByStock::Registrations.into()),
        };
        reachable(request.watched.network, request.watched.account)?;
        let outputs = send.request().outputs.as_slice();
        if outputs.iter().any(|output| matches!(output.recipient, Recipient::Purse { .. })) {
            return Err(NotByStock::Purse.into());
        }
        let change = match send.request().rest {
            Rest::Change(index) if send.remainder().change.is_some() => Some(KeyPath::internal(index)),
            _ => None,
        };
        let tx = transactions(&request.review)?.pop().ok_or(NotByStock::Tickets)?;
        let coins = coins(request, &tx)?;
        Ok(Self { tx, coins, change, request })
    }
}

/// The parents of a transaction's inputs and the keys that spend them.
fn coins(request: &CheckedRequest<'_>, tx: &Transaction) -> Result<Vec<(Transaction, KeyPath)>, Reason> {
    let body = request.bytes.get(HEADER_LENGTH..).unwrap_or_default();
    let mut parents = Vec::new();
    for (number, parent) in parents_of(body)?.into_iter().enumerate() {
        parents.push(Transaction::decode_prefix(parent).map_err(|_| NotByStock::Parent { number })?);
    }
    let paths = (0..).map_while(|number| request.review.step(number));
    let mut coins = Vec::with_capacity(tx.inputs.len());
    for (input, step) in tx.inputs.iter().zip(paths) {
        let (Step::Input { path, .. } | Step::Ticket { path, .. } | Step::Message { path, .. }) = step;
        let parent = parents.iter().find(|parent| parent.id() == input.previous.id);
        let parent = parent.filter(|parent| parent.outputs.len() > input.previous.index as usize);
        coins.push((parent.ok_or(NotByStock::Parent { number: coins.len() })?.clone(), path));
    }
    Ok(coins)
}

/// The parents of a body that the core has read already.
fn parents_of(body: &[u8]) -> Result<Vec<&[u8]>, CborError> {
    let mut reader = Reader::new(body);
    let mut keys = reader.map()?;
    while let Some(key) = keys.next(&mut reader)? {
        if key == PARENTS {
            return (0..reader.array()?).map(|_| reader.bytes()).collect();
        }
        skip(&mut reader)?;
    }
    Err(CborError::Unexpected)
}

fn skip(reader: &mut Reader<'_>) -> Result<(), CborError> {
    match reader.clone().head()? {
        Head::Uint(_) => reader.uint().map(drop),
        Head::Bytes(_) => reader.bytes().map(drop),
        Head::Text(_) => reader.text().map(drop),
        Head::Array(items) => reader.array().and_then(|_| (0..items).try_for_each(|_| skip(reader))),
        Head::Map(pairs) => reader.map().and_then(|_| (0..2 * pairs).try_for_each(|_| skip(reader))),
    }
}

/// Why there is no plan.
enum Reason {
    Stock(NotByStock),
    /// What the core took a moment ago does not read again, which would be a defect here.
    Unreadable,
}

impl From<NotByStock> for Reason {
    fn from(reason: NotByStock) -> Self {
        Self::Stock(reason)
    }
}

impl From<CborError> for Reason {
    fn from(_: CborError) -> Self {
        Self::Unreadable
    }
}

impl From<RebuildError> for Reason {
    fn from(_: RebuildError) -> Self {
        Self::Unreadable
    }
}

impl<E: std::error::Error> From<Reason> for DeviceError<E> {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Stock(reason) => reason.into(),
            Reason::Unreadable => Failure::Refused(Rule::NotCanonical.into()).into(),
        }
    }
}
