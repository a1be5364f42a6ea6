//! Scans that end early and go on later.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use dcrcold_signer::qr::{Density, Stream};
use dcrcold_signer::receive::{KeepError, Keeper, MOST_KEPT, MOST_KEPT_BYTES, Notice, Seen, Session};
use tempfile::TempDir;

use super::{complete, needed, texts, transfer};

fn keeper(folder: &TempDir) -> Keeper {
    Keeper::new(folder.path().to_owned())
}

fn session(folder: &TempDir) -> Session {
    Session::new(Some(keeper(folder)))
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_scan_goes_on_where_it_was_left() {
    let (sent, density) = (transfer(20_000, 1), Density::V20);
    let (half, count) = (needed(&sent, density) / 2, needed(&sent, density));
    let shown = texts(&sent, density, count);
    let folder = tempfile::tempdir().unwrap();
    let mut first = session(&folder);
    assert_eq!(complete(&mut first, &shown[..half]), None);
    assert!(first.is_kept() && first.notice().is_none());
    let path = keeper(&folder).path_of(first.stream().unwrap());
    drop(first);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&path).unwrap(), shown[..half].join("\n") + "\n");

    let mut second = session(&folder);
    assert!(matches!(second.take(shown[half].as_bytes()).unwrap(), Seen::New));
    assert!(matches!(second.notice(), Some(Notice::Resumed(symbols)) if symbols == half * density.symbols()));
    assert_eq!(complete(&mut second, &shown[half + 1..]), Some(sent));
    second.forget();
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn a_whole_transfer_is_kept_until_it_was_put_to_use() {
    let (sent, density) = (transfer(3_000, 10), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let folder = tempfile::tempdir().unwrap();
    let mut first = session(&folder);
    assert_eq!(complete(&mut first, &shown), Some(sent.clone()));
    // As if the power was cut: whatever is shown then, all of it is there.
    drop(first);
    let mut second = session(&folder);
    assert_eq!(complete(&mut second, &shown[2..3]), Some(sent.clone()));
    assert!(matches!(second.notice(), Some(Notice::Resumed(38))));
    let kept = second.into_kept().unwrap();
    let mut third = session(&folder);
    assert_eq!(complete(&mut third, &shown[2..3]), None, "whoever puts it to use has it");
    kept.remove().unwrap();
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn a_line_that_a_power_cut_tore_is_all_that_is_lost() {
    let (sent, density) = (transfer(3_000, 2), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let folder = tempfile::tempdir().unwrap();
    complete(&mut session(&folder), &shown[..5]);
    let path = keeper(&folder).path_of(Stream::new(sent.encode()).unwrap().id());
    let whole = fs::read(&path).unwrap();
    let line = shown[4].len() + 1;
    let mut cases = 0;
    for cut in 1..line {
        fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        let mut again = session(&folder);
        assert!(matches!(again.take(shown[5].as_bytes()).unwrap(), Seen::New));
        assert!(matches!(again.notice(), Some(Notice::Resumed(12))), "{cut}");
        // The torn rest does not spoil what is written behind it.
        drop(again);
        let expected = [&shown[..4], &shown[5..6]].concat().join("\n") + "\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), expected, "{cut}");
        cases += 1;
    }
    println!("torn lines: {cases} cases");
    assert_eq!(cases, line - 1);
}

#[test]
fn a_transfer_that_was_whole_before_it_was_removed_comes_with_the_next_frame() {
    let (sent, density) = (transfer(3_000, 3), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density) + 1);
    let (last, before) = shown.split_last().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = keeper(&folder).path_of(Stream::new(sent.encode()).unwrap().id());
    fs::write(&path, before.join("\n") + "\n").unwrap();
    let mut session = session(&folder);
    assert!(matches!(session.take(last.as_bytes()).unwrap(), Seen::Complete(found) if found == sent));
    session.forget();
    assert!(!path.exists());
}

#[test]
fn turning_to_another_transfer_and_back_loses_nothing() {
    let density = Density::V10;
    let [a, b] = [4, 5].map(|seed| transfer(3_000, seed));
    let [shown_a, shown_b] = [&a, &b].map(|sent| texts(sent, density, needed(sent, density)));
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(&folder);
    complete(&mut session, &shown_a[..4]);
    assert!(session.turn().unwrap().is_none(), "no other was seen");
    complete(&mut session, &shown_b[..1]);
    assert!(matches!(session.turn().unwrap(), Some(Seen::New)));
    complete(&mut session, &shown_b[1..2]);
    complete(&mut session, &shown_a[4..5]);
    assert!(matches!(session.turn().unwrap(), Some(Seen::New)));
    assert_eq!(session.progress().unwrap().symbols, 15);
    assert_eq!(complete(&mut session, &shown_a[5..]), Some(a));
    session.forget();
    assert_eq!(files(folder.path()), 1, "that of the other");
}

#[test]
fn of_many_transfers_the_oldest_gives_way() {
    let folder = tempfile::tempdir().unwrap();
    let stranger = ["scan-1234.frames", "scan-0123456G.frames", "scan-01234567.frames.bak", "keystore"];
    for name in stranger {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    for seed in 0..20 {
        complete(&mut session(&folder), &texts(&transfer(3_000, 100 + seed), Density::V10, 1));
    }
    assert_eq!(files(folder.path()), MOST_KEPT + stranger.len());
    assert!(stranger.iter().all(|name| folder.path().join(name).exists()), "nothing else is touched");
}

#[test]
fn what_another_scan_keeps_does_not_give_way() {
    let (sent, density) = (transfer(3_000, 99), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let folder = tempfile::tempdir().unwrap();
    let mut first = session(&folder);
    complete(&mut first, &shown[..1]);
    let path = keeper(&folder).path_of(first.stream().unwrap());
    let scan_others = |seeds: Range<u64>| {
        for seed in seeds {
            complete(&mut session(&folder), &texts(&transfer(3_000, seed), density, 1));
        }
    };
    scan_others(100..120);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", shown[0]));
    assert_eq!(files(folder.path()), MOST_KEPT + 1, "it is one more than the others");
    complete(&mut first, &shown[1..2]);
    assert_eq!(fs::read_to_string(&path).unwrap(), shown[..2].join("\n") + "\n");
    drop(first);
    scan_others(200..220);
    assert!(files(folder.path()) == MOST_KEPT && !path.exists(), "nobody has it any more");
}

/// Puts something in the place of kept frames and scans; says what came of it.
fn with_kept(put: impl Fn(&Path, &[String], &[String])) -> (Option<Notice>, bool) {
    let density = Density::V10;
    let [sent, other] = [6, 7].map(|seed| transfer(3_000, seed));
    let [shown, others] = [&sent, &other].map(|sent| texts(sent, density, needed(sent, density)));
    let folder = tempfile::tempdir().unwrap();
    put(&keeper(&folder).path_of(Stream::new(sent.encode()).unwrap().id()), &shown, &others);
    let mut session = session(&folder);
    session.take(shown[0].as_bytes()).unwrap();
    let first = session.notice();
    let received = complete(&mut session, &[&shown[1..], &shown[..]].concat());
    (first.or_else(|| session.notice()), received == Some(sent))
}

/// Whoever can write beside the key store can write a file of kept frames.
#[test]
fn frames_kept_of_another_transfer_under_this_ones_name_are_not_taken() {
    let (notice, received) = with_kept(|path, _, others| fs::write(path, others.join("\n")).unwrap());
    assert!(notice.is_none() && received, "{notice:?}");
}

#[test]
fn kept_frames_that_lie_with_a_right_check_sum_cost_the_head_start_and_nothing_else() {
    let mut cases = 0;
    for symbol in [0, 1, 5, 20, 37] {
        for count in [1, 3] {
            let (notice, received) = with_kept(|path, shown, _| {
                let lies = crate::hostile::lying(&shown[0], symbol, count);
                fs::write(path, lies + "\n").unwrap();
            });
            assert!(received, "{symbol} {count}: {notice:?}");
            cases += 1;
        }
    }
    println!("lying kept frames: {cases} cases");
    assert_eq!(cases, 10);
}

#[test]
fn kept_files_that_were_not_written_here_are_of_no_use() {
    let mut cases = 0;
    let garbage: [&[u8]; 6] = [b"", b"\n\n\n", b"no frame\n", b"\xff\xfe\xfd\n", b"DCR1/\n", b"DCR1/0000"];
    for bytes in garbage {
        let (notice, received) = with_kept(|path, _, _| fs::write(path, bytes).unwrap());
        assert!(notice.is_none() && received, "{bytes:?} {notice:?}");
        cases += 1;
    }
    let (notice, received) = with_kept(|path, shown, _| {
        let line = shown[3].clone() + "\n";
        let repeat = usize::try_from(MOST_KEPT_BYTES).unwrap() / line.len() + 1;
        fs::write(path, line.repeat(repeat)).unwrap();
    });
    assert!(notice.is_none() && received, "an oversized file is emptied: {notice:?}");
    println!("kept files of others: {} cases", cases + 1);
    assert_eq!(cases, 6);
}

#[test]
fn what_is_no_file_is_neither_followed_nor_waited_for() {
    let target = tempfile::NamedTempFile::new().unwrap();
    fs::write(target.path(), "precious\n").unwrap();
    let puts: [&dyn Fn(&Path); 4] = [
        &|path| symlink(target.path(), path).unwrap(),
        &|path| symlink("/nowhere/at/all", path).unwrap(),
        &|path| fs::create_dir(path).unwrap(),
        &|path| {
            let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success());
        },
    ];
    for (number, put) in puts.iter().enumerate() {
        let (notice, received) = with_kept(|path, _, _| put(path));
        let refused = matches!(notice, Some(Notice::NotKept(KeepError::NoFile { .. })));
        assert!(refused && received, "{number}: {notice:?}");
    }
    assert_eq!(fs::read_to_string(target.path()).unwrap(), "precious\n");
}

#[test]
fn another_name_of_a_file_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let precious = folder.path().join("precious");
    fs::write(&precious, "precious\n").unwrap();
    let (notice, received) = with_kept(|path, _, _| fs::hard_link(&precious, path).unwrap());
    assert!(matches!(notice, Some(Notice::NotKept(KeepError::Links { found: 2, .. }))) && received, "{notice:?}");
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious\n");
}

#[test]
fn two_scans_of_one_transfer_do_not_write_into_each_others_file() {
    let (sent, density) = (transfer(3_000, 8), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let folder = tempfile::tempdir().unwrap();
    let mut first = session(&folder);
    complete(&mut first, &shown[..3]);
    let mut second = session(&folder);
    complete(&mut second, &shown[3..5]);
    assert!(matches!(second.notice(), Some(Notice::NotKept(KeepError::InUse { .. }))));
    assert!(!second.is_kept());
    // Both go on, and only one keeps.
    assert_eq!(complete(&mut second, &shown), Some(sent.clone()));
    second.forget();
    assert_eq!(files(folder.path()), 1);
    assert_eq!(complete(&mut first, &shown[3..]), Some(sent));
    first.forget();
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn a_folder_that_takes_no_file_stops_no_scan() {
    let (sent, density) = (transfer(3_000, 9), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let mut session = Session::new(Some(Keeper::new("/nowhere/at/all".into())));
    session.take(shown[0].as_bytes()).unwrap();
    assert!(matches!(session.notice(), Some(Notice::NotKept(KeepError::File(_)))));
    assert_eq!(complete(&mut session, &shown), Some(sent));
}
