//! Payments of a cold account, mined on a real network: what others get, what returns, what is left.

use dcrcold::wallet::{Receive, SystemClock};
use dcrcold_core::amount::Amount;
use serde_json::Value;

use crate::cold::User;
use crate::simnet::Simnet;

/// The seed of the account, whose coins nobody else spends.
const SEED: &str = "5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed";
/// Somebody's script hash.
const SCRIPT: &str = "ScfWg48LY65uC9YPFZp18DwMuRW52NgBvh6";

struct Payer<'a> {
    simnet: &'a mut Simnet,
    user: User,
}

impl Payer<'_> {
    /// Prepares with the online program, signs with the offline one, submits, mines; what was prepared.
    fn send(&mut self, name: &str, args: &[&str]) -> Value {
        let [request, answer] = ["request", "answer"].map(|what| self.user.path(&format!("{name}.{what}")));
        let prepared = self.user.online(&[&["send"], args, &["--out", &request]].concat());
        self.user.sign_offline(&request, &answer, prepared["id"].as_str().unwrap());
        let sent = self.user.online(&["submit", &answer]);
        assert_eq!(sent["payment"], prepared["transaction"]);
        let again = self.user.online(&["submit", &answer]);
        assert_eq!((&again["payment"], &again["known_before"]), (&prepared["transaction"], &1.into()));
        self.mine();
        prepared
    }

    fn mine(&mut self) {
        self.simnet.mine(1);
        self.user.sync();
    }

    /// What the node says that an output of the main chain is worth, in DCR.
    fn output(&mut self, id: &Value, index: u32) -> Value {
        let output: Value = self.simnet.node.call("gettxout", (id, index, 0, true));
        output["value"].clone()
    }

    fn spendable(&self) -> u64 {
        self.user.wallet.balance().unwrap().spendable.atoms()
    }
}

pub fn payments_sweeps_and_joined_coins_are_mined(simnet: &mut Simnet) {
    let user = User::of_seed(&simnet.path().join("payer"), &simnet.node, SEED);
    let mut payer = Payer { simnet, user };
    for dcr in [5, 8, 3] {
        let (_, address) = payer.user.wallet.receive(Receive::New, &SystemClock).unwrap();
        payer.simnet.pay(&address.to_string(), Amount::from_atoms(dcr * 100_000_000).unwrap());
        payer.mine();
    }
    assert_eq!(payer.spendable(), 1_600_000_000);

    // A key hash and a script hash, out of two coins.
    let prepared = payer.send("pay", &["SsWKp7wtdTZYabYFYSc9cnxhwFEjA5g4pFc", "6.5", SCRIPT, "4.25"]);
    let id = &prepared["transaction"];
    assert_eq!((payer.output(id, 0), payer.output(id, 1)), (6.5.into(), 4.25.into()));
    let fee = prepared["fee"].as_u64().unwrap();
    assert_eq!(payer.spendable(), 1_600_000_000 - 650_000_000 - 425_000_000 - fee);

    let joined = payer.send("join", &["--join", "9"]);
    let left = 525_000_000 - fee - joined["fee"].as_u64().unwrap();
    assert_eq!((joined["inputs"].as_u64(), joined["change"].as_u64()), (Some(2), Some(left)));
    assert_eq!(payer.spendable(), left);

    let swept = payer.send("sweep", &["--all", SCRIPT]);
    assert_eq!(swept["pays"][0]["amount"].as_u64().unwrap(), left - swept["fee"].as_u64().unwrap());
    assert_eq!(payer.user.wallet.balance().unwrap().total(), Amount::ZERO);
    println!("payments: 3 cases");
}
