//! Sources that lie: each is refused by name, and the wallet stays as it was.

use dcrcold::chain::BlockId;
use dcrcold::chain::headers::{HeaderChain, HeaderError};
use dcrcold::wallet::WalletError;
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::tx::RawValue;

use crate::chain::{Fault, TestChain};
use crate::fixture::{Fixture, sync, try_sync};

fn paid_chain(fixture: &Fixture) -> TestChain {
    let mut chain = TestChain::new();
    let paid = chain.payment(&[(fixture.external(0), 100)]);
    chain.mine(vec![], vec![]);
    chain.mine(vec![paid], vec![]);
    chain
}

fn refused_with(fault: Fault) -> WalletError {
    let fixture = Fixture::new();
    let mut chain = paid_chain(&fixture);
    let mut wallet = fixture.wallet("w");
    chain.fault = fault;
    let error = try_sync(&mut wallet, &mut chain).unwrap_err();
    assert!(wallet.coins().unwrap().is_empty());
    chain.fault = Fault::None;
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.coins().unwrap().len(), 1, "an honest source helps after a lie");
    error
}

#[test]
fn a_filter_that_hides_a_payment_is_refused() {
    assert!(matches!(refused_with(Fault::FilterForged), WalletError::Commitment(_)));
}

#[test]
fn a_filter_that_is_left_out_is_missed() {
    assert!(matches!(refused_with(Fault::FilterMissing), WalletError::FilterCount { found: 1, expected: 2 }));
}

#[test]
fn another_block_than_asked_for_is_refused() {
    assert!(matches!(refused_with(Fault::OtherBlock), WalletError::OtherBlock { .. }));
}

#[test]
fn a_block_without_one_of_its_transactions_is_refused() {
    assert!(matches!(refused_with(Fault::BlockCut), WalletError::Block { .. }));
}

#[test]
fn a_source_of_another_network_is_refused() {
    let fixture = Fixture::new();
    let mut chain = paid_chain(&fixture);
    let mut wallet = fixture.wallet("w");
    chain.network = Network::Testnet3;
    let error = try_sync(&mut wallet, &mut chain).unwrap_err();
    assert_eq!(error.to_string(), "the chain is testnet3, the wallet is for simnet");
}

/// Spoils the header after a chain of 200 blocks and says what it is refused for.
fn refused_header(spoil: impl Fn(&mut BlockHeader)) -> HeaderError {
    let mut chain = TestChain::new();
    chain.mine_empty(201);
    let mut headers = HeaderChain::genesis(Network::Simnet);
    let now = i64::from(chain.header(201).timestamp) + 10;
    for height in 1..=200 {
        headers.push(chain.header(height), now).unwrap();
    }
    let mut header = chain.header(201).clone();
    spoil(&mut header);
    let error = headers.push(&header, now).unwrap_err();
    headers.push(chain.header(201), now).unwrap();
    error
}

/// A rule's name, how a header breaks it, and whether that is the error.
type Case = (&'static str, fn(&mut BlockHeader), fn(&HeaderError) -> bool);

#[test]
fn a_header_that_breaks_a_rule_is_refused_by_that_rule() {
    let cases: [Case; 9] = [
        ("parent", |header| header.previous = header.id(), |e| matches!(e, HeaderError::Previous { .. })),
        ("height", |header| header.height.0 += 1, |e| matches!(e, HeaderError::Height { .. })),
        ("bits", |header| header.bits.0 -= 1, |e| matches!(e, HeaderError::Bits { .. })),
        ("work", fail_work, |e| matches!(e, HeaderError::Work { .. })),
        ("price", raise_price, |e| matches!(e, HeaderError::Price { .. })),
        ("old", |header| header.timestamp -= 7, |e| matches!(e, HeaderError::TooOld { .. })),
        ("new", |header| header.timestamp += 7300, |e| matches!(e, HeaderError::TooNew { .. })),
        ("voters", |header| header.voters = 2, |e| matches!(e, HeaderError::Voters { found: 2 })),
        ("tickets", |header| header.fresh_stake = 21, |e| matches!(e, HeaderError::FreshStake { found: 21 })),
    ];
    for (name, spoil, expected) in cases {
        let error = refused_header(spoil);
        assert!(expected(&error), "{name}: {error}");
    }
}

/// Counts the nonce up until the work is not enough.
fn fail_work(header: &mut BlockHeader) {
    use dcrcold::chain::work::{Target, work_hash};
    let target = Target::from_compact(header.bits).unwrap();
    while target.is_met_by(&work_hash(&header.encode())) {
        header.nonce += 1;
    }
}

/// Claims another price, with enough work for it.
fn raise_price(header: &mut BlockHeader) {
    use dcrcold::chain::work::{Target, work_hash};
    header.sbits = RawValue(header.sbits.0 + 1);
    let target = Target::from_compact(header.bits).unwrap();
    while !target.is_met_by(&work_hash(&header.encode())) {
        header.nonce += 1;
    }
}

#[test]
fn a_header_before_voting_that_disapproves_is_refused() {
    let mut chain = TestChain::new();
    chain.mine_empty(20);
    chain.mine_judging(vec![], vec![], 0);
    let fixture = Fixture::new();
    match try_sync(&mut fixture.wallet("w"), &mut chain) {
        Err(WalletError::Header { source: HeaderError::VoteBits { found: 0 }, .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_chain_without_the_block_that_every_node_assumes_valid_is_refused() {
    for (network, height) in [(Network::Mainnet, 1_026_597), (Network::Testnet3, 1_780_540)] {
        let mut chain = TestChain::new();
        chain.mine_empty(1);
        let mut header = chain.header(1).clone();
        header.height = Height(height);
        let parent = BlockId { hash: header.previous, height: Height(height - 1) };
        let error = HeaderChain::at(network, parent, None).push(&header, i64::MAX).unwrap_err();
        assert!(matches!(error, HeaderError::Checkpoint { .. }), "{error}");
    }
}
