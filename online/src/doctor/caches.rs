//! What was fetched from peers and can be fetched again: headers, and the addresses of peers.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use dcrcold_core::net::Network;

use super::file::{read_only, steadily, with_end};
use super::finding::{Kind, Report};
use crate::chain::spv::{examine_peers, headers};

/// Where the caches of a wallet are, and whether what is damaged goes.
struct Caches<'a> {
    wallet: &'a Path,
    network: Network,
    repair: bool,
}

/// Looks at what was fetched from peers and can be fetched again, and removes what of it is damaged if `repair` says so.
pub fn examine(wallet: &Path, network: Network, repair: bool, report: &mut Report) {
    let caches = Caches { wallet, network, repair };
    caches.headers(report);
    caches.peers(report);
}

impl Caches<'_> {
    fn headers(&self, report: &mut Report) {
        let Some(path) = self.there("headers") else { return };
        let files = ["", "-wal", "-shm"].map(|end| with_end(&path, end));
        let size = files.iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
        let whole = steadily(&path, || headers::examine(read_only(&path)?, self.network));
        let what = format!("headers of peers {}, {}", path.display(), bytes(size));
        match whole {
            Ok(tip) => report.examined(format_args!("{what}, to block {}", tip.height)),
            Err(error) => {
                report.examined(what);
                let lost = "nothing is lost, and the next sync fetches it again";
                self.damaged(Kind::CacheDamaged, &path, error, lost, &files, report);
            }
        }
    }

    fn peers(&self, report: &mut Report) {
        let Some(path) = self.there("peers") else { return };
        let what = format!("addresses of peers {}", path.display());
        match examine_peers(&path, self.network) {
            Ok(number) => report.examined(format_args!("{what}, {number} of them")),
            Err(error) => {
                report.examined(what);
                let lost = "nothing is lost: the next sync asks anew where peers are, those too that were shut out";
                self.damaged(Kind::PeersDamaged, &path, error, lost, std::slice::from_ref(&path), report);
            }
        }
    }

    /// The file of a cache, if there is one.
    fn there(&self, what: &str) -> Option<PathBuf> {
        Some(with_end(self.wallet, &format!("-{what}-{}", self.network))).filter(|path| path.exists())
    }

    fn damaged(
        &self,
        kind: Kind,
        path: &Path,
        reason: impl Display,
        lost: &str,
        files: &[PathBuf],
        report: &mut Report,
    ) {
        let sentence = format!("{}: {reason}", path.display());
        if !self.repair {
            return report.found(kind, sentence, format_args!("{lost}; dcrcold doctor --repair removes it now"));
        }
        let removed: Result<Vec<_>, _> = files.iter().filter(|file| file.exists()).map(fs::remove_file).collect();
        match removed {
            Ok(_) => report.found(kind, sentence, format_args!("it was removed; {lost}")),
            Err(error) => report.found(kind, sentence, format_args!("it cannot be removed: {error}; {lost}")),
        }
    }
}

/// A size, for people.
fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} bytes"),
        1_000..1_000_000 => format!("{} kB", size / 1_000),
        _ => format!("{}.{} MB", size / 1_000_000, size / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        let sizes = [0, 999, 1_000, 999_999, 1_000_000, 123_456_789].map(bytes);
        assert_eq!(sizes, ["0 bytes", "999 bytes", "1 kB", "999 kB", "1.0 MB", "123.4 MB"]);
    }
}
