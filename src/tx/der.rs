//! ECDSA signatures in DER, as strictly as the consensus reads them.
//!
//! Source: dcrd `txscript/consensus.go`, `dcrec/secp256k1/ecdsa/signature.go`.

use crate::key::Signature;

/// The order of secp256k1's group, big endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// Half the order, rounded down: the highest S that the consensus accepts.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
    0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
/// Two integers of one byte.
const MIN_LENGTH: usize = 8;
/// Two integers of 33 bytes.
const MAX_LENGTH: usize = 72;
/// What precedes R: sequence, its length, integer, its length.
const R_OFFSET: usize = 4;

/// Why bytes are no strict DER signature; the variants are dcrd's `ErrSig...` kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DerError {
    /// Fewer than 8 bytes.
    #[error("signature is shorter than 8 bytes")]
    TooShort,
    /// More than 72 bytes.
    #[error("signature is longer than 72 bytes")]
    TooLong,
    /// It does not begin as a sequence.
    #[error("signature does not begin with the sequence byte 0x30")]
    InvalidSeqId,
    /// The length of the sequence is not that of the bytes.
    #[error("signature says another length than it has")]
    InvalidDataLen,
    /// R reaches to the end.
    #[error("signature has no S")]
    MissingSTypeId,
    /// The type of S is the last byte.
    #[error("signature has no length of S")]
    MissingSLen,
    /// The length of S is not that of the bytes left.
    #[error("signature says another length of S than it has")]
    InvalidSLen,
    /// R is not an integer.
    #[error("R does not begin with the integer byte 0x02")]
    InvalidRIntId,
    /// R has no bytes.
    #[error("R has no bytes")]
    ZeroRLen,
    /// R has its sign bit set.
    #[error("R is negative")]
    NegativeR,
    /// R has a zero byte in front that it does not need.
    #[error("R has a needless zero byte in front")]
    TooMuchRPadding,
    /// S is not an integer.
    #[error("S does not begin with the integer byte 0x02")]
    InvalidSIntId,
    /// S has no bytes.
    #[error("S has no bytes")]
    ZeroSLen,
    /// S has its sign bit set.
    #[error("S is negative")]
    NegativeS,
    /// S has a zero byte in front that it does not need.
    #[error("S has a needless zero byte in front")]
    TooMuchSPadding,
    /// S is above half the group order.
    #[error("S is above half the group order")]
    HighS,
    /// R is zero.
    #[error("R is zero")]
    RIsZero,
    /// R is not below the group order.
    #[error("R is not below the group order")]
    RTooBig,
    /// S is zero.
    #[error("S is zero")]
    SIsZero,
    /// S is not below the group order.
    #[error("S is not below the group order")]
    STooBig,
}

/// Writes a signature in DER: 8 to 72 bytes.
#[must_use]
pub fn encode(signature: &Signature) -> Vec<u8> {
    let (r, s) = signature.as_bytes().split_at(32);
    let mut integers = Vec::with_capacity(MAX_LENGTH);
    for number in [r, s] {
        put_integer(&mut integers, number);
    }
    let mut der = vec![SEQUENCE, one_byte(integers.len())];
    der.append(&mut integers);
    der
}

/// Checks what the consensus asks of a signature's encoding: strict DER and a low S. R may be anything.
///
/// # Errors
/// The [`DerError`] of the first rule broken.
pub fn check_consensus(der: &[u8]) -> Result<(), DerError> {
    let (_, s) = split(der)?;
    match scalar(s) {
        Some(s) if s <= HALF_ORDER => Ok(()),
        _ => Err(DerError::HighS),
    }
}

/// Reads a signature whose R and S lie within 1 and the group order less 1.
///
/// # Errors
/// The [`DerError`] of the first rule broken.
pub fn parse(der: &[u8]) -> Result<Signature, DerError> {
    let (r, s) = split(der)?;
    let r = scalar(r).filter(|r| *r < ORDER).ok_or(DerError::RTooBig)?;
    if r == [0; 32] {
        return Err(DerError::RIsZero);
    }
    let s = scalar(s).filter(|s| *s < ORDER).ok_or(DerError::STooBig)?;
    if s == [0; 32] {
        return Err(DerError::SIsZero);
    }
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s);
    Ok(Signature::from_bytes(signature))
}

/// Splits a signature into the bytes of R and S, by the rules of the encoding and in dcrd's order.
fn split(der: &[u8]) -> Result<(&[u8], &[u8]), DerError> {
    if der.len() < MIN_LENGTH {
        return Err(DerError::TooShort);
    }
    if der.len() > MAX_LENGTH {
        return Err(DerError::TooLong);
    }
    if der[0] != SEQUENCE {
        return Err(DerError::InvalidSeqId);
    }
    if usize::from(der[1]) != der.len() - 2 {
        return Err(DerError::InvalidDataLen);
    }
    let (r, rest) = der[R_OFFSET..].split_at_checked(der[3].into()).ok_or(DerError::MissingSTypeId)?;
    let (s_type, rest) = rest.split_first().ok_or(DerError::MissingSTypeId)?;
    let (s_length, s) = rest.split_first().ok_or(DerError::MissingSLen)?;
    if usize::from(*s_length) != s.len() {
        return Err(DerError::InvalidSLen);
    }
    let kinds = [DerError::InvalidRIntId, DerError::ZeroRLen, DerError::NegativeR, DerError::TooMuchRPadding];
    check_integer(der[2], r, kinds)?;
    let kinds = [DerError::InvalidSIntId, DerError::ZeroSLen, DerError::NegativeS, DerError::TooMuchSPadding];
    check_integer(*s_type, s, kinds)?;
    Ok((r, s))
}

/// Checks one integer; the errors are: type, no bytes, negative, padding.
fn check_integer(kind: u8, bytes: &[u8], errors: [DerError; 4]) -> Result<(), DerError> {
    let [wrong_type, no_bytes, negative, padding] = errors;
    match bytes {
        _ if kind != INTEGER => Err(wrong_type),
        [] => Err(no_bytes),
        [0x80..=0xff, ..] => Err(negative),
        [0, 0..=0x7f, ..] => Err(padding),
        _ => Ok(()),
    }
}

/// The number as 32 bytes, or `None` when it has more.
fn scalar(bytes: &[u8]) -> Option<[u8; 32]> {
    let digits = without_zeros(bytes);
    let mut scalar = [0; 32];
    scalar.get_mut(32_usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some(scalar)
}

fn put_integer(der: &mut Vec<u8>, number: &[u8]) {
    let digits = without_zeros(number);
    // A first bit that is set would read as a sign, and zero needs a byte too.
    let padded = digits.first().is_none_or(|first| *first >= 0x80);
    der.extend([INTEGER, one_byte(digits.len() + usize::from(padded))]);
    der.extend(padded.then_some(0));
    der.extend(digits);
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

fn one_byte(length: usize) -> u8 {
    u8::try_from(length).expect("two integers of 33 bytes take 70 bytes")
}
