//! JPEG-LS.

use pydcm_codecs::jpegls;

use crate::buffers::{In, Out};
use crate::kernels;

kernels! {
    "jpegls.unstuff": fn unstuff(
        src: In<u8>, start: i64, windows: Out<u32>, intervals: Out<i64>,
    ) {
        jpegls::unstuff(src, start, windows, intervals)
    }
    "jpegls.stuff": fn stuff(words: In<u32>, intervals: In<i64>, dst: Out<u8>) {
        jpegls::stuff(words, intervals, dst)
    }
    "jpegls.decode_lines": fn decode_lines(
        windows: In<u32>, intervals: In<i64>, table: In<u8>, coding: In<i64>,
        dst: Out<u16>, state: Out<i64>,
    ) {
        jpegls::decode_lines(windows, intervals, table, coding, dst, state)
    }
    "jpegls.decode_samples": fn decode_samples(
        windows: In<u32>, intervals: In<i64>, table: In<u8>, coding: In<i64>,
        dst: Out<u16>, state: Out<i64>,
    ) {
        jpegls::decode_samples(windows, intervals, table, coding, dst, state)
    }
    "jpegls.encode_lines": fn encode_lines(
        src: Out<u16>, table: In<u8>, coding: In<i64>, words: Out<u32>, intervals: Out<i64>,
    ) {
        jpegls::encode_lines(src, table, coding, words, intervals)
    }
    "jpegls.encode_samples": fn encode_samples(
        src: Out<u16>, table: In<u8>, coding: In<i64>, words: Out<u32>, intervals: Out<i64>,
    ) {
        jpegls::encode_samples(src, table, coding, words, intervals)
    }
}
