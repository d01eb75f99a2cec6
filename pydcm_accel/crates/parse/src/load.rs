//! Numbers out of octets.

/// The octets at `p`; zeros where there are none, which no caller asks for.
#[inline(always)]
fn chunk<const N: usize>(src: &[u8], p: i64) -> [u8; N] {
    let found = usize::try_from(p).ok().and_then(|p| src.get(p..)).and_then(|s| s.first_chunk());
    debug_assert!(found.is_some(), "a load outside of the buffer");
    found.copied().unwrap_or([0; N])
}

/// Four 16-bit numbers, little endian.
#[inline(always)]
pub fn u16x4_le(src: &[u8], p: i64) -> (u32, u32, u32, u32) {
    let word = u64::from_le_bytes(chunk(src, p));
    let part = |k: u32| (word >> (16 * k)) as u32 & 0xFFFF;
    (part(0), part(1), part(2), part(3))
}

/// Four 16-bit numbers, big endian.
#[inline(always)]
pub fn u16x4_be(src: &[u8], p: i64) -> (u32, u32, u32, u32) {
    let word = u64::from_be_bytes(chunk(src, p));
    let part = |k: u32| (word >> (48 - 16 * k)) as u32 & 0xFFFF;
    (part(0), part(1), part(2), part(3))
}

/// One 32-bit number, little endian.
#[inline(always)]
pub fn u32_le(src: &[u8], p: i64) -> u32 {
    u32::from_le_bytes(chunk(src, p))
}

/// One 32-bit number, big endian.
#[inline(always)]
pub fn u32_be(src: &[u8], p: i64) -> u32 {
    u32::from_be_bytes(chunk(src, p))
}

/// Two 32-bit numbers, little endian.
#[inline(always)]
pub fn u32x2_le(src: &[u8], p: i64) -> (u32, u32) {
    let word = u64::from_le_bytes(chunk(src, p));
    (word as u32, (word >> 32) as u32)
}
