//! Lossless JPEG: the bits of a scan, with every predictor.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_codecs::{jpegentropy, jpeglossless};

const SHORT_BITS: usize = 13;

/// Codes of 5 bits for the categories 0 to 16; the others are none.
fn full() -> Vec<u16> {
    (0..1u32 << 16)
        .map(|next| next >> 11)
        .map(|k| if k < 17 { 5 << 8 | k as u16 } else { 0 })
        .collect()
}

fuzz_target!(|data: &[u8]| {
    let [choice, src @ ..] = data else { return };
    let predictor = i64::from(1 + choice % 7);
    let components = if choice & 0x80 == 0 { 1i64 } else { 3 };
    let (rows, width) = (6, 7);
    let pieces = [0, src.len() as i64];
    let (mut starts, mut ends) = ([0], [0]);
    let mut octets = vec![0; src.len() + 64];
    if jpegentropy::unstuff(src, &pieces, &mut octets, &mut starts, &mut ends) < 0 {
        return;
    }
    let words: Vec<u32> = octets
        .chunks_exact(4)
        .map(|word| u32::from_be_bytes(word.try_into().expect("4 octets")))
        .collect();
    let plan = [width, components, components, predictor, 128, rows, 255, 1, 0, 1, 2];
    let mut dst = vec![0u8; (rows * width * components) as usize];
    let short = vec![0; 1 << SHORT_BITS];
    let mut state = [0; 2];
    let plan = &plan[..8 + components as usize];
    jpeglossless::decode_scan(&words, &starts, &ends, &short, &full(), plan, &mut dst, &mut state);
});
