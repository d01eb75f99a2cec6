//! Scans of a progressive frame that bring AC coefficients, or one bit more.

use super::bits::{Bits, Table};
use super::ScanData;
use crate::status::{BAD_VALUE, TRUNCATED};

const LARGEST: i32 = 32767;
/// A zigzag index that tells of a fault.
const FAULT: i64 = 65;

/// Decode any scan of a progressive frame but the first of its DC coefficients.
///
/// ISO 10918-1 G.1.2.1.1, G.1.2.2, G.1.2.3. Returns the MCUs decoded, or `TRUNCATED` or
/// `BAD_VALUE`; `state` takes the bit and the interval at which there is a fault.
pub fn decode_progressive(
    data: ScanData,
    coefficients: &mut [i16],
    extents: &mut [u8],
    state: &mut [i64],
) -> i64 {
    if !data.has_slack() {
        return TRUNCATED;
    }
    let scan = data.scan;
    let (across, total, interval) = (scan[0], scan[1], scan[2]);
    let mut band = Band {
        start: scan[3],
        end: scan[4],
        refines: scan[5] != 0,
        low: scan[6].clamp(0, 14) as u32,
        order: data.order(),
        eobrun: 0,
    };
    let units = data.units();
    let parts = data.starts.len();
    for part in 0..parts {
        state[1] = part as i64;
        let stop = data.ends[part];
        let mut bits = Bits::new(data.words, data.starts[part]);
        band.eobrun = 0;
        let first = part as i64 * interval;
        for mcu in first..total.min(first + interval) {
            let (y, x) = (mcu / across, mcu % across);
            for unit in &units {
                let index = unit.block(x, y);
                let block: &mut [i16; 64] = coefficients[index << 6..]
                    .first_chunk_mut()
                    .expect("a block that is in the plan is there");
                let mut last = extents[index];
                let k = band.decode(&mut bits, unit.ac, block, &mut last);
                if bits.position() > stop {
                    state[0] = stop;
                    return TRUNCATED;
                }
                if k >= FAULT {
                    state[0] = bits.position();
                    return BAD_VALUE;
                }
                extents[index] = last;
            }
        }
        state[0] = bits.position();
        if band.eobrun > 0 || (part + 1 < parts && stop - state[0] > 7) {
            return BAD_VALUE; // the interval holds more than its MCUs
        }
    }
    total
}

/// The coefficients that a scan brings.
struct Band {
    start: i64,
    end: i64,
    /// Whether it brings one bit more of what is known.
    refines: bool,
    low: u32,
    order: [u8; 64],
    /// Blocks, the next one included, in which the band has no further new coefficient.
    eobrun: i64,
}

impl Band {
    /// Decode the band of one block; return the zigzag index after it, or `FAULT`.
    #[inline(always)]
    fn decode(
        &mut self,
        bits: &mut Bits,
        table: Option<&Table>,
        block: &mut [i16; 64],
        last: &mut u8,
    ) -> i64 {
        let mut k = self.start;
        if self.start == 0 {
            if bits.bit() {
                block[0] |= 1 << self.low;
            }
            k = self.end + 1;
        }
        while k <= self.end && self.eobrun == 0 {
            let Some(table) = table else { return FAULT };
            bits.fill();
            let entry = bits.entry(table);
            if entry.is_none() {
                return FAULT;
            }
            bits.skip(entry.length());
            let mut value = entry.value();
            let run = entry.run();
            if value == 0 {
                if entry.size() > 0 {
                    value = bits.number(entry.size());
                } else if run < 15 {
                    // EOBn (G.1.2.2)
                    self.eobrun = (1 << run) + i64::from(bits.peek(run));
                    bits.skip(run);
                    break;
                }
            }
            if self.refines {
                if !(-1..=1).contains(&value) {
                    return FAULT;
                }
                k = self.refine(bits, block, k, Some(run));
                if k > self.end {
                    return FAULT;
                }
            } else {
                k += i64::from(run);
                if k > self.end || value.abs() > LARGEST >> self.low {
                    return FAULT;
                }
            }
            if value != 0 {
                block[self.place(k)] = (value << self.low) as i16;
                *last = (*last).max((k & 63) as u8);
            }
            k += 1;
        }
        if self.eobrun > 0 {
            self.eobrun -= 1;
            if self.refines {
                k = self.refine(bits, block, k, None);
            }
        }
        k
    }

    #[inline(always)]
    fn place(&self, k: i64) -> usize {
        usize::from(self.order[(k & 63) as usize] & 63)
    }

    /// Read a bit for each coefficient that is known already (G.1.2.3).
    ///
    /// Goes on past `run` others and returns the index of the next, or past the band.
    #[inline(always)]
    fn refine(
        &self,
        bits: &mut Bits,
        block: &mut [i16; 64],
        mut k: i64,
        mut run: Option<u32>,
    ) -> i64 {
        let bit = 1i16 << self.low;
        while k <= self.end {
            let cell = &mut block[self.place(k)];
            if *cell != 0 {
                if bits.bit() {
                    // What is known has no bits below `bit`'s double: it cannot overflow.
                    *cell = cell.wrapping_add(if *cell > 0 { bit } else { -bit });
                }
            } else if let Some(left) = run.as_mut() {
                if *left == 0 {
                    break;
                }
                *left -= 1;
            }
            k += 1;
        }
        k
    }
}
