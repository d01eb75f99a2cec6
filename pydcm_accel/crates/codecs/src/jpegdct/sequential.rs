//! Sequential scans, and the first scan of the DC coefficients of a progressive frame.

use super::bits::{Bits, Table};
use super::{DataUnit, ScanData};
use crate::status::{BAD_VALUE, TRUNCATED};

const LARGEST: i64 = 32767;

/// Why a block could not be decoded.
enum Fault {
    /// A code is in no table, or a number out of its range; nothing else is asked.
    AtOnce,
    /// The coefficients are more than a block has, unless the data have ended before.
    InBlock,
}

/// Decode a sequential scan (ISO 10918-1 F.2.2, G.1.2.1).
///
/// Returns the MCUs decoded, or `TRUNCATED` or `BAD_VALUE`; `state` takes the bit and the
/// interval at which there is a fault.
pub fn decode_sequential(
    data: ScanData,
    coefficients: &mut [i16],
    extents: &mut [u8],
    state: &mut [i64],
) -> i64 {
    if !data.has_slack() {
        return TRUNCATED;
    }
    let scan = data.scan;
    let (across, total, interval, end) = (scan[0], scan[1], scan[2], scan[4]);
    let low = scan[6].clamp(0, 31) as u32;
    let units = data.units();
    let order = data.order();
    let parts = data.starts.len();
    for part in 0..parts {
        state[1] = part as i64;
        let stop = data.ends[part];
        let mut bits = Bits::new(data.words, data.starts[part]);
        let mut predictions = [0i32; 4];
        let first = part as i64 * interval;
        let (mut y, mut x) = (first / across, first % across);
        for _ in first..total.min(first + interval) {
            for unit in &units {
                let index = unit.block(x, y);
                let block: &mut [i16; 64] = coefficients[index << 6..]
                    .first_chunk_mut()
                    .expect("a block that is in the plan is there");
                let found = direct(&mut bits, unit, &mut predictions, low, block)
                    .and_then(|()| alternating(&mut bits, unit.ac, end, &order, block));
                if bits.position() > stop && !matches!(found, Err(Fault::AtOnce)) {
                    state[0] = stop;
                    return TRUNCATED;
                }
                match found {
                    Ok(last) => extents[index] = last,
                    Err(_) => {
                        state[0] = bits.position();
                        return BAD_VALUE;
                    }
                }
            }
            x += 1;
            if x == across {
                x = 0;
                y += 1;
            }
        }
        state[0] = bits.position();
        if part + 1 < parts && stop - state[0] > 7 {
            return BAD_VALUE; // the interval holds more than its MCUs
        }
    }
    total
}

/// Decode a DC coefficient: the difference from the one before (F.2.2.1).
#[inline(always)]
fn direct(
    bits: &mut Bits,
    unit: &DataUnit,
    predictions: &mut [i32; 4],
    low: u32,
    block: &mut [i16; 64],
) -> Result<(), Fault> {
    bits.fill();
    let table = unit.dc.ok_or(Fault::AtOnce)?;
    let entry = bits.entry(table);
    if entry.is_none() {
        return Err(Fault::AtOnce);
    }
    bits.skip(entry.length());
    let mut value = entry.value();
    if entry.size() > 0 {
        value = bits.number(entry.size());
    }
    // Both are of 16 bits: a larger sum is refused below, before it is a prediction.
    value += predictions[unit.component];
    predictions[unit.component] = value;
    let value = i64::from(value) << low;
    if !(-LARGEST..=LARGEST).contains(&value) {
        return Err(Fault::AtOnce);
    }
    block[0] = value as i16;
    Ok(())
}

/// Decode the AC coefficients: runs of zeros, each with what ends it (F.2.2.2).
///
/// Returns the zigzag index of the last one.
#[inline(always)]
fn alternating(
    bits: &mut Bits,
    table: Option<&Table>,
    end: i64,
    order: &[u8; 64],
    block: &mut [i16; 64],
) -> Result<u8, Fault> {
    let mut last = 0;
    if end < 1 {
        return Ok(last);
    }
    let table = table.ok_or(Fault::AtOnce)?;
    let end = end as u32;
    let mut k = 1u32;
    while k <= end {
        bits.fill();
        let entry = bits.entry(table);
        bits.skip(entry.length());
        let mut value = entry.value();
        if value == 0 {
            let size = entry.size();
            if size == 0 {
                if entry.run() == 15 {
                    k = k.wrapping_add(16); // at most 63 before
                    continue;
                }
                if entry.is_none() || entry.run() > 0 {
                    return Err(Fault::InBlock);
                }
                return Ok(last);
            }
            value = bits.number(size);
        }
        k = k.wrapping_add(entry.run()); // at most 63 before
        if k > 63 {
            return Err(Fault::InBlock);
        }
        block[usize::from(order[k as usize] & 63)] = value as i16;
        last = k as u8;
        k = k.wrapping_add(1);
    }
    if k > 64 {
        return Err(Fault::InBlock);
    }
    Ok(last)
}
