//! Addresses handed out.

use dcrcold::wallet::{Receive, WalletError};

use crate::chain::TestChain;
use crate::fixture::{Fixture, StoppedClock, sync};

#[test]
fn an_address_is_handed_out_until_it_is_paid() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let mut wallet = fixture.wallet("w");
    let index =
        |wallet: &mut dcrcold::wallet::Wallet, which| wallet.receive(which, &StoppedClock).unwrap().0.index.number();
    assert_eq!(index(&mut wallet, Receive::Current), 0);
    assert_eq!(index(&mut wallet, Receive::Current), 0);
    assert_eq!(index(&mut wallet, Receive::New), 1);
    assert_eq!(index(&mut wallet, Receive::Current), 1);
    let paid = chain.payment(&[(fixture.external(1), 5)]);
    chain.mine(vec![paid], vec![]);
    sync(&mut wallet, &mut chain);
    assert_eq!(index(&mut wallet, Receive::Current), 2);
}

#[test]
fn no_address_is_handed_out_that_a_restore_would_not_find() {
    let fixture = Fixture::new();
    let mut wallet = fixture.wallet("w");
    for _ in 0..20 {
        wallet.receive(Receive::New, &StoppedClock).unwrap();
    }
    assert!(matches!(wallet.receive(Receive::New, &StoppedClock), Err(WalletError::AddressGap { limit: 20 })));
    assert_eq!(wallet.receive(Receive::Current, &StoppedClock).unwrap().0.index.number(), 19);
}
