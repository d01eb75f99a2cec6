//! Pixels of one bit.

use pydcm_codecs::bits;

use crate::buffers::{In, Out};
use crate::kernels;

kernels! {
    "bits.unpack": fn unpack(src: In<u8>, start: i64, dst: Out<u8>) {
        bits::unpack(src, start, dst)
    }
    "bits.pack": fn pack(src: In<u8>, dst: Out<u8>, start: i64) {
        bits::pack(src, dst, start)
    }
}
