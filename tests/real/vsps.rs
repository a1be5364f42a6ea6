//! Twenty tickets of one offline trip, handed to a real vspd, voted by its wallet with a choice of the hot side; one of
//! them moved to a second VSP.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use dcrcold::wallet::{Receive, SystemClock, TicketState};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_signer::stake::vote::Vote;
use serde_json::Value;

use crate::cold::User;
use crate::simnet::{Simnet, TICKETS_PER_BLOCK};
use crate::vspd::Vspd;

const SEEDS: [&str; 2] = [
    "7676767676767676767676767676767676767676767676767676767676767676",
    "7777777777777777777777777777777777777777777777777777777777777777",
];
const PURCHASES: usize = 4;
const TICKETS: usize = 20;
/// Live tickets below which the mining wallet buys more.
const POOL: u32 = 240;
/// Blocks after which a ticket that was never called has expired.
const LONGEST_LIFE: u32 = 384 + 16 + 2;
/// Vote bits: the block before stands, yes to the only agenda of simnet's newest version.
const APPROVES_AND_YES: u16 = 0b101;
/// The same with no.
const APPROVES_AND_NO: u16 = 0b011;

/// Keys for policies: the generator of the curve, and twice that.
const TREASURY_KEYS: [&str; 2] = [
    "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
];
/// The id of a treasury spend that nobody made, which no VSP asks about.
const SPEND: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

struct Run<'a> {
    simnet: &'a mut Simnet,
    user: User,
}

pub fn twenty_tickets_of_one_trip_are_voted_by_a_vsp(simnet: &mut Simnet) {
    simnet.index_transactions();
    let first = Vspd::start(&simnet.path().join("vsp-1"), &simnet.node, SEEDS[0]);
    let second = Vspd::start(&simnet.path().join("vsp-2"), &simnet.node, SEEDS[1]);
    let user = User::new(&simnet.path().join("vsp-user"), &simnet.node);
    let mut run = Run { simnet, user };
    run.fund();
    run.user.online(&["vsp", "use", &first.address()]);
    run.user.online(&["vsp", "choices", "--agenda", "maxtreasuryspend=yes"]);
    let tickets = run.one_trip();
    let fee_transactions = run.confirm(&first.address(), &[], TICKETS);
    assert_eq!(fee_transactions.len(), 1, "one transaction pays for all: {fee_transactions:?}");

    run.user.online(&["vsp", "use", &second.address()]);
    let purse: Value = run.user.online(&["balance"]);
    println!("purse after the fees: {} atoms", purse["purse"]);
    // A second fee needs coins that the split did not bring.
    run.fund_purse();
    let moved = run.confirm(&second.address(), &["--ticket", &tickets[0].to_string()], 1);
    assert!(moved.is_disjoint(&fee_transactions));

    run.change_choice(&second.address(), &tickets[0], &first.address(), &tickets[1]);
    run.set_policies(&second.address(), &tickets[0], &first.address());
    run.check_evidence(&tickets[0]);
    run.settle(&tickets);
}

impl Run<'_> {
    fn mine(&mut self) {
        let pool = self.simnet.tip_header().pool_size;
        self.simnet.mine_with_tickets(if pool < POOL { TICKETS_PER_BLOCK } else { 0 });
    }

    fn fund(&mut self) {
        for _ in 0..PURCHASES {
            let (_, address) = self.user.wallet.receive(Receive::New, &SystemClock).unwrap();
            self.simnet.pay(&address.to_string(), Amount::from_atoms(10_000_000).unwrap());
        }
        self.mine();
        self.user.sync();
    }

    /// Pays to the purse as anybody could.
    fn fund_purse(&mut self) {
        let address = self.user.purse_address();
        self.simnet.pay(&address, Amount::from_atoms(1_000_000).unwrap());
        self.mine();
        self.user.sync();
    }

    /// Four requests, signed in one go, and sent.
    fn one_trip(&mut self) -> Vec<TxId> {
        while self.user.blocks_left() < 4 {
            self.mine();
        }
        let path = |kind: &str, number: usize| format!("{kind}-{number}");
        let (mut ids, mut tickets) = (Vec::new(), Vec::new());
        for number in 0..PURCHASES {
            let request = self.user.path(&path("request", number));
            let bought = self.user.online(&["buy", "5", "--out", &request]);
            ids.push(bought["id"].as_str().unwrap().to_owned());
            let list = bought["tickets"].as_array().unwrap();
            tickets.extend(list.iter().map(|id| id.as_str().unwrap().parse::<TxId>().unwrap()));
            assert!(bought["purse"].as_u64().unwrap() > 0, "{bought}");
        }
        for (number, id) in ids.iter().enumerate() {
            let files = [path("request", number), path("answer", number)].map(|name| self.user.path(&name));
            self.user.sign_offline(&files[0], &files[1], id);
        }
        for number in 0..PURCHASES {
            self.user.online(&["submit", &self.user.path(&path("answer", number))]);
        }
        assert_eq!(tickets.len(), TICKETS);
        tickets
    }

    /// Hands tickets over until the VSP votes them; returns the fee transactions.
    fn confirm(&mut self, vsp: &str, options: &[&str], count: usize) -> BTreeSet<String> {
        let passphrase = self.user.path("passphrase");
        let register = [&["vsp", "register", "--vsp", vsp, "--passphrase-file", &passphrase][..], options].concat();
        let begin = self.simnet.height();
        let mut said = BTreeMap::new();
        for _ in 0..40 {
            // A VSP whose node does not know a ticket yet says so; that is no end.
            let shown = self.user.online_whatever(&register);
            let rows = shown["tickets"].as_array().cloned().unwrap_or_default();
            said = BTreeMap::new();
            for row in &rows {
                let words = format!("{} {}", row["state"], row["vsp_says"]);
                *said.entry(words).or_insert(0_usize) += 1;
            }
            let confirmed = rows.iter().filter(|row| row["state"] == "confirmed" && row["vsp_says"] == "confirmed");
            if confirmed.count() == count {
                println!("{count} tickets confirmed by {vsp} after {} blocks", self.simnet.height() - begin);
                let ids = rows.iter().map(|row| row["fee_transaction"].as_str().unwrap().to_owned());
                return ids.collect();
            }
            self.mine();
        }
        panic!("not confirmed: {said:?}");
    }

    /// Changes what is voted with a ticket at each VSP after its fee was confirmed.
    fn change_choice(&mut self, one: &str, ticket: &TxId, other: &str, kept: &TxId) {
        let (id, kept, passphrase) = (ticket.to_string(), kept.to_string(), self.user.path("passphrase"));
        self.user.online(&["vsp", "choices", "--ticket", &id, "--agenda", "maxtreasuryspend=no"]);
        for vsp in [one, other] {
            let shown = self.user.online(&["vsp", "register", "--vsp", vsp, "--passphrase-file", &passphrase]);
            for row in shown["tickets"].as_array().unwrap() {
                let expected = if row["ticket"] == id { "no" } else { "yes" };
                assert_eq!(row["choices"]["agendas"]["maxtreasuryspend"], expected, "{row}");
                assert!(row["ticket"] != kept || vsp == other, "{row}");
            }
        }
    }

    /// Sets policies on treasury spends, for one ticket that both VSPs have and for all, and sees what they say they have.
    fn set_policies(&mut self, one: &str, ticket: &TxId, other: &str) {
        let (id, passphrase) = (ticket.to_string(), self.user.path("passphrase"));
        let policy = |name: &str, policy: &str| format!("{name}={policy}");
        self.user.online(&["vsp", "choices", "--treasury-key", &policy(TREASURY_KEYS[0], "yes")]);
        let own = [policy(TREASURY_KEYS[1], "no"), policy(SPEND, "yes")];
        self.user.online(&["vsp", "choices", "--ticket", &id, "--treasury-key", &own[0], "--treasury-spend", &own[1]]);
        let mut said = 0;
        // A ticket that has voted is left alone.
        self.user.sync();
        let known = self.user.wallet.tickets().unwrap();
        let open: BTreeSet<_> = known.iter().filter(|it| it.ending.is_none()).map(|it| it.id.to_string()).collect();
        for vsp in [one, other] {
            let shown = self.user.online(&["vsp", "register", "--vsp", vsp, "--passphrase-file", &passphrase]);
            for row in shown["tickets"].as_array().unwrap() {
                if !open.contains(row["ticket"].as_str().unwrap()) {
                    continue;
                }
                let (keys, spends) = (&row["choices"]["treasury-keys"], &row["choices"]["treasury-spends"]);
                let own = row["ticket"] == id;
                assert_eq!(keys[TREASURY_KEYS[0]], "yes", "{row}");
                assert_eq!(keys[TREASURY_KEYS[1]] == "no", own, "{row}");
                assert_eq!(spends[SPEND] == "yes", own, "{row}");
                said += 1;
            }
        }
        println!("treasury policies of {said} tickets taken by 2 VSPs");
        assert!(said >= open.len() && said > 0);
    }

    /// A third party checks who promised what.
    fn check_evidence(&mut self, ticket: &TxId) {
        let passphrase = self.user.path("passphrase");
        let export = self.user.online(&["vsp", "evidence", &ticket.to_string(), "--passphrase-file", &passphrase]);
        let path = self.user.path("evidence.json");
        fs::write(&path, export.to_string()).unwrap();
        let verdicts = self.user.online(&["vsp", "evidence", "--check", &path]);
        let verdicts = verdicts.as_array().unwrap();
        assert!(verdicts.len() > 6 && verdicts.iter().all(|it| it["proven"] == true), "{verdicts:?}");
        let vsps: BTreeSet<_> = verdicts.iter().map(|it| it["vsp"].to_string()).collect();
        println!("evidence: {} exchanges with {} VSPs proven", verdicts.len(), vsps.len());
        assert_eq!(vsps.len(), 2);
    }

    /// Mines until every ticket has ended, and looks at how.
    fn settle(&mut self, tickets: &[TxId]) {
        for _ in 0..LONGEST_LIFE {
            self.user.sync();
            let known = self.user.wallet.tickets().unwrap();
            if known.iter().filter(|it| tickets.contains(&it.id)).all(|it| it.ending.is_some()) {
                break;
            }
            self.mine();
        }
        let (mut voted, mut yes, mut no) = (0, 0, 0);
        let shown = self.user.online(&["tickets"]);
        for ticket in self.user.wallet.tickets().unwrap().iter().filter(|it| tickets.contains(&it.id)) {
            let ending = ticket.ending.expect("every ticket came to an end");
            let row = shown.as_array().unwrap().iter().find(|row| row["id"] == ticket.id.to_string()).unwrap();
            assert_eq!(row["paid"], ending.paid.atoms(), "{row}");
            match ending.how {
                TicketState::Voted => {
                    let vote = self.user.wallet.transaction(&ending.id).unwrap().unwrap();
                    let bits = Vote::read(&vote).unwrap().ballot.bits.bits;
                    let expected = if ticket.id == tickets[0] { APPROVES_AND_NO } else { APPROVES_AND_YES };
                    assert_eq!(bits, expected, "{bits:b}");
                    voted += 1;
                    yes += usize::from(bits == APPROVES_AND_YES);
                    no += usize::from(bits == APPROVES_AND_NO);
                    assert!(ending.paid > ticket.price, "{row}");
                }
                TicketState::Expired => assert_eq!(ending.paid, ticket.price, "{row}"),
                how => panic!("{how:?}: {row}"),
            }
        }
        println!(
            "{voted} of {TICKETS} tickets were voted by VSPs, {yes} with yes, {no} with no; {} expired",
            TICKETS - voted
        );
        assert!(voted > TICKETS / 2 && yes + no == voted);
    }
}
