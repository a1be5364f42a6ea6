//! A sync that is cut off goes on where it was.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use dcrcold::chain::{ChainError, ChainSource};
use dcrcold::wallet::{Wallet, WalletError};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation, Index, VoterAccount};
use dcrcold_signer::tx::{OutPoint, Tree};
use dcrcold_signer::voter::{VoterKeys, VoterSecrets};

use crate::between::{Between, Through};
use crate::chain::{Fault, STRANGER, TestChain, amount};
use crate::fixture::{Fixture, StoppedClock, contents, sign, state, sync, try_sync};
use crate::observed::{Call, Observed};
use crate::order::order;
use crate::purchases::{container, prepare, wallet_with};

/// Sixty blocks with payments, spends, tickets and growing windows.
fn busy_chain(fixture: &Fixture) -> TestChain {
    let mut chain = TestChain::new();
    let mut coin = None;
    for step in 0..60_u32 {
        let mut regular = vec![];
        let mut stake = vec![];
        match step % 5 {
            0 => {
                let paid = chain.payment(&[(fixture.external(step * 4), 100_000 + u64::from(step))]);
                coin = Some(OutPoint { id: paid.id(), index: 0, tree: Tree::Regular });
                regular.push(paid);
            }
            2 => {
                let spent = chain.spend(&[coin.unwrap()], &[(STRANGER, 1), (fixture.internal(step), 90_000)]);
                coin = Some(OutPoint { id: spent.id(), index: 1, tree: Tree::Regular });
                regular.push(spent);
            }
            4 => stake.push(chain.ticket(coin.unwrap(), 80_000, fixture.internal(step + 1))),
            _ => {}
        }
        chain.mine(regular, stake);
    }
    chain
}

#[test]
fn a_sync_cut_off_after_any_call_ends_in_the_same_state() {
    let fixture = Fixture::new();
    let mut chain = busy_chain(&fixture);
    let mut whole = fixture.wallet("whole");
    sync(&mut whole, &mut chain);
    let (mut most, mut cuts) = (1, 0);
    loop {
        let name = format!("cut {most}");
        drop(fixture.wallet(&name));
        let mut interrupted = 0;
        loop {
            let mut wallet = Wallet::open(&fixture.path(&name)).unwrap();
            // One more call each time, or a sync that needs several calls in a row could never end.
            let mut cut = busy_chain(&fixture);
            cut.fault = Fault::CallsAfter(most + interrupted);
            match try_sync(&mut wallet, &mut cut) {
                Ok(_) => break,
                Err(WalletError::Chain(_)) => interrupted += 1,
                Err(other) => panic!("{other}"),
            }
        }
        let wallet = Wallet::open(&fixture.path(&name)).unwrap();
        assert_eq!(state(&wallet), state(&whole), "{most} calls at first");
        cuts += interrupted;
        if interrupted == 0 {
            break;
        }
        most += 1;
    }
    println!("{cuts} interruptions survived");
    assert!(cuts > 100);
}

#[test]
fn a_wallet_that_follows_block_by_block_knows_the_same() {
    let fixture = Fixture::new();
    let whole_chain = busy_chain(&fixture);
    let mut at_once = fixture.wallet("at once");
    let mut step_by_step = fixture.wallet("step by step");
    for height in 1..=60 {
        let mut chain = busy_chain(&fixture);
        chain.rewind(60 - height);
        sync(&mut step_by_step, &mut chain);
        assert_eq!(step_by_step.height().unwrap(), Height(height));
    }
    let mut whole_chain = whole_chain;
    sync(&mut at_once, &mut whole_chain);
    assert_eq!(state(&step_by_step), state(&at_once));
}

#[test]
fn two_processes_on_one_wallet_end_in_the_same_state() {
    let fixture = Fixture::new();
    let mut chain = busy_chain(&fixture);
    let mut alone = fixture.wallet("alone");
    sync(&mut alone, &mut chain);
    drop(fixture.wallet("shared"));
    let path = fixture.path("shared");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (path, fixture) = (path.clone(), Fixture::new());
            std::thread::spawn(move || {
                let mut chain = busy_chain(&fixture);
                let mut wallet = Wallet::open(&path).unwrap();
                sync(&mut wallet, &mut chain);
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(state(&Wallet::open(&path).unwrap()), state(&alone));
}

/// A source that lets another process sync to another branch just before it hands out filters, and then fails.
struct Overtaken {
    chain: TestChain,
    other: Option<(Wallet, TestChain)>,
}

impl Between for Overtaken {
    type Source = TestChain;

    fn source(&mut self) -> Result<&mut TestChain, ChainError> {
        Ok(&mut self.chain)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        let filters = self.chain.filters(blocks)?;
        if let Some((mut wallet, mut chain)) = self.other.take() {
            sync(&mut wallet, &mut chain);
            // The block that is fetched next still comes, nothing after it.
            self.chain.cut_after(1);
        }
        Ok(filters)
    }
}

#[test]
fn what_another_process_wrote_meanwhile_is_not_mixed_with_an_older_branch() {
    let fixture = Fixture::new();
    let branch = |paid: bool| {
        let mut chain = TestChain::new();
        chain.mine_empty(20);
        let payment = chain.payment(&[(fixture.external(0), 100)]);
        chain.mine(if paid { vec![payment] } else { vec![] }, vec![]);
        chain.mine_empty(if paid { 5 } else { 7 });
        chain
    };
    let mut first = fixture.wallet("shared");
    let second = Wallet::open(&fixture.path("shared")).unwrap();
    let mut source = Through(Overtaken { chain: branch(true), other: Some((second, branch(false))) });
    let outcome = first.sync(&mut source, &StoppedClock, &mut |_| {});
    assert!(matches!(outcome, Err(WalletError::Chain(_))), "{outcome:?}");
    let mut alone = fixture.wallet("alone");
    sync(&mut alone, &mut branch(false));
    assert_eq!(state(&first), state(&alone));
}

#[test]
fn a_wallet_is_opened_and_read_while_another_process_writes() {
    let fixture = Fixture::new();
    drop(fixture.wallet("w"));
    let other = rusqlite::Connection::open(fixture.path("w")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; UPDATE sync SET scanned = 5").unwrap();
    let wallet = Wallet::open(&fixture.path("w")).unwrap();
    assert_eq!(wallet.height().unwrap(), Height(0));
    assert!(wallet.coins().unwrap().is_empty());
}

#[test]
fn a_wallet_is_never_seen_half_made() {
    let fixture = Fixture::new();
    let paths: Vec<_> = (0..20).map(|number| fixture.path(&format!("w {number}"))).collect();
    let watcher = std::thread::spawn(move || {
        for path in paths {
            loop {
                match Wallet::open(&path) {
                    Ok(_) => break,
                    Err(WalletError::Missing { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        }
    });
    for number in 0..20 {
        drop(fixture.wallet(&format!("w {number}")));
    }
    watcher.join().unwrap();
    let left = std::fs::read_dir(fixture.folder.path()).unwrap();
    let strange = left.filter(|entry| !entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("w "));
    assert_eq!(strange.count(), 0);
}

/// Keeps the files of a wallet as a power cut would leave them.
fn keep(wallet: &Path, copy: &Path) {
    for suffix in ["", "-wal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        if name(wallet).exists() {
            std::fs::copy(name(wallet), name(copy)).unwrap();
        }
    }
}

#[test]
fn a_sync_killed_at_any_moment_goes_on_from_what_is_on_the_disk() {
    let fixture = Fixture::new();
    let mut chain = busy_chain(&fixture);
    let mut whole = fixture.wallet("whole");
    sync(&mut whole, &mut chain);
    let mut killed = fixture.wallet("killed");
    let copies = Cell::new(0);
    let copy = || {
        keep(&fixture.path("killed"), &fixture.path(&format!("copy {}", copies.get())));
        copies.set(copies.get() + 1);
    };
    let mut source = Observed::new(&mut chain, |_| copy());
    killed.sync(&mut source, &StoppedClock, &mut |_| copy()).unwrap();
    drop(source);
    for number in 0..copies.get() {
        let mut wallet = Wallet::open(&fixture.path(&format!("copy {number}"))).unwrap();
        sync(&mut wallet, &mut chain);
        assert_eq!(state(&wallet), state(&whole), "copy {number}");
    }
    println!("{} moments at which a sync was killed", copies.get());
    assert!(copies.get() > 40);
}

/// The most filters asked for at once, and the most blocks fetched before anything of them is written down.
fn most_held(blocks: u32) -> (usize, u32) {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    for height in 0..blocks {
        let paid = (height % 3 > 0).then(|| chain.payment(&[(fixture.external(height % 40), 9)]));
        chain.mine(paid.into_iter().collect(), vec![]);
    }
    let (most_filters, fetched, most_fetched) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut source = Observed::new(&mut chain, |call| match call {
        Call::Filters(count) => most_filters.set(most_filters.get().max(count)),
        Call::Block => {
            fetched.set(fetched.get() + 1);
            most_fetched.set(most_fetched.get().max(fetched.get()));
        }
        _ => {}
    });
    fixture.wallet("w").sync(&mut source, &StoppedClock, &mut |_| fetched.set(0)).unwrap();
    drop(source);
    (most_filters.get(), most_fetched.get())
}

#[test]
fn as_much_is_held_at_once_for_a_long_chain_as_for_a_short_one() {
    assert_eq!(most_held(300), (200, 16));
    assert_eq!(most_held(2500), (200, 16));
}

fn voter(seed: u8, generation: Generation) -> VoterKeys {
    let coin_type = CoinType::standard(Network::Simnet);
    let (master, name) = (contents(seed).master().unwrap(), "other".parse().unwrap());
    VoterSecrets::derive(&master, coin_type, Account::FIRST, generation, name).unwrap().public()
}

/// While blocks are fetched, another process makes a voter known and searches for its purse as far as blocks were searched.
#[test]
fn what_another_process_looks_for_meanwhile_is_looked_for_in_the_blocks_at_hand_too() {
    let (fixture, voter) = (Fixture::new(), voter(8, Generation::FIRST));
    let mut chain = TestChain::new();
    chain.mine_empty(20);
    let mut wallet = fixture.wallet("shared");
    sync(&mut wallet, &mut chain);
    let purse = voter.hash(VoterAccount::Purse, Index::FIRST).unwrap();
    let paid = [purse, fixture.external(0)].map(|hash| chain.payment(&[(hash, 70_000)]));
    paid.into_iter().for_each(|payment| chain.mine(vec![payment], vec![]));
    let (mut other, mut short) = (Wallet::open(&fixture.path("shared")).unwrap(), TestChain::new());
    short.mine_empty(20);
    let mut times = 0;
    let mut source = Observed::new(&mut chain, |call| {
        if call == Call::Block && times == 0 {
            other.add_voter(&voter, &StoppedClock).unwrap();
            // It is cut off before it comes to the blocks that the first one fetches.
            assert!(try_sync(&mut other, &mut short).is_err());
            times += 1;
        }
    });
    wallet.sync(&mut source, &StoppedClock, &mut |_| {}).unwrap();
    drop(source);
    assert_eq!((times, wallet.height().unwrap()), (1, Height(22)));
    assert_eq!(wallet.balance().unwrap().spendable, amount(70_000));
    assert_eq!(wallet.purse_of(&voter.fingerprint(Network::Simnet)).unwrap(), amount(70_000));
}

/// A process that runs for long, such as `auto`, must not go on naming a voter whose keys leaked.
#[test]
fn a_voter_that_another_process_rotated_is_the_one_that_purchases_name() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[1_000_000]);
    let generation = Generation::new(1).unwrap();
    let mut other = Wallet::open(&fixture.path("w")).unwrap();
    let next = other.rotate_own_voter(generation, &voter(7, generation), &StoppedClock).unwrap();
    sync(&mut wallet, &mut chain);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    assert_eq!(wallet.purchases().unwrap()[0].voter.map(|(voter, _)| voter), Some(next));
    let voters: Vec<_> = wallet.voters().unwrap().iter().map(|it| it.fingerprint(Network::Simnet)).collect();
    assert_eq!((voters.len(), voters[0]), (2, next), "the one before stays known");
    wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
}
