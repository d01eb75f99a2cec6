//! An item, and all that is in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_parse::items;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, src)) = data.split_first() else { return };
    let (coding, depth) = (i64::from(choice & 7), 1 + usize::from(choice >> 3 & 3));
    let (mut tags, mut offsets, mut nexts) = ([0; 128], [0; 128], [0; 128]);
    let (mut stack, mut state) = (vec![0; 4 * depth + 4], [0; 2]);
    let rows = items::scan_tree(
        src,
        0,
        src.len() as i64,
        coding,
        depth as i64,
        &mut tags,
        &mut offsets,
        &mut nexts,
        &mut stack,
        &mut state,
    );
    for (k, &next) in nexts.iter().enumerate().take(usize::try_from(rows).expect("a count")) {
        assert!(k < next as usize && next <= rows);
    }
});
