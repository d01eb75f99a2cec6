//! Entropy coding of DCT coefficients in one sequential scan (ISO 10918-1 F.1.2).

use super::{INDEX, UNIT};
use crate::status::{BAD_VALUE, OUTPUT_FULL};

/// Octets that a block may take: 64 codes of 16 bits with numbers of 15, all octets stuffed.
const ROOM: usize = 512;

/// Writes bits, with a stuffed zero behind each octet of ones (F.1.2.3).
struct Writer<'a> {
    dst: &'a mut [u8],
    q: usize,
    /// Bits that are not written yet, in the lowest places.
    buffer: u64,
    count: u32,
}

impl Writer<'_> {
    #[inline(always)]
    fn put(&mut self, bits: u64, count: u32) {
        // At most 7 bits are left by `drain`, and no code with its number takes more than 31.
        self.buffer = self.buffer.wrapping_shl(count) | bits;
        self.count += count;
        if self.count > 31 {
            let word = (self.buffer >> (self.count & 63).wrapping_sub(32)) as u32;
            // None of the four is 255 if none of their complements is 0.
            let zeros = !word;
            if zeros.wrapping_sub(0x0101_0101) & !zeros & 0x8080_8080 == 0 {
                let four: &mut [u8; 4] =
                    self.dst[self.q..].first_chunk_mut().expect("a block has its room");
                *four = word.to_be_bytes();
                self.q += 4;
                self.count -= 32;
            } else {
                self.drain();
            }
        }
    }

    /// Write all whole octets.
    #[inline(never)]
    fn drain(&mut self) {
        while self.count > 7 {
            self.count -= 8;
            self.octet((self.buffer >> (self.count & 63)) as u8);
        }
    }

    #[inline(always)]
    fn octet(&mut self, octet: u8) {
        self.dst[self.q] = octet;
        self.q += 1;
        if octet == 255 {
            self.dst[self.q] = 0;
            self.q += 1;
        }
    }

    /// Write ones to the end of an octet that has begun.
    fn complete(&mut self) {
        if self.count > 0 {
            let spare = 8 - self.count;
            let octet = (self.buffer << spare) as u8 | (255u8 >> self.count);
            self.octet(octet);
            self.count = 0;
        }
    }

    fn has_room(&self, count: usize) -> bool {
        self.q + count <= self.dst.len()
    }
}

/// A data unit of an MCU, as the plan of an encoder describes it.
struct Unit<'a> {
    first: i64,
    across: i64,
    down: i64,
    component: usize,
    dc: &'a [i32; 256],
    ac: &'a [i32; 256],
}

/// Write the entropy-coded data of a scan, with restart markers and stuffed zeros.
///
/// Returns the octets written; `OUTPUT_FULL` if there may not be room for them; `BAD_VALUE`
/// if a table lacks a code.
pub fn encode_scan(
    coefficients: &[i16],
    scan: &[i64],
    plan: &[i64],
    codes: &[i32],
    order: &[u8],
    dst: &mut [u8],
) -> i64 {
    let (across, total, interval) = (scan[0], scan[1], scan[2]);
    let order: [usize; 64] = std::array::from_fn(|k| usize::from(order[k] & 63));
    let units: Vec<Unit> = plan
        .chunks_exact(UNIT)
        .map(|unit| Unit {
            first: unit[0],
            across: unit[1],
            down: unit[2],
            component: (unit[3] & 3) as usize,
            dc: table(codes, unit[4]),
            ac: table(codes, unit[5]),
        })
        .collect();
    let mut predictions = [0i32; 4];
    let mut out = Writer { dst, q: 0, buffer: 0, count: 0 };
    for mcu in 0..total {
        let (y, x) = (mcu / across, mcu % across);
        if mcu > 0 && mcu % interval == 0 {
            if !out.has_room(8) {
                return OUTPUT_FULL;
            }
            out.complete();
            let number = ((mcu / interval - 1) & 7) as u8;
            out.dst[out.q..out.q + 2].copy_from_slice(&[255, 208 + number]);
            out.q += 2;
            predictions = [0; 4];
        }
        for unit in &units {
            if !out.has_room(ROOM) {
                return OUTPUT_FULL;
            }
            let index = ((unit.first + x * unit.across + y * unit.down) & INDEX) as usize;
            let block: &[i16; 64] = coefficients[index << 6..]
                .first_chunk()
                .expect("a block that is in the plan is there");
            let difference = i32::from(block[0]) - predictions[unit.component];
            predictions[unit.component] = i32::from(block[0]);
            if encode_block(&mut out, difference, block, &order, unit).is_none() {
                return BAD_VALUE;
            }
        }
    }
    if !out.has_room(8) {
        return OUTPUT_FULL;
    }
    out.complete();
    out.q as i64
}

fn table(codes: &[i32], first: i64) -> &[i32; 256] {
    codes[first as usize..].first_chunk().expect("a table that is in the plan is there")
}

/// Write one block; nothing comes back if a value has no code.
#[inline(always)]
fn encode_block(
    out: &mut Writer,
    difference: i32,
    block: &[i16; 64],
    order: &[usize; 64],
    unit: &Unit,
) -> Option<()> {
    write(out, unit.dc, 0, difference)?;
    // One bit for each coefficient that is not zero, in zigzag order.
    let mut present = 0u64;
    for (k, &place) in order.iter().enumerate().skip(1) {
        present |= u64::from(block[place & 63] != 0) << k;
    }
    let mut done = 0;
    while present != 0 {
        let k = present.trailing_zeros();
        present &= present.wrapping_sub(1);
        let mut run = k.wrapping_sub(done).wrapping_sub(1); // k is past what was done
        while run > 15 {
            write(out, unit.ac, 15, 0)?; // ZRL: 16 zeros
            run -= 16;
        }
        let value = i32::from(block[order[k as usize & 63] & 63]);
        write(out, unit.ac, run, value)?;
        done = k;
    }
    if done < 63 {
        write(out, unit.ac, 0, 0)?; // EOB
    }
    out.drain();
    Some(())
}

/// Write a code and the number that it announces.
#[inline(always)]
fn write(out: &mut Writer, table: &[i32; 256], run: u32, value: i32) -> Option<()> {
    let size = 32 - value.unsigned_abs().leading_zeros();
    if size > 15 {
        return None;
    }
    let code = table[(run << 4 | size) as usize & 255];
    if code == 0 {
        return None;
    }
    // A negative number is written as one less, in its lowest bits (F.1.2.1.1).
    let number = value.wrapping_add(value >> 31) as u32 & (1u32 << size).wrapping_sub(1);
    let bits = u64::from(code as u32 & 0xFFFF) << size | u64::from(number);
    out.put(bits, (code as u32 >> 16 & 31) + size);
    Some(())
}
