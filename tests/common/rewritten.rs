//! Requests written again from what was read of them.

use dcrcold_core::cbor::Reader;
use dcrcold_core::request::{self, PurchaseRequest, RegisterRequest, Request, SendRequest, Spending};
use dcrcold_signer::transfer::{Encode, InputRef, Purchase, Register, Send, Voting};

use crate::body::Body;

/// A request of any size that a computer reads.
pub(crate) type HostRequest = Request<256, 100>;

/// Writes what was read from `bytes` again. Only the parents are taken from there: a reader does not keep them.
pub(crate) fn written_again(request: &HostRequest, bytes: &[u8]) -> Vec<u8> {
    let container = match &request.body {
        request::Body::Purchase(body) => purchase(request, body, parents(bytes)).to_container(request.network),
        request::Body::Send(body) => send(request, body, parents(bytes)).to_container(request.network),
        request::Body::Register(body) => register(request, body).to_container(request.network),
    };
    container.expect("no larger than it was").encode()
}

fn purchase(request: &HostRequest, body: &PurchaseRequest<256, 100>, parents: Vec<Vec<u8>>) -> Purchase {
    Purchase {
        account: request.account,
        inputs: inputs(&body.spending),
        tickets: body.tickets,
        amount: body.amount,
        fee_rate: body.fee_rate,
        first_internal: body.first_internal,
        voting: match &body.voting {
            request::Voting::Voter { fingerprint, first } => Voting::Voter { fingerprint: *fingerprint, first: *first },
            request::Voting::Foreign(hashes) => Voting::Foreign(hashes.as_slice().to_vec()),
        },
        purse: body.purse,
        expiry: body.expiry,
        claim: request.claim,
        label: request.label,
        funding: body.funding,
        parents,
    }
}

fn send(request: &HostRequest, body: &SendRequest<256, 100>, parents: Vec<Vec<u8>>) -> Send {
    Send {
        account: request.account,
        inputs: inputs(&body.spending),
        outputs: body.outputs.as_slice().to_vec(),
        fee_rate: body.fee_rate,
        rest: body.rest,
        claim: request.claim,
        label: request.label,
        parents,
    }
}

fn register(request: &HostRequest, body: &RegisterRequest<100>) -> Register {
    Register {
        account: request.account,
        paths: body.paths.as_slice().to_vec(),
        voter: body.fingerprint,
        first: body.first,
        claim: request.claim,
        label: request.label,
        tickets: body.tickets.as_slice().iter().map(|ticket| ticket.as_bytes().to_vec()).collect(),
    }
}

fn inputs(spending: &Spending<256>) -> Vec<InputRef> {
    let input = |input: &request::Input| InputRef { parent: input.parent, output: input.output, path: input.path };
    spending.inputs.as_slice().iter().map(input).collect()
}

/// The byte strings of key 13.
fn parents(request: &[u8]) -> Vec<Vec<u8>> {
    let body = Body::of(request);
    let (_, value) = body.pairs.last().expect("a request has parents");
    let mut reader = Reader::new(value);
    let count = reader.array().expect("an array");
    (0..count).map(|_| reader.bytes().expect("a byte string").to_vec()).collect()
}
