//! Data elements.

use pydcm_parse::elements;

use crate::buffers::{In, Out};
use crate::kernels;

kernels! {
    "elements.find_end": fn find_end(
        src: In<u8>, start: i64, stop: i64, coding: i64, depth: i64, max_depth: i64,
        state: Out<i64>,
    ) {
        elements::find_end(src, start, stop, coding, depth, max_depth, state)
    }
    "elements.scan": fn scan(
        src: In<u8>, start: i64, stop: i64, coding: i64, until: i64, max_depth: i64,
        tags: Out<i64>, offsets: Out<i64>, state: Out<i64>,
    ) {
        elements::scan(src, start, stop, coding, until, max_depth, tags, offsets, state)
    }
}
