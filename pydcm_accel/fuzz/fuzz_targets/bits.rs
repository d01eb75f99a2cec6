//! Pixels of one bit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_codecs::bits;

fuzz_target!(|data: &[u8]| {
    let [start, count, src @ ..] = data else { return };
    let start = i64::from(*start);
    let mut wide = vec![0; usize::from(*count)];
    if bits::unpack(src, start, &mut wide) >= 0 {
        let mut narrow = vec![0; src.len()];
        assert_eq!(bits::pack(&wide, &mut narrow, start), i64::from(*count));
        let mut again = vec![0; wide.len()];
        bits::unpack(&narrow, start, &mut again);
        assert_eq!(wide, again);
    }
    bits::pack(src, &mut wide, start);
});
