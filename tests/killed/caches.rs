//! What the doctor sees of files that were fetched or that others write: damage that is there, and none that is not.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use dcrcold::chain::ChainSource;
use dcrcold::chain::spv::headers::Headers;
use dcrcold::doctor::{self, Report};
use dcrcold_core::net::Network;
use rusqlite::Connection;
use serde_json::Value;

use crate::world::{World, prose, said};

/// Headers of which only the last thousand are looked at when peers are asked.
const MANY: u32 = 1_300;

impl World {
    fn in_now(&self, name: &str) -> PathBuf {
        self.path("now").join(name)
    }

    /// What the doctor looked at, the kinds of what it found, and its exit code.
    fn looked(&self, options: &[&str]) -> (Vec<String>, Vec<String>, i32) {
        let (code, shown, told) = self.run("now", &[&["--json", "doctor", "--offline"], options].concat());
        let report: Value = serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{told}"));
        let examined = report["examined"].as_array().unwrap().iter().map(|what| what.as_str().unwrap().to_owned());
        let found = report["findings"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned());
        (examined.collect(), found.collect(), code)
    }
}

fn calm() -> World {
    let world = World::without_request();
    world.copy("base", "now");
    world
}

#[test]
fn every_header_of_peers_is_looked_at() {
    let world = calm();
    world.sim("now").mine(MANY).unwrap();
    let headers = world.sim("now").headers_after(&[]).unwrap();
    let path = world.in_now("wallet.db-headers-simnet");
    Headers::open(&path, Network::Simnet).unwrap().add(&headers, i64::MAX).unwrap();
    let (examined, found, _) = world.looked(&[]);
    let line = examined.iter().find(|line| line.starts_with("headers of peers")).unwrap();
    let tip = headers.last().unwrap().height;
    assert!(line.ends_with(&format!(" kB, to block {tip}")) && found.is_empty(), "{line}: {found:?}");

    let damages = [
        "UPDATE header SET bytes = zeroblob(180) WHERE height = 50",
        "DELETE FROM header WHERE height = 51",
        "UPDATE header SET hash = zeroblob(32) WHERE height = 52",
        "UPDATE chain SET work = zeroblob(32)",
    ];
    let whole = fs::read(&path).unwrap();
    for damage in damages {
        fs::write(&path, &whole).unwrap();
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let (_, found, code) = world.looked(&[]);
        assert_eq!((found, code), (vec!["cache-damaged".to_owned()], 0), "{damage}");
    }
    println!("headers of peers: {} of {tip} blocks, each damage found", damages.len());
}

#[test]
fn addresses_of_peers_that_are_damaged_are_told_and_cost_nothing() {
    let world = calm();
    let path = world.in_now("wallet.db-peers-simnet");
    fs::write(&path, "dcrcold peers 1\nnetwork simnet\npeer 8.8.8.8:9108 0 0\nchecksum 00\n").unwrap();
    let (_, found, code) = world.looked(&[]);
    assert_eq!((found, code), (vec!["peers-damaged".to_owned()], 0));
    let (code, shown, _) = world.run("now", &["doctor", "--offline", "--repair"]);
    let shown = prose(&shown);
    assert!(shown.contains("note: wallet.db-peers-simnet: the addresses of peers are damaged"), "{shown}");
    assert!(code == 0 && shown.contains("hint: it was removed; nothing is lost") && !path.exists(), "{shown}");
    assert!(world.looked(&[]).1.is_empty());
}

#[test]
fn a_filter_or_header_of_the_wallet_that_is_not_as_written_is_damage() {
    let world = calm();
    let (examined, found, _) = world.looked(&[]);
    assert!(
        found.is_empty() && examined.contains(&"242 headers and 242 filters of the wallet".to_owned()),
        "{examined:?}"
    );
    let damages = [
        ("UPDATE chain SET filter = x'00010203' WHERE height = 77", "the filter of block 77"),
        ("UPDATE chain SET hash = zeroblob(32) WHERE height = 78", "the header of block 78"),
        ("DELETE FROM chain WHERE height = 79", "the header of block 80"),
    ];
    for (damage, named) in damages {
        world.copy("base", "now");
        Connection::open(world.in_now("wallet.db")).unwrap().execute_batch(damage).unwrap();
        let (code, shown, _) = world.run("now", &["doctor", "--offline"]);
        assert!(code == 1 && prose(&shown).contains(named), "{damage}: {shown}");
    }
}

#[test]
fn a_wallet_is_found_whatever_its_folder_is_called() {
    let world = World::without_request();
    let names = ["Sparbücher", "100% #1?immutable=0", "a b&c=d;e", "~", "file:x"];
    for name in names {
        world.copy("base", name);
        let path = world.path(name).join("wallet.db");
        for wallet in ["wallet.db", path.to_str().unwrap(), &format!("/{}", path.display())] {
            let fixed = ["--wallet", wallet, "--source", "sim:net"];
            let output = world.command(name, None, &fixed, &["doctor", "--offline"]).output().unwrap();
            let (code, shown, told) = said(&output);
            assert!(code == 0 && shown.contains("0 problems"), "{wallet}: {shown}{told}");
        }
    }
    println!("folders: {}, each by 3 names", names.len());
}

#[test]
fn a_wallet_that_is_written_meanwhile_is_not_taken_for_damaged() {
    const LOOKS: u32 = 60;
    const MUCH: &str = "CREATE TABLE much (number INTEGER PRIMARY KEY, bytes BLOB);
        WITH RECURSIVE to_many (number) AS (VALUES (1) UNION ALL SELECT number + 1 FROM to_many WHERE number < 300)
        INSERT INTO much SELECT number, randomblob(1500) FROM to_many; DROP TABLE much;";
    let world = calm();
    let path = world.in_now("wallet.db");
    let done = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0_u32;
            while !done.load(Ordering::Relaxed) {
                // Closing it puts what was written into the file itself, a page at a time.
                let db = Connection::open(&path).unwrap();
                db.execute_batch(MUCH).unwrap();
                drop(db);
                std::thread::sleep(std::time::Duration::from_millis(u64::from(written % 7) * 10));
                written += 1;
            }
            written
        });
        let failed: Vec<_> = (0..LOOKS)
            .filter_map(|_| {
                let mut report = Report::default();
                doctor::examine_file(&path, &mut report).is_none().then_some(report.findings)
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        assert!(failed.is_empty(), "{failed:?}");
        writer.join().unwrap()
    });
    println!("looks: {LOOKS} while it was written {written} times");
    assert!(written > 10, "{written}");
}
