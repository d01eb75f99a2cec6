//! Elements of a data set, items of a sequence, and the ends of undefined lengths.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_parse::{elements, items};

fuzz_target!(|data: &[u8]| {
    let Some((&choice, src)) = data.split_first() else { return };
    let (coding, depth) = (i64::from(choice & 7), 1 + i64::from(choice >> 3 & 3));
    let until = if choice & 0x40 != 0 { 0x7FE0_0010 } else { 1 << 32 };
    let stop = src.len() as i64;
    let (mut tags, mut offsets, mut state) = ([0; 64], [0; 65], [0; 2]);
    let found =
        elements::scan(src, 0, stop, coding, until, depth, &mut tags, &mut offsets, &mut state);
    let count = usize::try_from(if found < 0 { state[0] } else { found }).expect("a count");
    assert!(offsets[..=count].windows(2).all(|pair| pair[0] < pair[1]));
    assert!(offsets[count] <= stop);
    let end = elements::find_end(src, 0, stop, coding, 1, depth, &mut state);
    assert!(end <= stop || end < 0 || src.len() < 8);
    let (mut begins, mut ends) = ([0; 64], [0; 64]);
    let count = items::scan_items(src, 0, stop, coding, depth, &mut begins, &mut ends, &mut state);
    for k in 0..usize::try_from(count).unwrap_or(0) {
        assert!(begins[k] <= ends[k] && ends[k] <= stop);
    }
});
