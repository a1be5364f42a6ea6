//! Dishonest VSPs: each is refused by name, and nothing is paid.

use std::time::Duration;

use dcrcold::wallet::vsp_tickets::VspState;
use dcrcold_signer::percent::Percent;
use serde_json::json;

use crate::vsp::http::{Fault, TestVsp};
use crate::world::World;

fn ready() -> (World, TestVsp) {
    let (world, vsp, _) = World::with_tickets(&[200], 2);
    (world, vsp)
}

/// No fee was written down, none was handed over, and no coin of the purse is spoken for.
fn nothing_paid(world: &World, vsp: &TestVsp) {
    assert!(world.rows(vsp).iter().all(|row| row.payment.is_none()));
    assert!(world.fee_transactions(vsp).is_empty());
    assert_eq!(world.wallet.purse().unwrap().in_fees.atoms(), 0);
    assert_eq!(vsp.served("payfee"), 0);
}

#[test]
fn a_dishonest_fee_is_refused_by_name() {
    let cases = [
        ("an inflated fee", Fault::Lie("feeamount", json!(15_000_000)), "0.50 % make"),
        ("a fee above the limit", Fault::Lie("feeamount", json!(3_000_000_000_u64)), "the limit is 0.30000000 DCR"),
        ("a negative fee", Fault::Lie("feeamount", json!(-1)), "fee of the VSP is -1 atoms"),
        (
            "an address of mainnet",
            Fault::Lie("feeaddress", json!("DsUZxxoHJSty8DCfwfartwTYbuhmVct7tJu")),
            "fee address",
        ),
        (
            "an address of testnet",
            Fault::Lie("feeaddress", json!("TsmWaPM77WSyA3aiQ2Q1KnwGDVWvEkhipBc")),
            "fee address",
        ),
        ("the echo of another request", Fault::WrongEcho, "answers another request"),
        ("a replayed response", Fault::Replay, "answers another request"),
        ("a response under another key", Fault::OtherKey, "is not signed with the key"),
        ("an altered response", Fault::Altered, "is not signed with the key"),
        ("an oversized body", Fault::Oversized(8 << 20), "is longer than"),
        ("a slow drip", Fault::Drip(Duration::from_millis(50)), "cannot be reached"),
        ("a redirection", Fault::Redirect("http://127.0.0.1:9/".to_owned()), "status 307 and no signature"),
    ];
    let count = cases.len();
    let (mut world, mut vsp) = ready();
    for (name, fault, expected) in cases {
        if matches!(fault, Fault::Replay) {
            (world, vsp) = ready();
        }
        for _ in 0..2 {
            vsp.fault("feeaddress", fault.clone());
        }
        world.advance(&vsp).unwrap();
        let troubles = world.troubles(&vsp);
        assert_eq!(troubles.len(), 2, "{name}");
        assert!(troubles.iter().all(|trouble| trouble.contains(expected)), "{name}: {troubles:?}");
        nothing_paid(&world, &vsp);
    }
    println!("dishonest fees: {count} cases");
}

#[test]
fn another_key_is_refused_before_anything_is_asked() {
    let (mut world, vsp) = ready();
    let pinned = vsp.key();
    let client = World::client(&vsp);
    vsp.change_key(9);
    let error = world.advance_with(&vsp, &client, false).unwrap_err().to_string();
    assert!(error.contains(&format!("and had {pinned} before")), "{error}");
    assert_eq!(vsp.served("setaltsignaddr"), 0);
    nothing_paid(&world, &vsp);
    let error = world.wallet.use_vsp(&vsp.address(), &vsp.key(), Percent::from_hundredths(50), &world.clock);
    assert!(error.unwrap_err().to_string().contains(&format!("and had {pinned} before")));
}

#[test]
fn a_percentage_that_rose_is_not_paid_until_it_is_accepted() {
    let (mut world, vsp) = ready();
    vsp.rules(|rules| rules.hundredths = 52);
    world.advance(&vsp).unwrap();
    let troubles = world.troubles(&vsp);
    assert_eq!(troubles[0], "the VSP asks for 0.52 % now, accepted were 0.50 %");
    nothing_paid(&world, &vsp);
    world.choose(&vsp);
    world.advance(&vsp).unwrap();
    assert!(world.rows(&vsp).iter().all(|row| row.state == VspState::FeePaid));
}

#[test]
fn a_vsp_that_says_less_than_it_takes_is_held_against_the_accepted_percentage() {
    let (mut world, vsp) = ready();
    // It says half a percent in its description, and asks for twice that.
    vsp.rules(|rules| rules.hundredths = 100);
    vsp.fault("vspinfo", Fault::Lie("feepercentage", json!(0.5)));
    world.advance(&vsp).unwrap();
    let troubles = world.troubles(&vsp);
    assert!(troubles.iter().all(|trouble| trouble.contains("0.50 % make")), "{troubles:?}");
    nothing_paid(&world, &vsp);
}

#[test]
fn a_vsp_that_repeats_the_voting_key_brings_it_into_no_file() {
    let (mut world, vsp) = ready();
    let key = world.keys.wif(dcrcold_core::path::Index::FIRST).unwrap().to_text().to_string();
    vsp.fault("payfee", Fault::Lie("message", json!(format!("thank you for {key}"))));
    vsp.fault("payfee", Fault::Lie("message", json!(format!("thank you for {key}"))));
    world.advance(&vsp).unwrap();
    let path = world.fixture.path("wallet.db");
    let files = ["", "-wal"].map(|end| std::fs::read(format!("{}{end}", path.display())).unwrap_or_default());
    for bytes in files {
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()));
    }
}

#[test]
fn a_refusal_that_repeats_the_voting_key_brings_it_into_no_file_and_on_no_screen() {
    let (mut world, vsp) = ready();
    let key = world.keys.wif(dcrcold_core::path::Index::FIRST).unwrap().to_text().to_string();
    let message: &'static str = Box::leak(format!("invalid key {key}").into_boxed_str());
    vsp.fault("payfee", Fault::Refuses(crate::vsp::rules::Refusal(11, 400, message)));
    world.advance(&vsp).unwrap();
    let troubles = world.troubles(&vsp);
    assert!(troubles[0].contains("invalid key") && !troubles[0].contains(&key), "{troubles:?}");
    // It has the key from now on, and may say it anywhere.
    world.advance(&vsp).unwrap();
    for (name, value) in [("feetxstatus", key.clone().into()), ("votechoices", serde_json::json!({ "a": key }))] {
        vsp.fault("ticketstatus", Fault::Lie(name, value));
        world.advance(&vsp).unwrap();
    }
    let path = world.fixture.path("wallet.db");
    let files = ["", "-wal"].map(|end| std::fs::read(format!("{}{end}", path.display())).unwrap_or_default());
    let found = files.iter().any(|bytes| bytes.windows(key.len()).any(|window| window == key.as_bytes()));
    assert!(!found && files[0].len() + files[1].len() > 100_000);
}
