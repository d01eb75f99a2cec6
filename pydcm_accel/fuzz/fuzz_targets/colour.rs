//! YBR_FULL to RGB and back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_codecs::colour;

fuzz_target!(|data: &[u8]| {
    let mut pixels = data.to_vec();
    colour::ybr_to_rgb(&mut pixels);
    colour::rgb_to_ybr(&mut pixels);
});
