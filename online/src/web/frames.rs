//! A request as frames of codes, one at a time: the page asks for each by the number of its first symbol.
//!
//! The server keeps no place in a stream, so two pages may show the same request, and one may be loaded again.

use std::sync::{Arc, Mutex};

use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::qr::{Density, Frame, Picture, Stream, SymbolId};
use dcrcold_signer::receive::Scanned;
use dcrcold_signer::transfer::Container;
use serde::Serialize;

use super::desk::{Queue, lock};

/// Requests that are kept cut into symbols.
const KEPT: usize = 4;

/// A request, ready to be shown.
pub(super) struct Shown {
    id: TransferId,
    container: Container,
    stream: Stream,
}

/// The requests that were shown last.
#[derive(Default)]
pub(super) struct Shelf(Mutex<Vec<Arc<Shown>>>);

/// What a request is, before it is shown.
#[derive(Serialize)]
pub(super) struct About {
    id: String,
    kind: String,
    network: String,
    bytes: usize,
    check_words: String,
    symbols: usize,
    /// The version of the one code that holds all of it.
    whole: Option<u8>,
    versions: [u8; 6],
}

/// A frame: its modules row by row, one bit each, the first one highest, as hexadecimal digits.
#[derive(Serialize)]
pub(super) struct Drawn {
    version: u8,
    width: usize,
    quiet_zone: usize,
    dark: String,
    /// How many symbols it has, and where the next frame begins; none when this one is all there is.
    symbols: usize,
    next: Option<u32>,
}

impl Shelf {
    /// A request of the wallet.
    pub(super) fn find(&self, queue: &Queue, id: TransferId) -> Result<Arc<Shown>, Failure> {
        if let Some(shown) = lock(&self.0).iter().find(|shown| shown.id == id) {
            return Ok(Arc::clone(shown));
        }
        let bytes = queue.ask(move |desk| desk.request(&id))?;
        let shown = Arc::new(Shown::new(id, &bytes)?);
        let mut shelf = lock(&self.0);
        shelf.truncate(KEPT - 1);
        shelf.insert(0, Arc::clone(&shown));
        Ok(shown)
    }
}

impl Shown {
    fn new(id: TransferId, bytes: &[u8]) -> Result<Self, Failure> {
        let container = Container::parse(bytes)?;
        let (plain, deflated) = (container.encode(), container.encode_deflated());
        let smaller = if deflated.len() < plain.len() { deflated } else { plain };
        let stream = Stream::new(smaller).map_err(|error| Failure::caused(FailureKind::Failed, &error))?;
        Ok(Self { id, container, stream })
    }

    pub(super) fn about(&self) -> About {
        let scanned = Scanned::of(&self.container);
        About {
            id: self.id.to_string(),
            kind: scanned.kind.to_string(),
            network: scanned.network.to_string(),
            bytes: scanned.size,
            check_words: scanned.words.join(" "),
            symbols: self.stream.source_symbols(),
            whole: self.stream.whole().map(|(_, density)| density.version()),
            versions: Density::ALL.map(Density::version),
        }
    }

    /// The frame of a version that begins with a symbol; nothing if there is no such version or symbol.
    ///
    /// A request that fits into a code of this version, or of a smaller one, is that code and stands still.
    pub(super) fn draw(&self, version: u32, first: u32) -> Option<Drawn> {
        if let Some((frame, density)) = self.stream.whole()
            && u32::from(density.version()) <= version
        {
            return Self::drawn(&frame, density, self.stream.source_symbols(), None);
        }
        let density = Density::ALL.into_iter().find(|density| u32::from(density.version()) == version)?;
        let mut parts = self.stream.parts_from(SymbolId::new(first)?);
        let frame = Frame::Part(parts.next_at(density));
        Self::drawn(&frame, density, density.symbols(), Some(parts.next_symbol().to_u32()))
    }

    fn drawn(frame: &Frame, density: Density, symbols: usize, next: Option<u32>) -> Option<Drawn> {
        let picture = Picture::of(frame, density)?;
        let width = picture.width();
        let mut bits = vec![0_u8; (width * width).div_ceil(8)];
        for place in (0..width * width).filter(|place| picture.is_dark(place % width, place / width)) {
            bits[place / 8] |= 0x80 >> (place % 8);
        }
        Some(Drawn {
            version: density.version(),
            width,
            quiet_zone: Picture::QUIET_ZONE,
            dark: base16ct::lower::encode_string(&bits),
            symbols,
            next,
        })
    }
}
