//! Run-length coding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pydcm_codecs::rle;

fuzz_target!(|data: &[u8]| {
    let [columns, src @ ..] = data else { return };
    let mut plane = vec![0; 16 * usize::from(*columns)];
    let status = rle::decode_segment(src, &mut plane);
    let (stop, mut groups, mut state) = (src.len() as i64, vec![0; 2 * plane.len()], [0; 2]);
    let (bounds, mut occurring) = ([0, stop, 0, stop], [0; 2]);
    rle::decode_segments(src, &bounds, &[1, 0], &mut groups, &mut state, &mut occurring);
    assert_eq!(state, [status; 2]);
    assert_eq!(occurring, [groups.iter().fold(0, |all, octet| all | octet); 2]);
    let columns = i64::from(*columns).max(1);
    let mut segment = vec![0; 2 * src.len() + 2];
    let count = rle::encode_segment(src, columns, &mut segment);
    let mut again = vec![0; src.len()];
    let count = usize::try_from(count).expect("room for the longest segment");
    assert_eq!(rle::decode_segment(&segment[..count], &mut again), src.len() as i64);
    assert_eq!(again, src);
});
