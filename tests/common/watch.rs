//! What wallets are made from.

use dcrcold_core::path::Generation;
use dcrcold_signer::keystore::Contents;
use dcrcold_signer::transfer::{Capacity, OwnVoter, WatchExport};
use dcrcold_signer::voter::own_accounts;

/// The watch export of the first account, with its first own voter.
pub(crate) fn watch_export(cold: &Contents) -> WatchExport {
    let (entry, master) = (&cold.accounts()[0], cold.master().unwrap());
    let account = cold.path(entry.account);
    let voter = own_accounts(&master, account.coin_type, account.account, Generation::FIRST).unwrap();
    WatchExport {
        account,
        key: *master.account(account).unwrap().public().node(),
        parent_fingerprint: [0; 4],
        derivation: cold.derivation(),
        own_voter: Some(OwnVoter {
            generation: Generation::FIRST,
            accounts: voter.each_ref().map(|key| *key.public().node()),
        }),
        capacity: Capacity::HOST,
        name: entry.name.clone(),
        birthday: None,
    }
}
