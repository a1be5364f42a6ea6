//! Requests taken apart into their pairs and put together again, whatever the pairs say then.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use dcrcold_core::cbor::{Head, HeadReader, Writer};
use dcrcold_core::hash::Sink;
use dcrcold_core::request::HEADER_LENGTH;

/// Where the length of the body is in a container, and the id after it.
const LENGTH: usize = 11;
const ID: usize = 15;

/// The body of a request: keys with their encoded values.
#[derive(Clone)]
pub struct Body {
    container: Vec<u8>,
    pub pairs: Vec<(u64, Vec<u8>)>,
}

impl Body {
    /// Takes a good request apart.
    pub fn of(request: &[u8]) -> Self {
        let (container, body) = request.split_at(HEADER_LENGTH);
        let (Head::Map(count), mut rest) = head(body) else { panic!("no map") };
        let mut pairs = Vec::new();
        for _ in 0..count {
            let (Head::Uint(key), value) = head(rest) else { panic!("no key") };
            let after = skip(value);
            pairs.push((key, value[..value.len() - after.len()].to_vec()));
            rest = after;
        }
        assert!(rest.is_empty(), "bytes after the map");
        Self { container: container.to_vec(), pairs }
    }

    /// The same body with another value of a key, or with a key more.
    pub fn with(&self, key: u64, value: impl FnOnce(&mut Writer<&mut Bytes>)) -> Self {
        let mut bytes = Bytes(Vec::new());
        value(&mut Writer(&mut bytes));
        let mut changed = self.without(key);
        changed.pairs.push((key, bytes.0));
        changed.pairs.sort_by_key(|(key, _)| *key);
        changed
    }

    /// The same body without a key.
    pub fn without(&self, key: u64) -> Self {
        let mut changed = self.clone();
        changed.pairs.retain(|(known, _)| *known != key);
        changed
    }

    /// The request, its length and id made to fit.
    pub fn request(&self) -> Vec<u8> {
        self.request_of(self.pairs.len() as u64)
    }

    /// The request, with a map that claims to have so many pairs.
    pub fn request_of(&self, count: u64) -> Vec<u8> {
        let mut body = Bytes(Vec::new());
        Writer(&mut body).map(count);
        for (key, value) in &self.pairs {
            Writer(&mut body).uint(*key);
            body.put(value);
        }
        let mut request = [&self.container[..], &body.0].concat();
        seal(&mut request);
        request
    }
}

/// Makes length and id of a container fit its body: a hostile host computes ids too.
pub fn seal(request: &mut [u8]) {
    let body = u32::try_from(request.len() - HEADER_LENGTH).expect("a short body");
    request[LENGTH..ID].copy_from_slice(&body.to_le_bytes());
    let hashed = [&request[7..10], &request[HEADER_LENGTH..]].concat();
    request[ID..HEADER_LENGTH].copy_from_slice(&blake256::blake256(&hashed));
}

/// Reads a head and returns what follows it.
pub fn head(bytes: &[u8]) -> (Head, &[u8]) {
    let mut reader = HeadReader::default();
    for (position, byte) in bytes.iter().enumerate() {
        if let Some(head) = reader.push(*byte).expect("a good body") {
            return (head, &bytes[position + 1..]);
        }
    }
    panic!("no head");
}

/// What follows the first item.
fn skip(bytes: &[u8]) -> &[u8] {
    let (first, rest) = head(bytes);
    match first {
        Head::Uint(_) => rest,
        Head::Bytes(length) | Head::Text(length) => &rest[usize::try_from(length).expect("a short string")..],
        Head::Array(items) => (0..items).fold(rest, |rest, _| skip(rest)),
        Head::Map(pairs) => (0..pairs * 2).fold(rest, |rest, _| skip(rest)),
    }
}

/// Bytes that can be written to.
pub struct Bytes(pub Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}
