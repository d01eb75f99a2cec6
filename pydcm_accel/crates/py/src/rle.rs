//! Run-length coding.

use pydcm_codecs::rle;

use crate::buffers::{In, Out};
use crate::kernels;

kernels! {
    "rle.decode_segment": fn decode_segment(src: In<u8>, dst: Out<u8>) {
        rle::decode_segment(src, dst)
    }
    "rle.decode_segments": fn decode_segments(
        src: In<u8>, bounds: In<i64>, places: In<i64>, dst: Out<u8>, state: Out<i64>,
        occurring: Out<u8>,
    ) {
        rle::decode_segments(src, bounds, places, dst, state, occurring)
    }
    "rle.encode_segment": fn encode_segment(src: In<u8>, columns: i64, dst: Out<u8>) {
        rle::encode_segment(src, columns, dst)
    }
}
