//! The address book as a file of lines. One that is not as it was written is forgotten as a whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use blake256::blake256;
use dcrcold_core::net::Network;
use dcrcold_signer::file::{FileError, Readers, replace};

use super::super::address::PeerAddress;
use super::book::{BAN, Book, Entry, MOST, MOST_BANS};

/// The longest file that is read.
const MOST_BYTES: u64 = 1 << 18;
/// The first line.
const TITLE: &str = "dcrcold peers 1";

/// Why a file of addresses is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// It cannot be read.
    #[error("the addresses of peers cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is not as it was written, or of another network.
    #[error("the addresses of peers are damaged")]
    Damaged,
}

/// How many addresses are in a file that is whole and of a network.
///
/// # Errors
/// [`BookError`].
pub fn examine(path: &Path, network: Network) -> Result<usize, BookError> {
    match text_in(path) {
        Ok(text) => parse(&text, network, 0).map(|book| book.entries.len()).ok_or(BookError::Damaged),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(BookError::Damaged),
        Err(error) => Err(error.into()),
    }
}

/// Reads the book; an empty one if there is none, or it is damaged or another network's.
///
/// # Errors
/// When the file is there and cannot be read.
pub(super) fn read(path: &Path, network: Network, now: u64) -> io::Result<Book> {
    match text_in(path) {
        Ok(text) => Ok(parse(&text, network, now).unwrap_or_else(|| Book::empty(network))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {
            Ok(Book::empty(network))
        }
        Err(error) => Err(error),
    }
}

fn text_in(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes the book, together with what another program wrote there since it was read.
pub(super) fn write(path: &Path, book: &mut Book, now: u64) -> Result<(), FileError> {
    if let Ok(other) = read(path, book.network(), now) {
        book.merge(other);
    }
    replace(path, text_of(book).as_bytes(), Readers::Owner)
}

fn text_of(book: &Book) -> String {
    let mut text = format!("{TITLE}\nnetwork {}\n", book.network());
    let mut entries: Vec<_> = book.entries.iter().collect();
    entries.sort_by_key(|(address, _)| **address);
    for (address, Entry { good, failures, .. }) in entries {
        text += &format!("peer {address} {good} {failures}\n");
    }
    let mut bans: Vec<_> = book.bans.iter().collect();
    bans.sort();
    for (address, until) in bans {
        text += &format!("ban {address} {until}\n");
    }
    let checksum = checksum(&text);
    text + &format!("checksum {checksum}\n")
}

fn parse(text: &str, network: Network, now: u64) -> Option<Book> {
    let (lines, sum) = text.split_at(text.rfind("checksum ")?);
    if sum.strip_prefix("checksum ")?.strip_suffix('\n')? != checksum(lines) {
        return None;
    }
    let mut lines = lines.lines();
    if lines.next()? != TITLE || lines.next()?.strip_prefix("network ")? != network.name() {
        return None;
    }
    let mut book = Book::empty(network);
    for line in lines {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["peer", address, good, failures] => {
                let entry = Entry::new(good.parse().ok()?, failures.parse().ok()?);
                book.entries.insert(address.parse::<PeerAddress>().ok()?, entry);
            }
            ["ban", address, until] => {
                // A clock that was ahead must not ban for ever.
                let until: u64 = until.parse().ok()?;
                book.bans.insert(address.parse().ok()?, until.min(now.saturating_add(BAN)));
            }
            _ => return None,
        }
    }
    (book.entries.len() <= MOST && book.bans.len() <= MOST_BANS).then_some(book)
}

fn checksum(text: &str) -> String {
    base16ct::lower::encode_string(&blake256(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::book::Blame;
    use super::*;

    const NOW: u64 = 1_790_000_000;

    fn sample() -> Book {
        let mut book = Book::empty(Network::Mainnet);
        let onion = "xa4r2iadxm55fbnqgwwi5mymqdcofiu3w6rpbtqn7b2dyn7mgwj64jyd.onion:9108";
        let [one, other, onion, liar] =
            ["8.8.1.1:9108", "[2a00:1450::1]:9108", onion, "9.9.9.9:9108"].map(|text| text.parse().unwrap());
        book.set_tor(true);
        book.add([one, other, onion, liar], NOW);
        book.praise(&one, NOW);
        book.blame(&other, NOW, std::time::Duration::from_secs(1), Blame::Growing);
        book.ban(&liar, NOW);
        book
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("peers");
        let mut book = sample();
        write(&path, &mut book, NOW).unwrap();
        let again = read(&path, Network::Mainnet, NOW).unwrap();
        assert_eq!(text_of(&again), text_of(&book));
        assert_eq!(again.entries.len(), 3);
        assert!(again.is_banned(&"9.9.9.9:1".parse().unwrap(), NOW + BAN - 1));
        assert_eq!(read(&path, Network::Mainnet, 1000).unwrap().bans.values().max(), Some(&(1000 + BAN)));
        assert!(read(&path, Network::Testnet3, NOW).unwrap().is_empty());
        assert!(read(&folder.path().join("none"), Network::Mainnet, NOW).unwrap().is_empty());
    }

    #[test]
    fn looking_tells_a_whole_book_from_a_damaged_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("peers");
        assert!(matches!(examine(&path, Network::Mainnet), Err(BookError::Io(_))));
        write(&path, &mut sample(), NOW).unwrap();
        assert_eq!(examine(&path, Network::Mainnet).unwrap(), sample().entries.len());
        assert!(matches!(examine(&path, Network::Testnet3), Err(BookError::Damaged)));
        std::fs::write(&path, [0xff; 40]).unwrap();
        assert!(matches!(examine(&path, Network::Mainnet), Err(BookError::Damaged)));
    }

    #[test]
    fn two_programs_keep_the_bans_of_both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("peers");
        write(&path, &mut sample(), NOW).unwrap();
        let mut other = Book::empty(Network::Mainnet);
        other.ban(&"7.7.7.7:9108".parse().unwrap(), NOW);
        write(&path, &mut other, NOW).unwrap();
        let both = read(&path, Network::Mainnet, NOW).unwrap();
        assert_eq!(both.bans.len(), 2);
        assert_eq!(both.entries.len(), 1, "what was of use");
    }

    #[test]
    fn a_damaged_book_is_forgotten() {
        let text = text_of(&sample());
        assert!(parse(&text, Network::Mainnet, NOW).is_some());
        let mut cases = 0;
        for position in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[position] ^= 1;
            assert!(parse(&String::from_utf8(bytes).unwrap(), Network::Mainnet, NOW).is_none(), "{position}");
            assert!(parse(&text[..position], Network::Mainnet, NOW).is_none(), "{position}");
            cases += 2;
        }
        println!("damaged books: {cases} cases");
        assert!(cases > 300);
    }
}
