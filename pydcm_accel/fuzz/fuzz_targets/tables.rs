//! Lookup tables.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_codecs::lut;

fuzz_target!(|data: &[u8]| {
    let [first, width, size, rest @ ..] = data else { return };
    let (table, src) = rest.split_at(rest.len().min(usize::from(*size)));
    let mut taken = vec![0; src.len() * usize::from(*width)];
    lut::take(src, i64::from(*first) - 128, table, i64::from(*width), &mut taken);
    let mut rescaled = vec![0.0; src.len()];
    lut::rescale(src, f64::from(*first), -1024.0, &mut rescaled);
});
