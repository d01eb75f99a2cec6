//! Items, and all that is in them.

use pydcm_parse::items;

use crate::buffers::{In, Out};
use crate::kernels;

kernels! {
    "items.scan_items": fn scan_items(
        src: In<u8>, start: i64, stop: i64, coding: i64, max_depth: i64,
        begins: Out<i64>, ends: Out<i64>, state: Out<i64>,
    ) {
        items::scan_items(src, start, stop, coding, max_depth, begins, ends, state)
    }
    "items.scan_tree": fn scan_tree(
        src: In<u8>, start: i64, stop: i64, coding: i64, max_depth: i64,
        tags: Out<i64>, offsets: Out<i64>, nexts: Out<i64>, stack: Out<i64>, state: Out<i64>,
    ) {
        items::scan_tree(src, start, stop, coding, max_depth, tags, offsets, nexts, stack, state)
    }
}
