//! Entropy-coded data of JPEG scans.

use pydcm_codecs::jpegentropy;

use crate::buffers::{In, Out};
use crate::kernels;

kernels! {
    "jpegentropy.find_markers": fn find_markers(src: In<u8>, start: i64, found: Out<i64>) {
        jpegentropy::find_markers(src, start, found)
    }
    "jpegentropy.unstuff": fn unstuff(
        src: In<u8>, pieces: In<i64>, dst: Out<u8>, starts: Out<i64>, ends: Out<i64>,
    ) {
        jpegentropy::unstuff(src, pieces, dst, starts, ends)
    }
}
