//! A daemon made of recorded texts.
#![allow(unreachable_pub, reason = "the modules of one test share what is public in them")]

use std::collections::VecDeque;
use std::time::Instant;

use dcrcold::chain::dcrd::{RpcError, Transport};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// A request as it left the client.
#[derive(Debug, Deserialize)]
pub struct Request {
    pub jsonrpc: String,
    pub id: u64,
    pub method: String,
    pub params: Value,
}

/// Answers each request by a function; what it returns is received in that order.
pub struct Fake<F> {
    answer: F,
    waiting: VecDeque<String>,
}

impl<F: FnMut(Request) -> Vec<String>> Fake<F> {
    pub fn new(answer: F) -> Self {
        Self { answer, waiting: VecDeque::new() }
    }
}

impl<F: FnMut(Request) -> Vec<String>> Transport for Fake<F> {
    fn address(&self) -> &str {
        "fake:1"
    }

    fn send(&mut self, text: Zeroizing<String>) -> Result<(), RpcError> {
        let request = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}", text = *text));
        self.waiting.extend((self.answer)(request));
        Ok(())
    }

    fn receive(&mut self, _until: Instant) -> Result<Option<String>, RpcError> {
        Ok(self.waiting.pop_front())
    }
}

/// The text that dcrd sends as a result.
pub fn result(id: u64, result: &str) -> String {
    format!(r#"{{"jsonrpc":"1.0","result":{result},"error":null,"id":{id}}}"#)
}

/// The text that dcrd sends as an error.
pub fn error(id: u64, error: &str) -> String {
    format!(r#"{{"jsonrpc":"1.0","result":null,"error":{error},"id":{id}}}"#)
}

/// One recorded exchange.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub name: String,
    #[serde(default)]
    pub method: String,
    #[serde(default)]
    pub params: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present")]
    pub result: Option<Box<RawValue>>,
    #[serde(default)]
    pub error: Option<Box<RawValue>>,
    #[serde(default)]
    pub http_status: Option<u16>,
    #[serde(default)]
    pub http_body: Option<String>,
    #[serde(default)]
    pub request_body: Option<String>,
}

/// Keeps a recorded `null` apart from nothing recorded.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

/// The error object of a reply.
#[derive(Debug, Deserialize)]
pub struct ErrorObject {
    pub code: i64,
    pub message: String,
}

impl Exchange {
    /// The recorded parameters.
    pub fn params(&self) -> Value {
        self.params.as_ref().map_or(Value::Null, |params| serde_json::from_str(params.get()).unwrap())
    }

    /// The recorded error.
    pub fn error(&self) -> ErrorObject {
        serde_json::from_str(self.error.as_ref().expect("an error was recorded").get()).unwrap()
    }

    /// The recorded reply, as the text that dcrd sends for request `id`.
    pub fn reply(&self, id: u64) -> String {
        match (&self.result, &self.error) {
            (Some(value), None) => result(id, value.get()),
            (None, Some(value)) => error(id, value.get()),
            _ => panic!("{}: neither result nor error", self.name),
        }
    }

    /// A daemon that expects this exchange's request and gives its reply, once.
    pub fn daemon(&self) -> Fake<impl FnMut(Request) -> Vec<String> + '_> {
        let mut asked = false;
        Fake::new(move |request: Request| {
            assert!(!asked, "{}: asked twice", self.name);
            asked = true;
            assert_eq!(request.jsonrpc, "1.0");
            assert_eq!(request.method, self.method, "{}", self.name);
            assert_eq!(request.params, self.params(), "{}", self.name);
            vec![self.reply(request.id)]
        })
    }
}
