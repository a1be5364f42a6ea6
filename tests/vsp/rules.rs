//! A VSP with the rules of vspd, as strict as they are: what is stored of tickets, and what each request changes.

use std::collections::{BTreeMap, HashMap};

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Hash160, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::script::Payee;
use dcrcold_signer::address::{Address, Payload, SignatureType};
use dcrcold_signer::key::MessageSignature;
use dcrcold_signer::message;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::stake::subsidy::SubsidySplit;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vsp_fee::{FeeBasis, vsp_fee};
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::wif::Wif;
use serde_json::{Value, json};

use super::node::{Node, Rejected};

/// Blocks on top of ticket and fee transaction before a VSP goes on.
pub const DEPTH: u32 = 6;
/// How long a fee address is good for, in seconds.
const FEE_TIME: i64 = 3600;
/// The only agenda that is voted on, as on simnet today.
const AGENDA: &str = "maxtreasuryspend";

/// Policies of each kind that one request may have.
const MOST_POLICIES: usize = 3;
/// A treasury spend is named by its id.
const SPEND: (usize, &str) = (64, "");
/// A treasury key is a compressed public key.
const KEYS: [(usize, &str); 2] = [(66, "02"), (66, "03")];

/// A refusal: vspd's code, the HTTP status and the message.
#[derive(Clone, Debug)]
pub struct Refusal(pub i64, pub u16, pub &'static str);

/// What is stored of a ticket.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub alt_sign: Option<Address>,
    pub fee_address: Option<Address>,
    pub fee_amount: u64,
    pub fee_expires: i64,
    /// `none`, `received`, `broadcast`, `confirmed` or `error`.
    pub state: &'static str,
    pub fee_tx: Option<Transaction>,
    pub voting_key: Option<String>,
    pub choices: BTreeMap<String, String>,
    pub treasury_spends: BTreeMap<String, String>,
    pub treasury_keys: BTreeMap<String, String>,
    pub changed: Vec<i64>,
}

/// The VSP behind its interface.
pub struct Rules {
    pub network: Network,
    pub node: Box<dyn Node>,
    pub rows: HashMap<TxId, Row>,
    pub closed: bool,
    pub hundredths: u16,
    pub now: i64,
    /// Fee addresses that were given out.
    given: u32,
}

type Outcome = Result<Value, Refusal>;

fn bad(message: &'static str) -> Refusal {
    Refusal(0, 400, message)
}

fn field<'a>(body: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    body[name].as_str().filter(|text| !text.is_empty()).ok_or(bad("bad request"))
}

fn map(body: &Value, name: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(map) = body[name].as_object() else { return Ok(BTreeMap::new()) };
    map.iter().map(|(key, value)| Ok((key.clone(), value.as_str().ok_or(bad("bad request"))?.to_owned()))).collect()
}

/// A transaction as people send it, with or without witnesses.
fn decode(text: &str) -> Option<Transaction> {
    let bytes = base16ct::mixed::decode_vec(text).ok()?;
    Transaction::decode(&bytes).or_else(|_| Transaction::decode_prefix(&bytes)).ok()
}

impl Rules {
    pub fn new(network: Network, node: Box<dyn Node>) -> Self {
        let now = 1_795_229_251;
        Self { network, node, rows: HashMap::new(), closed: false, hundredths: 300, now, given: 0 }
    }

    /// Answers a request; the signature comes from its header.
    pub fn answer(&mut self, endpoint: &str, body: &[u8], signature: Option<&str>) -> Outcome {
        let json: Value = serde_json::from_slice(body).map_err(|_| bad("bad request"))?;
        if self.closed && ["setaltsignaddr", "feeaddress", "payfee"].contains(&endpoint) {
            return Err(Refusal(2, 400, "vsp is closed"));
        }
        let id: TxId = field(&json, "tickethash")?.parse().map_err(|_| bad("invalid ticket hash"))?;
        if ["setaltsignaddr", "feeaddress"].contains(&endpoint) {
            self.take_ticket(&json, &id)?;
        }
        self.authenticate(&id, body, signature)?;
        let timed = |json: &Value| json["timestamp"].as_i64().filter(|time| *time != 0).ok_or(bad("bad request"));
        match endpoint {
            "setaltsignaddr" => timed(&json).and_then(|_| self.set_alt_sign(&json, &id)),
            "feeaddress" => timed(&json).and_then(|_| self.fee_address(&id)),
            "payfee" => timed(&json).and_then(|time| self.pay_fee(&json, &id, time)),
            "ticketstatus" => self.status(&id),
            "setvotechoices" => timed(&json).and_then(|time| self.set_choices(&json, &id, time)),
            _ => Err(bad("no such endpoint")),
        }
    }

    /// Sees that the node has the ticket, or hands both transactions to it.
    fn take_ticket(&mut self, json: &Value, id: &TxId) -> Result<(), Refusal> {
        let ticket = decode(field(json, "tickethex")?).ok_or(bad("bad request"))?;
        if Ticket::read(&ticket).is_err() || ticket.outputs.len() != 3 {
            return Err(Refusal(13, 400, "not a valid ticket tx"));
        }
        if ticket.id() != *id {
            return Err(bad("ticket hash mismatch"));
        }
        let parent = decode(field(json, "parenthex")?).ok_or(bad("bad request"))?;
        if self.node.depth(&parent.id()).is_none() {
            if ticket.inputs[0].previous.id != parent.id() {
                return Err(bad("invalid ticket parent"));
            }
            self.node.send(&parent).map_err(|_| Refusal(14, 500, "ticket transaction could not be broadcast"))?;
        }
        if self.node.depth(id).is_none() {
            self.node.send(&ticket).map_err(|_| Refusal(14, 500, "ticket transaction could not be broadcast"))?;
        }
        Ok(())
    }

    fn authenticate(&mut self, id: &TxId, body: &[u8], signature: Option<&str>) -> Result<(), Refusal> {
        let Some(ticket) = self.node.transaction(id) else { return Err(Refusal(1, 500, "internal error")) };
        let ticket = Ticket::read(&ticket).map_err(|_| Refusal(13, 400, "not a valid ticket tx"))?;
        let owner = *ticket.shares[0].commitment.payee.hash();
        let text = signature.ok_or(bad("no VSP-Client-Signature header"))?;
        let signature = MessageSignature::from_base64(text).ok_or(Refusal(10, 400, "bad request signature"))?;
        let alt_sign = self.rows.get(id).and_then(|row| row.alt_sign);
        let mut signers = vec![Address::of_key_hash(self.network, owner)];
        signers.extend(alt_sign);
        let signed = signers.iter().any(|signer| message::verify(signer, body, &signature).is_ok());
        if signed { Ok(()) } else { Err(Refusal(10, 400, "bad request signature")) }
    }

    fn set_alt_sign(&mut self, json: &Value, id: &TxId) -> Outcome {
        let address = Address::parse(field(json, "altsignaddress")?, self.network).map_err(|_| bad("bad request"))?;
        if !matches!(address.payload(), Payload::KeyHash(SignatureType::Ecdsa, _)) {
            return Err(bad("wrong type for alternate signing address"));
        }
        let row = self.rows.entry(*id).or_insert_with(|| Row { state: "none", ..Row::default() });
        if row.alt_sign.is_some() {
            return Err(bad("alternate sign address data already exists"));
        }
        row.alt_sign = Some(address);
        Ok(json!({}))
    }

    fn fee_address(&mut self, id: &TxId) -> Outcome {
        let paid = self.rows.get(id).is_some_and(|row| ["received", "broadcast", "confirmed"].contains(&row.state));
        if paid {
            return Err(Refusal(3, 400, "fee tx already received for ticket"));
        }
        if !self.node.can_vote(id) {
            return Err(Refusal(7, 400, "ticket not eligible to vote"));
        }
        let (now, fee, network) = (self.now, self.fee(), self.network);
        let row = self.rows.entry(*id).or_insert_with(|| Row { state: "none", ..Row::default() });
        if row.fee_address.is_none() {
            self.given += 1;
            let mut hash = [0xfe; 20];
            hash[..4].copy_from_slice(&self.given.to_le_bytes());
            row.fee_address = Some(Address::of_key_hash(network, Hash160::from_bytes(hash)));
        }
        if row.fee_expires <= now {
            (row.fee_amount, row.fee_expires) = (fee, now + FEE_TIME);
        }
        let address = row.fee_address.unwrap().to_string();
        Ok(json!({ "feeaddress": address, "feeamount": row.fee_amount, "expiration": row.fee_expires }))
    }

    fn fee(&mut self) -> u64 {
        let basis = FeeBasis {
            price: self.node.price(),
            ticket_fee: Amount::from_atoms(10_000).unwrap(),
            height: Height(self.node.height()),
            split: SubsidySplit::of_block(self.network, Height(self.node.height())),
        };
        vsp_fee(self.network, &basis, Percent::from_hundredths(self.hundredths.into())).unwrap().atoms()
    }

    fn pay_fee(&mut self, json: &Value, id: &TxId, time: i64) -> Outcome {
        let (network, now) = (self.network, self.now);
        let votable = self.node.can_vote(id);
        let ticket = Ticket::read(&self.node.transaction(id).unwrap()).unwrap();
        let unknown = Refusal(6, 400, "unknown ticket");
        let row = self.rows.get_mut(id).filter(|row| row.fee_address.is_some()).ok_or(unknown)?;
        if ["received", "broadcast", "confirmed"].contains(&row.state) {
            return Err(Refusal(3, 400, "fee tx already received for ticket"));
        }
        if !votable {
            return Err(Refusal(7, 400, "ticket not eligible to vote"));
        }
        if row.fee_expires <= now {
            return Err(Refusal(8, 400, "fee has expired"));
        }
        let wif =
            Wif::parse(field(json, "votingkey")?, network).map_err(|_| Refusal(11, 400, "invalid private key"))?;
        let choices = map(json, "votechoices")?;
        if ["votechoices"].iter().any(|name| !json[name].is_object()) {
            return Err(bad("bad request"));
        }
        let fee_tx = decode(field(json, "feetx")?).ok_or(Refusal(4, 400, "invalid fee tx"))?;
        let script = row.fee_address.unwrap().script();
        let paid = fee_tx.outputs.iter().find(|output| output.script == script);
        let paid = paid.ok_or(Refusal(4, 400, "invalid fee tx"))?.value.amount().unwrap();
        if paid.atoms() < row.fee_amount {
            return Err(Refusal(5, 400, "fee too small"));
        }
        let voting = wif.public_key().unwrap().hash();
        if ticket.voting != Payee::KeyHash(voting) {
            return Err(Refusal(11, 400, "voting address does not match provided private key"));
        }
        let (spends, keys) = (map(json, "tspendpolicy")?, map(json, "treasurypolicy")?);
        bounded(&[&spends, &keys])?;
        // Choices and policies that are not known are dropped without a word.
        row.choices = if known(&choices) { choices } else { BTreeMap::new() };
        row.treasury_spends = if policies(&spends, &[SPEND]) { spends } else { BTreeMap::new() };
        row.treasury_keys = if policies(&keys, &KEYS) { keys } else { BTreeMap::new() };
        row.voting_key = Some(wif.to_text().to_string());
        (row.fee_tx, row.state) = (Some(fee_tx.clone()), "received");
        row.changed.push(time);
        if self.node.depth(id).unwrap_or_default() >= DEPTH {
            self.broadcast(id)?;
        }
        Ok(json!({}))
    }

    fn broadcast(&mut self, id: &TxId) -> Result<(), Refusal> {
        let row = self.rows.get_mut(id).unwrap();
        match self.node.send(row.fee_tx.as_ref().unwrap()) {
            Ok(()) => row.state = "broadcast",
            Err(rejected) => {
                row.state = "error";
                return Err(match rejected {
                    Rejected::UnknownOutputs => {
                        Refusal(16, 428, "fee transaction could not be broadcast due to unknown outputs")
                    }
                    Rejected::Invalid => Refusal(15, 500, "fee transaction could not be broadcast"),
                });
            }
        }
        Ok(())
    }

    fn status(&mut self, id: &TxId) -> Outcome {
        let confirmed = self.node.depth(id).unwrap_or_default() >= DEPTH;
        let row = self.rows.get(id).filter(|row| row.fee_address.is_some()).ok_or(Refusal(6, 400, "unknown ticket"))?;
        Ok(json!({
            "ticketconfirmed": confirmed,
            "feetxstatus": row.state,
            "feetxhash": row.fee_tx.as_ref().map(|tx| tx.id().to_string()).unwrap_or_default(),
            "altsignaddress": row.alt_sign.map(|address| address.to_string()).unwrap_or_default(),
            "votechoices": row.choices,
            "tspendpolicy": row.treasury_spends,
            // A map that nothing was put into is none.
            "treasurypolicy": (!row.treasury_keys.is_empty()).then_some(&row.treasury_keys),
        }))
    }

    fn set_choices(&mut self, json: &Value, id: &TxId, time: i64) -> Outcome {
        let votable = self.node.can_vote(id);
        let row = self.rows.get_mut(id).filter(|row| row.fee_address.is_some());
        let row = row.ok_or(Refusal(6, 400, "unknown ticket"))?;
        if row.state == "none" {
            return Err(Refusal(12, 400, "no fee tx received for ticket"));
        }
        if !votable {
            return Err(Refusal(7, 400, "ticket not eligible to vote"));
        }
        if row.changed.iter().any(|before| *before >= time) {
            return Err(Refusal(17, 400, "old or reused timestamp"));
        }
        let choices = map(json, "votechoices")?;
        let (spends, keys) = (map(json, "tspendpolicy")?, map(json, "treasurypolicy")?);
        bounded(&[&spends, &keys])?;
        if !known(&choices) || !policies(&spends, &[SPEND]) || !policies(&keys, &KEYS) {
            return Err(Refusal(9, 400, "invalid vote choices"));
        }
        // What is not named stays.
        row.choices.extend(choices);
        row.treasury_spends.extend(spends);
        row.treasury_keys.extend(keys);
        row.changed.push(time);
        Ok(json!({}))
    }

    /// What a new block changes: fee transactions are sent, confirmed, or found missing.
    pub fn new_block(&mut self) {
        for id in self.rows.keys().copied().collect::<Vec<_>>() {
            let (state, fee_tx) = (self.rows[&id].state, self.rows[&id].fee_tx.as_ref().map(Transaction::id));
            match (state, fee_tx) {
                ("received", Some(_)) if self.node.depth(&id).unwrap_or_default() >= DEPTH => {
                    let _ = self.broadcast(&id);
                }
                ("broadcast", Some(fee_tx)) => match self.node.depth(&fee_tx) {
                    Some(depth) if depth >= DEPTH => self.rows.get_mut(&id).unwrap().state = "confirmed",
                    Some(_) => {}
                    None => self.rows.get_mut(&id).unwrap().state = "error",
                },
                _ => {}
            }
        }
    }
}

/// No more policies of a kind than a request may have, vspd `types/types.go`.
fn bounded(kinds: &[&BTreeMap<String, String>]) -> Result<(), Refusal> {
    if kinds.iter().any(|kind| kind.len() > MOST_POLICIES) { Err(bad("bad request")) } else { Ok(()) }
}

/// Whether all names are hexadecimal of one of these lengths and begin as they must, and all policies words that count.
fn policies(map: &BTreeMap<String, String>, forms: &[(usize, &str)]) -> bool {
    map.iter().all(|(name, policy)| {
        let formed = forms.iter().any(|(digits, start)| name.len() == *digits && name.starts_with(start));
        let hex = name.bytes().all(|byte| byte.is_ascii_hexdigit());
        formed && hex && ["yes", "no", "abstain", "invalid", ""].contains(&policy.as_str())
    })
}

fn known(choices: &BTreeMap<String, String>) -> bool {
    choices.iter().all(|(agenda, choice)| agenda == AGENDA && ["yes", "no", "abstain"].contains(&choice.as_str()))
}
