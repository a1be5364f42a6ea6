//! Files sealed with a passphrase: the key store and hot keys.
//!
//! `DCRCOLDK` · version u8 = 1 · memory in KiB, passes, lanes u32 LE each · salt 16 · nonce 24 · ciphertext and tag.
//! Argon2id makes the key from the passphrase's UTF-8 bytes and the salt; XChaCha20-Poly1305 seals, with all that
//! precedes the ciphertext as associated data.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use crate::swap;

/// The first bytes of every sealed file.
pub const MAGIC: [u8; 8] = *b"DCRCOLDK";
/// The version of the format.
const VERSION: u8 = 1;
const SALT: usize = 16;
const NONCE: usize = 24;
const TAG: usize = 16;
/// All that precedes the ciphertext.
const HEADER: usize = 8 + 1 + 12 + SALT + NONCE;

/// KiB in a MiB.
const MIB: u32 = 1024;

/// What a person types to open a sealed file; wiped from memory when dropped.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a text of at least one character.
    ///
    /// # Errors
    /// [`SealedError::EmptyPassphrase`].
    pub fn new(text: Zeroizing<String>) -> Result<Self, SealedError> {
        swap::keep(text.as_bytes());
        if text.is_empty() { Err(SealedError::EmptyPassphrase) } else { Ok(Self(text)) }
    }

    /// Whether both are the same text.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// How much work it is to make the key from the passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kdf {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Kdf {
    /// The work for new files: 256 MiB, 3 passes, 1 lane.
    pub const DEFAULT: Self = Self { memory_kib: 256 * MIB, passes: 3, lanes: 1 };
    /// The least memory that a reader takes, in MiB.
    pub const LEAST_MIB: u32 = 8;
    /// The most memory that a reader takes, in MiB.
    pub const MOST_MIB: u32 = 1024;
    /// The most passes that a reader takes.
    const MOST_PASSES: u32 = 10;
    /// The most lanes that a reader takes.
    const MOST_LANES: u32 = 16;

    /// The default work with another amount of memory, in MiB.
    ///
    /// # Errors
    /// [`SealedError::Kdf`] out of bounds.
    pub fn with_memory(mib: u32) -> Result<Self, SealedError> {
        Self::new(mib.saturating_mul(MIB), Self::DEFAULT.passes, Self::DEFAULT.lanes)
    }

    /// Accepts 8 MiB to 1 GiB, 1 to 10 passes, 1 to 16 lanes: the bounds keep a foreign file from taking the machine.
    fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, SealedError> {
        let memory = Self::LEAST_MIB * MIB..=Self::MOST_MIB * MIB;
        let bounded = memory.contains(&memory_kib)
            && (1..=Self::MOST_PASSES).contains(&passes)
            && (1..=Self::MOST_LANES).contains(&lanes);
        if bounded {
            Ok(Self { memory_kib, passes, lanes })
        } else {
            Err(SealedError::Kdf { memory_kib, passes, lanes })
        }
    }

    /// The memory in MiB, rounded down.
    #[must_use]
    pub const fn memory_mib(&self) -> u32 {
        self.memory_kib / MIB
    }

    /// The number of passes.
    #[must_use]
    pub const fn passes(&self) -> u32 {
        self.passes
    }

    fn key(&self, passphrase: &Passphrase, salt: &[u8; SALT]) -> Result<Zeroizing<[u8; 32]>, SealedError> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32));
        let params = params.expect("the bounds are narrower than those of Argon2");
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.0.as_bytes(), salt, &mut *key)
            .map_err(|_| SealedError::Memory { mib: self.memory_mib() })?;
        Ok(key)
    }
}

/// What makes every sealed file different from all others; never used twice.
pub struct Randomness {
    /// Salt of the passphrase.
    pub salt: [u8; SALT],
    /// Nonce of the cipher.
    pub nonce: [u8; NONCE],
}

impl Randomness {
    /// Asks the operating system.
    ///
    /// # Errors
    /// [`SealedError::NoRandomness`].
    pub fn draw() -> Result<Self, SealedError> {
        let mut randomness = Self { salt: [0; SALT], nonce: [0; NONCE] };
        getrandom::fill(&mut randomness.salt).map_err(|_| SealedError::NoRandomness)?;
        getrandom::fill(&mut randomness.nonce).map_err(|_| SealedError::NoRandomness)?;
        Ok(randomness)
    }
}

/// Seals `plain`.
///
/// # Errors
/// [`SealedError::Memory`].
pub fn seal(plain: &[u8], passphrase: &Passphrase, kdf: Kdf, randomness: &Randomness) -> Result<Vec<u8>, SealedError> {
    let mut file = Vec::with_capacity(HEADER + plain.len() + TAG);
    file.extend(MAGIC);
    file.push(VERSION);
    for number in [kdf.memory_kib, kdf.passes, kdf.lanes] {
        file.extend(number.to_le_bytes());
    }
    file.extend(randomness.salt);
    file.extend(randomness.nonce);
    let cipher = XChaCha20Poly1305::new((&*kdf.key(passphrase, &randomness.salt)?).into());
    let sealed = cipher
        .encrypt((&randomness.nonce).into(), Payload { msg: plain, aad: &file })
        .expect("a file is shorter than the cipher's limit of 256 GiB");
    file.extend(sealed);
    Ok(file)
}

/// A sealed file, parsed but not open.
pub struct Sealed<'a> {
    header: &'a [u8; HEADER],
    kdf: Kdf,
    ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// Reads what can be read without the passphrase.
    ///
    /// # Errors
    /// What is malformed.
    pub fn parse(file: &'a [u8]) -> Result<Self, SealedError> {
        let (header, ciphertext) = match file.split_first_chunk::<HEADER>() {
            Some((header, ciphertext)) if ciphertext.len() >= TAG => (header, ciphertext),
            _ if !file.starts_with(&MAGIC) => return Err(SealedError::NotSealed),
            _ => return Err(SealedError::Truncated { found: file.len(), least: HEADER + TAG }),
        };
        let (magic, rest) = header.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(SealedError::NotSealed);
        }
        if rest[0] != VERSION {
            return Err(SealedError::Version { found: rest[0] });
        }
        let number = |at: usize| u32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
        Ok(Self { header, kdf: Kdf::new(number(1), number(5), number(9))?, ciphertext })
    }

    /// How much work it is to open the file.
    #[must_use]
    pub const fn kdf(&self) -> Kdf {
        self.kdf
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`SealedError::WrongPassphrase`], [`SealedError::Memory`].
    pub fn open(&self, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, SealedError> {
        let (_, rest) = self.header.split_at(HEADER - SALT - NONCE);
        let (salt, nonce) = rest.split_first_chunk::<SALT>().expect("the header ends in salt and nonce");
        let nonce: &[u8; NONCE] = nonce.try_into().expect("the header ends in the nonce");
        let cipher = XChaCha20Poly1305::new((&*self.kdf.key(passphrase, salt)?).into());
        let payload = Payload { msg: self.ciphertext, aad: self.header };
        let plain = cipher.decrypt(nonce.into(), payload).map(Zeroizing::new);
        plain.inspect(|plain| swap::keep(plain)).map_err(|_| SealedError::WrongPassphrase)
    }
}

/// Why a file cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealedError {
    /// Another kind of file.
    #[error("not a sealed file: it does not start with DCRCOLDK")]
    NotSealed,
    /// The end is missing.
    #[error("sealed file has {found} bytes, at least {least} expected")]
    Truncated {
        /// Its length.
        found: usize,
        /// The length of the shortest one.
        least: usize,
    },
    /// A version of the future.
    #[error("sealed file has version {found}, expected {VERSION}")]
    Version {
        /// Its version.
        found: u8,
    },
    /// More or less work than a reader takes.
    #[error(
        "sealed file asks for {memory_kib} KiB of memory, {passes} passes and {lanes} lanes, \
        expected 8192 to 1048576 KiB, 1 to 10 passes and 1 to 16 lanes"
    )]
    Kdf {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// Not enough memory.
    #[error("{mib} MiB of memory are needed to use the passphrase and cannot be had")]
    Memory {
        /// What is needed.
        mib: u32,
    },
    /// The passphrase is another one, or a byte of the file was changed; nobody can tell which.
    #[error("passphrase is wrong, or the file was altered")]
    WrongPassphrase,
    /// No passphrase.
    #[error("passphrase is empty")]
    EmptyPassphrase,
    /// The operating system gave no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}
