//! Numbers in text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_parse::decimals;

fuzz_target!(|data: &[u8]| {
    let decimal = decimals::count(data, 16, 0);
    let whole = decimals::count(data, 16, 1);
    assert!(whole == 0 || whole == decimal);
});
