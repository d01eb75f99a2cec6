//! Encoding of a scan.

use crate::status::OUTPUT_FULL;

/// `jpeglossless.encode_scan`: encodes differences from -32767 to 32768, in the order of the scan.
///
/// `categories` has SSSS for magnitudes, `codes` has ``size << 16 | code`` for each SSSS;
/// `interval` is the number of differences between restarts. `dst` takes the intervals, each
/// padded with ones to whole octets, without stuffed zeros and markers; `ends` takes where each
/// ends. Returns the octets written.
///
/// # Panics
///
/// If a buffer or a number is not what callers of the kernel give it.
pub fn encode_scan(
    diff: &[i32],
    categories: &[u8],
    codes: &[i32],
    interval: i64,
    dst: &mut [u8],
    ends: &mut [i64],
) -> i64 {
    let interval = usize::try_from(interval).expect("a number of differences");
    let Some(room) = dst.len().checked_sub(8) else {
        return if diff.is_empty() { 0 } else { OUTPUT_FULL };
    };
    let mut q = 0;
    for (number, part) in diff.chunks(interval).enumerate() {
        let mut buffer = 0u64;
        let mut bits = 0u32;
        for &difference in part {
            let (low, size) = code(difference, categories, codes);
            buffer = buffer.wrapping_shl(size) | low;
            if q + 2 * (bits / 16) as usize > room {
                return OUTPUT_FULL; // as if two octets at a time had been written
            }
            bits += size;
            if bits >= 32 {
                // up to 31 bits wait, and a code has up to 31
                bits -= 32;
                let octets = (buffer.wrapping_shr(bits) as u32).to_be_bytes();
                dst[q..q + 4].copy_from_slice(&octets);
                q += 4;
            }
        }
        while bits >= 16 {
            bits -= 16;
            dst[q..q + 2].copy_from_slice(&(buffer.wrapping_shr(bits) as u16).to_be_bytes());
            q += 2;
        }
        buffer = buffer << 16 | 0xFFFF;
        while bits > 0 {
            dst[q] = buffer.wrapping_shr(bits + 8) as u8;
            q += 1;
            bits = bits.saturating_sub(8);
        }
        ends[number] = q as i64;
    }
    q as i64
}

/// The bits that stand for a difference, and how many they are (H.1.2.2).
#[inline(always)]
fn code(difference: i32, categories: &[u8], codes: &[i32]) -> (u64, u32) {
    let ssss = u32::from(categories[difference.unsigned_abs() as usize]);
    let entry = codes[ssss as usize] as u32;
    if ssss == 16 {
        return (u64::from(entry & 0xFFFF), entry >> 16); // its only difference needs no bits
    }
    let low = (difference + (difference >> 31)) as u32 & ((1 << ssss) - 1);
    (u64::from((entry & 0xFFFF) << ssss | low), (entry >> 16) + ssss)
}
