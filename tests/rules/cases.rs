//! The list that the cases are put into.
#![allow(unreachable_pub, reason = "a part of the test")]

use dcrcold_core::policy::{Limits, Rule};
use dcrcold_signer::transfer::{Purchase, Register, Send};

use crate::body::Body;
use crate::cold::{Cold, encoded};

/// A request that breaks a rule.
pub struct Case {
    pub rule: Rule,
    pub what: &'static str,
    pub request: Vec<u8>,
    pub limits: Limits,
}

/// The cases of one size of a signer.
pub struct Cases<'a> {
    pub cold: &'a Cold,
    pub inputs: u32,
    pub tickets: u32,
    pub all: Vec<Case>,
}

impl Cases<'_> {
    pub fn add(&mut self, rule: Rule, what: &'static str, request: Vec<u8>) {
        self.limited(rule, what, request, Limits::DEFAULT);
    }

    pub fn limited(&mut self, rule: Rule, what: &'static str, request: Vec<u8>, limits: Limits) {
        self.all.push(Case { rule, what, request, limits });
    }

    pub fn purchase(&mut self, rule: Rule, what: &'static str, change: impl FnOnce(&mut Purchase)) {
        let mut purchase = self.cold.purchase(1);
        change(&mut purchase);
        self.add(rule, what, encoded(&purchase));
    }

    pub fn send(&mut self, rule: Rule, what: &'static str, change: impl FnOnce(&mut Send)) {
        let mut send = self.cold.send();
        change(&mut send);
        self.add(rule, what, encoded(&send));
    }

    pub fn register(&mut self, rule: Rule, what: &'static str, change: impl FnOnce(&mut Register)) {
        let mut register = self.cold.register();
        change(&mut register);
        self.add(rule, what, encoded(&register));
    }

    /// A purchase request taken apart.
    pub fn body(&self) -> Body {
        Body::of(&encoded(&self.cold.purchase(1)))
    }
}
