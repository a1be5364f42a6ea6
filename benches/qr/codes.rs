//! The codes side by side, each with frames that fit version 20 with error correction L.

use bbqr::continuous_join::{ContinuousJoinResult, ContinuousJoiner};
use bbqr::encode::Encoding;
use bbqr::file_type::FileType;
use bbqr::qr::Version;
use bbqr::split::{Split, SplitOptions};
use dcrcold_signer::qr::{Assembly, Density, Part, Stream};

use super::PATIENCE;
use super::camera::seeded;

/// What version 20-L holds, alphanumeric.
const CHARACTERS: usize = 1_249;
/// The longest fragments whose frames fit.
const UR_FRAGMENT: usize = 591;

/// A code with the frames it shows.
pub(crate) enum Code {
    Ours(Vec<Part>, usize),
    Ur(Vec<String>, usize),
    Bbqr(Vec<String>),
}

/// Bytes that do not deflate.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    let mut random = seeded(7);
    (0..length).map(|_| u8::try_from(random.below(256)).expect("a byte")).collect()
}

/// All three for a transfer of some length.
pub(crate) fn all(length: usize) -> Vec<Code> {
    let bytes = bytes(length);
    vec![ours(&bytes), ur(&bytes), bbqr(&bytes)]
}

fn ours(bytes: &[u8]) -> Code {
    let stream = Stream::new(bytes.to_vec()).expect("at most 320 KB");
    let mut parts = stream.parts();
    let needed = stream.source_symbols().div_ceil(Density::V20.symbols());
    Code::Ours((0..PATIENCE).map(|_| parts.next_at(Density::V20)).collect(), needed)
}

fn ur(bytes: &[u8]) -> Code {
    let mut encoder = ur::Encoder::bytes(bytes, UR_FRAGMENT).expect("bytes");
    let parts: Vec<String> = (0..PATIENCE).map(|_| encoder.next_part().expect("a part")).collect();
    assert!(parts.iter().all(|part| part.len() <= CHARACTERS), "parts fit the code");
    Code::Ur(parts, encoder.fragment_count())
}

fn bbqr(bytes: &[u8]) -> Code {
    let (min_version, max_version) = (Version::V20, Version::V20);
    let options = SplitOptions { encoding: Encoding::Base32, min_version, max_version, ..Default::default() };
    let split = Split::try_from_data(bytes, FileType::Cbor, options).expect("it fits 1,295 parts");
    assert!(split.parts.iter().all(|part| part.len() <= CHARACTERS), "parts fit the code");
    Code::Bbqr(split.parts)
}

impl Code {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Ours(..) => "ours",
            Self::Ur(..) => "ur",
            Self::Bbqr(_) => "bbqr",
        }
    }

    pub(crate) fn frames_without_loss(&self) -> usize {
        match self {
            Self::Ours(_, needed) | Self::Ur(_, needed) => *needed,
            Self::Bbqr(parts) => parts.len(),
        }
    }

    pub(crate) fn receiver(&self) -> Receiver<'_> {
        match self {
            Self::Ours(parts, _) => Receiver::Ours(parts, None),
            Self::Ur(parts, _) => Receiver::Ur(parts, ur::Decoder::default()),
            Self::Bbqr(parts) => Receiver::Bbqr(parts, ContinuousJoiner::new()),
        }
    }
}

/// One who receives.
pub(crate) enum Receiver<'code> {
    Ours(&'code [Part], Option<Assembly>),
    Ur(&'code [String], ur::Decoder),
    Bbqr(&'code [String], ContinuousJoiner),
}

impl Receiver<'_> {
    /// Takes the frame that is shown; whether that was the last that was needed.
    pub(crate) fn take(&mut self, frame: usize) -> bool {
        match self {
            Self::Ours(parts, assembly) => {
                let part = &parts[frame];
                let assembly = assembly.get_or_insert_with(|| Assembly::new(part));
                assembly.take(part).expect("frames of one stream");
                assembly.progress().is_complete()
            }
            Self::Ur(parts, decoder) => {
                decoder.receive(&parts[frame]).expect("a part");
                decoder.complete()
            }
            Self::Bbqr(parts, joiner) => {
                let part = parts[frame % parts.len()].clone();
                matches!(joiner.add_part(part).expect("a part"), ContinuousJoinResult::Complete(_))
            }
        }
    }
}
