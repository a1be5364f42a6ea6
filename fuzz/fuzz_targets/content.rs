//! The bodies that only hosts read, each behind a good header: answers, exports, hot keys once they are open.
#![no_main]

use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Answer, Container, Content, Kind, WatchExport, decode_hot_keys};
use dcrcold_signer::voter::VoterKeys;
use libfuzzer_sys::fuzz_target;

fn same<T: Content>(kind: Kind, network: Network, body: &[u8]) {
    let Ok(container) = Container::new(kind, network, body.to_vec()) else { return };
    if let Ok(content) = T::from_container(&container) {
        assert_eq!(content.to_container(network).expect("what was read fits"), container);
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let network = [Network::Mainnet, Network::Testnet3, Network::Simnet][usize::from(choice / 4 % 3)];
    match choice % 4 {
        0 => same::<Answer>(Kind::Answer, network, body),
        1 => same::<WatchExport>(Kind::WatchExport, network, body),
        2 => same::<VoterKeys>(Kind::VoterExport, network, body),
        _ => drop(decode_hot_keys(network, body)),
    }
});
