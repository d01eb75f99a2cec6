//! JPEG-LS: the bits of a scan of 8-bit samples, in one component or three.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_codecs::jpegls;

/// Thresholds of 8 bits (ISO 14495-1 Table C.3), the gradient plus 4 for each difference.
fn quantised() -> Vec<u8> {
    let one = |difference: i32| match difference.abs() {
        0 => 0,
        1..=2 => 1,
        3..=6 => 2,
        7..=20 => 3,
        _ => 4,
    };
    (-255..=255).map(|d: i32| (4 + d.signum() * one(d)) as u8).collect()
}

fuzz_target!(|data: &[u8]| {
    let [choice, src @ ..] = data else { return };
    let (rows, columns, components) = (8, 9, if choice & 1 == 0 { 1 } else { 3 });
    let interval = if choice & 2 == 0 { rows } else { 3 };
    let count = (rows as usize).div_ceil(interval as usize);
    let mut intervals = vec![0; 3 * count];
    let mut windows = vec![0; src.len() + 16 * count];
    if jpegls::unstuff(src, 0, &mut windows, &mut intervals) < 0 {
        return;
    }
    let table = quantised();
    let coding = [255, 0, 256, 8, 32, 64, rows, columns, components, interval];
    let mut state = [0; 2];
    let mut dst = vec![0; (components * (1 + rows) * columns) as usize];
    if choice & 4 == 0 {
        jpegls::decode_lines(&windows, &intervals, &table, &coding, &mut dst, &mut state);
    } else {
        jpegls::decode_samples(&windows, &intervals, &table, &coding, &mut dst, &mut state);
    }
});
