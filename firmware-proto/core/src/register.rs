//! The builder of registrations: the message that tells a VSP which key may sign for a ticket from now on.
//!
//! The body is the request of vspd's `setaltsignaddr`, signed by the key that the ticket's commitment pays. With it,
//! made in the same trip as the ticket, nothing cold is needed again.
//! Source: vspd `docs/api.md`, `internal/webapi/setaltsignaddr.go`.

use crate::address::AddressOf;
use crate::amount::Amount;
use crate::hash::{Count, Hash160, MessageHash, Sink, TxId, copy, message_hash};
use crate::list::List;
use crate::net::Network;
use crate::path::KeyPath;
use crate::request::RegisterRequest;
use crate::rule::{Part, Refusal};
use crate::script::Payee;
use crate::ticket::TicketBytes;

/// A ticket to be registered: its commitment is ours. The path of the commitment's key is in the request.
#[derive(Clone, Copy, Debug)]
pub struct Registered {
    /// What the ticket locks.
    pub amount: Amount,
    /// The key that may sign from now on.
    pub alt_sign: Hash160,
}

/// A registration whose tickets are ours.
#[derive(Clone, Debug)]
pub struct Register<const TICKETS: usize> {
    pub(crate) request: RegisterRequest<TICKETS>,
    pub(crate) tickets: List<Registered, TICKETS>,
}

impl<const TICKETS: usize> Register<TICKETS> {
    pub(crate) const BLANK: Self = Self {
        request: RegisterRequest::BLANK,
        tickets: List::new(Registered { amount: Amount::ZERO, alt_sign: Hash160::ZERO }),
    };

    /// The parameters.
    #[must_use]
    pub const fn request(&self) -> &RegisterRequest<TICKETS> {
        &self.request
    }

    /// The tickets in their order.
    #[must_use]
    pub fn tickets(&self) -> &[Registered] {
        self.tickets.as_slice()
    }

    /// The id of ticket `number`.
    #[must_use]
    pub fn ticket_id(&self, number: u32) -> Option<TxId> {
        let prefix = self.prefix(number)?;
        Some(TxId::of_prefix(|hasher| hasher.put(prefix)))
    }

    /// The path of the key that ticket `number`'s commitment pays, and that signs.
    #[must_use]
    pub fn path(&self, number: u32) -> Option<KeyPath> {
        self.request.paths.as_slice().get(usize::try_from(number).ok()?).copied()
    }

    /// The prefix of ticket `number`.
    #[must_use]
    pub fn prefix(&self, number: u32) -> Option<&[u8]> {
        let tickets = self.request.tickets.as_slice();
        tickets.get(usize::try_from(number).ok()?).map(TicketBytes::as_bytes)
    }
}

/// Where a refusal about ticket `number` points.
pub(crate) fn in_ticket(number: u32) -> impl Fn(Refusal) -> Refusal {
    move |refusal| refusal.at(Part::Ticket(number))
}

/// What a registration body says.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// The network of the address.
    pub network: Network,
    /// Seconds since 1970, as claimed by the online side.
    pub timestamp: u32,
    /// The ticket.
    pub ticket: TxId,
    /// The key that may sign from now on.
    pub alt_sign: Hash160,
}

impl Registration {
    /// Writes the body; `prefix` writes the ticket's prefix serialisation.
    pub fn write<S: Sink>(&self, sink: &mut S, prefix: impl Fn(&mut Hex<'_, S>)) {
        let mut timestamp = Decimal::default();
        // Writing ten digits into a place for ten cannot fail.
        let _ = core::fmt::Write::write_fmt(&mut timestamp, format_args!("{}", self.timestamp));
        sink.put(b"{\"timestamp\":");
        sink.put(timestamp.digits());
        sink.put(b",\"tickethash\":\"");
        let mut id = *self.ticket.as_bytes();
        id.reverse();
        Hex(sink).put(&id);
        sink.put(b"\",\"tickethex\":\"");
        prefix(&mut Hex(sink));
        sink.put(b"\",\"parenthex\":\"");
        prefix(&mut Hex(sink));
        sink.put(b"\",\"altsignaddress\":\"");
        let address = AddressOf { network: self.network, payee: Payee::KeyHash(self.alt_sign) };
        sink.put(&address.characters());
        sink.put(b"\"}");
    }

    /// The digest that the commitment's key signs; `prefix` counts and then hashes the ticket's prefix.
    #[must_use]
    pub fn message_hash(&self, prefix: impl Fn(&mut dyn Sink)) -> MessageHash {
        let mut length = Count::default();
        self.write(&mut length, |sink| prefix(sink));
        message_hash(length.0, |hasher| self.write(hasher, |sink| prefix(sink)))
    }
}

/// Passes bytes on as two hexadecimal digits each.
#[derive(Debug)]
pub struct Hex<'a, S>(&'a mut S);

impl<S: Sink> Sink for Hex<'_, S> {
    fn put(&mut self, bytes: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        const CHUNK: usize = 32;
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
        for chunk in bytes.chunks(CHUNK) {
            let mut text = [[0; 2]; CHUNK];
            for (pair, byte) in text.iter_mut().zip(chunk) {
                *pair = [digit(byte >> 4), digit(byte & 0x0f)];
            }
            self.0.put(text.get(..chunk.len()).unwrap_or(&[]).as_flattened());
        }
    }
}

/// Room for the decimal digits of a u32.
#[derive(Default)]
struct Decimal {
    bytes: [u8; 10],
    length: usize,
}

impl Decimal {
    fn digits(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

impl core::fmt::Write for Decimal {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.length.saturating_add(text.len());
        copy(self.bytes.get_mut(self.length..end).ok_or(core::fmt::Error)?, text.as_bytes());
        self.length = end;
        Ok(())
    }
}
