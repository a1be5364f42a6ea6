//! What a request asks for, decoded.

use dcrcold_core::net::Network;
use dcrcold_core::request::{
    Body, Funding, Output, PurchaseRequest, Recipient, Request, RequestReader, Rest, Spending, Voting,
};
use dcrcold_signer::address::Address;
use dcrcold_signer::cli::Failure;
use dcrcold_signer::rebuild::{HOST_INPUTS, HOST_TICKETS};
use dcrcold_signer::transfer::Container;
use serde_json::{Value, json};

use crate::facts::Facts;

/// What a request asks for, as it stands there: nothing of it was checked against keys or limits.
pub(super) fn request_facts(container: &Container) -> Result<Facts, Failure> {
    let mut reader = Box::<RequestReader<HOST_INPUTS, HOST_TICKETS>>::default();
    reader.push(&container.encode())?;
    let request = reader.finish()?;
    let mut facts = Facts::default().text("account", request.account);
    facts.append(body_facts(&request));
    let claim = request.claim;
    Ok(facts
        .with("claimed_height", claim.tip.0)
        .with("claimed_time", claim.time)
        .maybe("claimed_price", claim.price.map(|price| price.to_string()))
        .maybe("label", request.label.map(|label| label.to_string())))
}

fn body_facts<const I: usize, const T: usize>(request: &Request<I, T>) -> Facts {
    let network = request.network;
    match &request.body {
        Body::Purchase(body) => purchase_facts(network, body),
        Body::Send(body) => {
            let outputs: Vec<_> = body.outputs.as_slice().iter().map(|output| recipient(network, output)).collect();
            let rest = match body.rest {
                Rest::Change(index) => format!("change to 1/{index}"),
                Rest::Sweep => "swept".to_owned(),
            };
            Facts::default()
                .with("outputs", outputs)
                .text("fee_rate", body.fee_rate)
                .with("rest", rest)
                .with("inputs", inputs(&body.spending))
        }
        Body::Register(body) => {
            let paths: Vec<_> = body.paths.as_slice().iter().map(|path| Value::from(path.to_string())).collect();
            Facts::default()
                .with("tickets", body.tickets.count())
                .text("voter", body.fingerprint)
                .with("first_voter_index", body.first.number())
                .with("commitment_keys", paths)
        }
    }
}

fn purchase_facts<const I: usize, const T: usize>(network: Network, body: &PurchaseRequest<I, T>) -> Facts {
    let voting = match &body.voting {
        Voting::Voter { fingerprint, first } => {
            Facts::default().text("voter", fingerprint).with("first_voter_index", first.number())
        }
        Voting::Foreign(hashes) => {
            let address = |hash| Value::from(Address::of_key_hash(network, hash).to_string());
            let addresses: Vec<_> = hashes.as_slice().iter().map(|hash| address(*hash)).collect();
            Facts::default().with("voting_addresses", addresses)
        }
    };
    let mut facts = Facts::default()
        .with("tickets", body.tickets)
        .text("amount", body.amount)
        .text("fee_rate", body.fee_rate)
        .with("first_internal_index", body.first_internal.number())
        .with("direct", body.funding == Funding::Direct);
    facts.append(voting);
    let purse = body.purse.map(|purse| format!("{} to purse key {}", purse.amount, purse.index));
    facts.maybe("purse", purse).with("expiry", body.expiry.0).with("inputs", inputs(&body.spending))
}

fn recipient(network: Network, output: &Output) -> Value {
    let to = match output.recipient {
        Recipient::Address(payee) => Address::of_payee(network, &payee).to_string(),
        Recipient::Purse { fingerprint, index } => format!("purse key {index} of voter {fingerprint}"),
    };
    json!({ "amount": output.amount.to_string(), "to": to })
}

fn inputs<const I: usize>(spending: &Spending<I>) -> Vec<Value> {
    let inputs = spending.inputs.as_slice().iter();
    inputs
        .filter_map(|input| {
            let (parent, coin) = (spending.parent(input)?, input.coin?);
            Some(json!({
                "amount": coin.value.to_string(),
                "outpoint": format!("{parent}:{}", input.output),
                "path": input.path.to_string(),
            }))
        })
        .collect()
}
