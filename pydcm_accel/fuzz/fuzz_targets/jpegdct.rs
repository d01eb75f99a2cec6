//! DCT-based JPEG: the bits of a scan, sequential and progressive, and the transform.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_codecs::jpegdct::{self, ScanData};
use pydcm_codecs::jpegentropy;

const LOOK: usize = 10;
const SLACK: usize = 80;
const BLOCKS: usize = 4;

/// Codes of 8 bits, each its own value.
fn table() -> Vec<i32> {
    let codes = (0..1i32 << LOOK).map(|next| next >> (LOOK - 8));
    let mut cells: Vec<i32> =
        codes.map(|symbol| 8 | (symbol & 15) << 5 | symbol >> 4 << 9).collect();
    cells.extend([0; 17 + 17 + 256]);
    cells
}

fuzz_target!(|data: &[u8]| {
    let [choice, src @ ..] = data else { return };
    let pieces = [0, src.len() as i64];
    let (mut starts, mut ends) = ([0], [0]);
    let mut octets = vec![0; src.len() + 64 + 4 * SLACK];
    if jpegentropy::unstuff(src, &pieces, &mut octets, &mut starts, &mut ends) < 0 {
        return;
    }
    let words: Vec<u32> = octets
        .chunks_exact(4)
        .map(|word| u32::from_be_bytes(word.try_into().expect("4 octets")))
        .collect();
    let order: Vec<u8> = (0..64).collect();
    let (high, low) = (i64::from(choice >> 1 & 1), i64::from(choice >> 2 & 1));
    let tables = table();
    let blocks = BLOCKS as i64;
    let (mut coefficients, mut extents) = (vec![0; 64 * BLOCKS], vec![0; BLOCKS]);
    let mut state = [0; 2];
    let progressive = choice & 1 == 1;
    let (first, last) = if progressive { (1, 63) } else { (0, 63) };
    let scan = [blocks, blocks, blocks, first, last, high, low];
    let plan = [0, 1, blocks, 0, 0, 0];
    let data = ScanData {
        words: &words,
        starts: &starts,
        ends: &ends,
        scan: &scan,
        plan: &plan,
        tables: &tables,
        order: &order,
    };
    if progressive {
        jpegdct::decode_progressive(data, &mut coefficients, &mut extents, &mut state);
    } else {
        jpegdct::decode_sequential(data, &mut coefficients, &mut extents, &mut state);
    }
});
