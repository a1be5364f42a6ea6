//! Streams of frames of which many are not seen.

use dcrcold_signer::qr::{Assembly, Density, Parts, Stream, SymbolId, Taken};

use crate::random::Random;
use crate::{complete, reread, transfer};

/// Shows frames until the transfer is there, of which `sees` tells whether the next is seen; how many were shown.
fn shown(parts: &mut Parts<'_>, density: Density, mut sees: impl FnMut() -> bool) -> (Assembly, usize) {
    let mut assembly: Option<Assembly> = None;
    for count in 1.. {
        let part = parts.next_at(density);
        if sees() {
            let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
            assembly.take(&part).unwrap();
        }
        if let Some(assembly) = assembly.take_if(|assembly| assembly.progress().is_complete()) {
            return (assembly, count);
        }
    }
    unreachable!("streams have no end");
}

#[test]
fn a_transfer_takes_its_source_frames_and_no_more_when_all_are_seen() {
    let mut random = Random(1);
    let mut cases = 0;
    for density in Density::ALL {
        for length in [48, 79, 80, 81, 159, 160, 161, 799, 800, 801, 5_000, 327_680] {
            let transfer = transfer(length, &mut random);
            let stream = Stream::new(transfer.encode()).unwrap();
            let (assembly, count) = shown(&mut stream.parts(), density, || true);
            assert_eq!(count, stream.source_symbols().div_ceil(density.symbols()));
            assert_eq!(complete(&assembly), transfer);
            cases += 1;
        }
    }
    println!("{cases} transfers");
    assert_eq!(cases, 72);
}

#[test]
fn any_symbols_suffice_and_progress_is_their_rank() {
    let mut random = Random(2);
    let (mut cases, mut extra, mut symbols) = (0, 0, 0);
    for case in 0..200 {
        let transfer = transfer(48 + random.below(6_000), &mut random);
        let stream = Stream::new(transfer.encode()).unwrap();
        let needed = stream.source_symbols();
        let mut assembly: Option<Assembly> = None;
        let mut taken = 0;
        while assembly.as_ref().is_none_or(|assembly| !assembly.progress().is_complete()) {
            let id = match random.below(3) {
                0 => random.below(needed),
                1 => needed + random.below(2 * needed),
                _ => needed + random.below(16_000_000),
            };
            let part = reread(one(&stream, id));
            let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
            let before = assembly.progress().symbols;
            let of_use = assembly.take(&part).unwrap() == Taken::New;
            assert_eq!(assembly.progress().symbols - before, usize::from(of_use));
            taken += usize::from(of_use || id >= needed);
            assert!(assembly.transfer().is_none() || assembly.progress().is_complete());
        }
        assert_eq!(complete(&assembly.unwrap()), transfer, "case {case}");
        // Source symbols that come twice say nothing; combinations should.
        extra += taken - needed;
        symbols += needed;
        cases += 1;
    }
    println!("{cases} transfers, {symbols} symbols, {extra} combinations of no use");
    assert_eq!(cases, 200);
    assert!(extra * 20 < symbols, "{extra} of {symbols}");
}

/// A frame with the one symbol of a number.
fn one(stream: &Stream, number: usize) -> dcrcold_signer::qr::Part {
    let id = SymbolId::new(u32::try_from(number).unwrap()).unwrap();
    stream.parts_from(id).next_with(1)
}

#[test]
fn density_may_change_at_any_frame() {
    let mut random = Random(3);
    let mut cases = 0;
    for _ in 0..60 {
        let transfer = transfer(48 + random.below(9_000), &mut random);
        let stream = Stream::new(transfer.encode()).unwrap();
        let mut parts = stream.parts();
        let first = parts.next_at(Density::V6);
        let mut assembly = Assembly::new(&first);
        while !assembly.progress().is_complete() {
            let part = reread(parts.next_at(random.one_of(&Density::ALL)));
            if random.below(3) > 0 {
                assembly.take(&part).unwrap();
            }
        }
        assert_eq!(complete(&assembly), transfer);
        cases += 1;
    }
    println!("{cases} transfers");
    assert_eq!(cases, 60);
}

#[test]
fn a_camera_that_sees_every_second_frame_finishes() {
    let mut random = Random(4);
    let mut cases = 0;
    for length in [900, 1_700, 4_096, 16_384] {
        for late in [0, 1, 5, 22, 200] {
            let transfer = transfer(length, &mut random);
            let stream = Stream::new(transfer.encode()).unwrap();
            let mut parts = stream.parts();
            (0..late).for_each(|_| drop(parts.next_at(Density::V20)));
            let mut turn = 0;
            let (assembly, count) = shown(&mut parts, Density::V20, || {
                turn += 1;
                turn % 2 == 0
            });
            assert_eq!(complete(&assembly), transfer);
            assert!(count <= 2 * (stream.source_symbols().div_ceil(10) + 1), "{length} late {late}: {count} frames");
            cases += 1;
        }
    }
    println!("{cases} transfers");
    assert_eq!(cases, 20);
}

/// `make qr-figures` counts the frames of a thousand runs, with bursts and late starts, beside other codes.
#[test]
fn a_receiver_needs_the_frames_that_hold_the_bytes_and_rarely_one_more() {
    let mut random = Random(5);
    let stream = Stream::new(transfer(65_536, &mut random).encode()).unwrap();
    let mut cases = 0;
    for lost in [0, 30, 50] {
        let mut seen = 0;
        let (_, shown) = shown(&mut stream.parts(), Density::V20, || {
            let sees = random.below(100) >= lost;
            seen += usize::from(sees);
            sees
        });
        println!("64 KB at version 20, {lost} % lost: {shown} frames shown, {seen} seen, of 82 that hold the bytes");
        assert!((82..=83).contains(&seen), "{seen} frames seen");
        cases += 1;
    }
    assert_eq!(cases, 3);
}
