//! The compression function.

/// Bytes that one compression takes in.
pub(crate) const BLOCK: usize = 64;

/// The first 512 bits of the fraction of pi.
const C: [u32; 16] = [
    0x243f_6a88,
    0x85a3_08d3,
    0x1319_8a2e,
    0x0370_7344,
    0xa409_3822,
    0x299f_31d0,
    0x082e_fa98,
    0xec4e_6c89,
    0x4528_21e6,
    0x38d0_1377,
    0xbe54_66cf,
    0x34e9_0c6c,
    0xc0ac_29b7,
    0xc97c_50dd,
    0x3f84_d5b5,
    0xb547_0917,
];

/// Mixes four disjoint quadruples of the state.
///
/// The quadruples advance together, one step each: they depend on nothing of one another, so a processor that starts several instructions at
/// once always finds four. The message word goes in before `b`, which is the last to become known.
macro_rules! mix {
    ($m:ident $([$a:ident $b:ident $c:ident $d:ident: $x:literal $y:literal])+) => {
        $($a = $a.wrapping_add($m[$x] ^ C[$y]).wrapping_add($b);)+
        $($d = ($d ^ $a).rotate_right(16);)+
        $($c = $c.wrapping_add($d);)+
        $($b = ($b ^ $c).rotate_right(12);)+
        $($a = $a.wrapping_add($m[$y] ^ C[$x]).wrapping_add($b);)+
        $($d = ($d ^ $a).rotate_right(8);)+
        $($c = $c.wrapping_add($d);)+
        $($b = ($b ^ $c).rotate_right(7);)+
    };
}

/// Folds one block into the chaining value `h`.
///
/// `bits` counts the message bits hashed so far, those of this block included and padding excluded; it is 0 for a block of padding alone.
// Inlined it is a few per cent faster; a small processor would rather have one copy of its 8 KiB.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn compress(h: &mut [u32; 8], salt: &[u32; 4], bits: u64, block: &[u8; BLOCK]) {
    let mut m = [0; 16];
    for (word, bytes) in m.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let [low, high] = halves(bits);
    let [mut v0, mut v1, mut v2, mut v3, mut v4, mut v5, mut v6, mut v7] = *h;
    let [mut v8, mut v9, mut va, mut vb] = [C[0] ^ salt[0], C[1] ^ salt[1], C[2] ^ salt[2], C[3] ^ salt[3]];
    let [mut vc, mut vd, mut ve, mut vf] = [C[4] ^ low, C[5] ^ low, C[6] ^ high, C[7] ^ high];

    macro_rules! round {
        ($s0:literal $s1:literal $s2:literal $s3:literal $s4:literal $s5:literal $s6:literal $s7:literal
         $s8:literal $s9:literal $sa:literal $sb:literal $sc:literal $sd:literal $se:literal $sf:literal) => {
            mix!(m [v0 v4 v8 vc: $s0 $s1] [v1 v5 v9 vd: $s2 $s3] [v2 v6 va ve: $s4 $s5] [v3 v7 vb vf: $s6 $s7]);
            mix!(m [v0 v5 va vf: $s8 $s9] [v1 v6 vb vc: $sa $sb] [v2 v7 v8 vd: $sc $sd] [v3 v4 v9 ve: $se $sf]);
        };
    }
    round!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    round!(14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3);
    round!(11 8 12 0 5 2 15 13 10 14 3 6 7 1 9 4);
    round!(7 9 3 1 13 12 11 14 2 6 5 10 4 0 15 8);
    round!(9 0 5 7 2 4 10 15 14 1 11 12 6 8 3 13);
    round!(2 12 6 10 0 11 8 3 4 13 7 5 15 14 1 9);
    round!(12 5 1 15 14 13 4 10 0 7 6 3 9 2 8 11);
    round!(13 11 7 14 12 1 3 9 5 0 15 4 8 6 2 10);
    round!(6 15 14 9 11 3 0 8 12 2 13 7 1 4 10 5);
    round!(10 2 8 4 7 6 1 5 15 11 9 14 3 12 13 0);
    // The ten permutations start again.
    round!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    round!(14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3);
    round!(11 8 12 0 5 2 15 13 10 14 3 6 7 1 9 4);
    round!(7 9 3 1 13 12 11 14 2 6 5 10 4 0 15 8);

    let folded = [v0 ^ v8, v1 ^ v9, v2 ^ va, v3 ^ vb, v4 ^ vc, v5 ^ vd, v6 ^ ve, v7 ^ vf];
    for ((word, salt), folded) in h.iter_mut().zip(salt.iter().cycle()).zip(folded) {
        *word ^= salt ^ folded;
    }
}

/// Splits the counter into its low and high word.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "takes each half of the counter on purpose")]
fn halves(bits: u64) -> [u32; 2] {
    [bits as u32, (bits >> 32) as u32]
}
