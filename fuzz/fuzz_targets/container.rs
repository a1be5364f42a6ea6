//! A transfer of any kind: what reads must write the same bytes again.
#![no_main]

use dcrcold_signer::transfer::{Answer, Container, Content, Kind, WatchExport, plain_form};
use dcrcold_signer::voter::VoterKeys;
use libfuzzer_sys::fuzz_target;

fn same<T: Content>(container: &Container) {
    if let Ok(content) = T::from_container(container) {
        let again = content.to_container(container.network()).expect("what was read fits");
        assert_eq!(&again, container);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let parsed = Container::parse(bytes);
    let plain = plain_form(bytes);
    let Ok(container) = parsed else { return };
    assert_eq!(plain.expect("what parses has a plain form"), container.encode());
    assert_eq!(Container::parse(&container.encode_deflated()).as_ref(), Ok(&container));
    match container.kind() {
        Kind::Answer => same::<Answer>(&container),
        Kind::WatchExport => same::<WatchExport>(&container),
        Kind::VoterExport => same::<VoterKeys>(&container),
        _ => (),
    }
});
