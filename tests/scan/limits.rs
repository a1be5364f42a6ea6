//! What cannot be read, so that docs/qr.md is right about it.

use dcrcold_signer::qr::{Density, Picture};
use dcrcold_signer::scan::reader::Reader;
use dcrcold_simulator::camera::{Camera, Conditions, Screen};

use super::{codes, wide};

const CODES: usize = 8;

/// How many codes are read.
fn read(screen: impl Fn(&Picture) -> Screen, conditions: &Conditions) -> usize {
    let (mut camera, mut reader) = (Camera::new(wide(), 11), Reader::new());
    let codes = codes(Density::V20, CODES);
    let screens: Vec<Screen> = codes.iter().map(|(_, code)| screen(code)).collect();
    let before = screens.iter().cycle().skip(CODES - 1);
    let pictures =
        screens.iter().zip(before).map(|(screen, before)| camera.photograph(screen, Some(before), conditions));
    pictures.map(|picture| reader.read(&picture).len()).sum()
}

#[test]
fn what_cannot_be_read_is_known() {
    let margin = |modules| move |code: &Picture| Screen::of_code(code, modules);
    let contrast = |dark, light| Conditions { contrast: (dark, light), ..Conditions::CLEAN };
    let ghost = Conditions { ghost: 0.45, ..Conditions::CLEAN };
    let cases = [
        ("a margin of one module", 8, read(margin(1), &Conditions::CLEAN)),
        ("no margin in the dark", 0, read(margin(0), &Conditions::CLEAN)),
        ("white on black", 0, read(|code| Screen::of_code(code, 4).inverted(), &Conditions::CLEAN)),
        ("a contrast of 64 in 255", 8, read(margin(4), &contrast(90, 154))),
        ("a contrast of 20 in 255", 0, read(margin(4), &contrast(118, 138))),
        ("two frames, nearly half and half", 0, read(margin(4), &ghost)),
    ];
    for (name, _, found) in cases {
        println!("{name}: {found} of {CODES} read");
    }
    for (name, expected, found) in cases {
        assert_eq!(found, expected, "{name}");
    }
}
