//! Lossless JPEG.

use pydcm_codecs::jpeglossless;

use crate::buffers::{AnyOut, CellsMut, In, Out};
use crate::kernels;

kernels! {
    "jpeglossless.decode_scan": fn decode_scan(
        words: In<u32>, starts: In<i64>, ends: In<i64>, short: In<i32>, full: In<u16>,
        plan: In<i64>, dst: AnyOut, state: Out<i64>,
    ) {
        match dst {
            CellsMut::U8(dst) => {
                jpeglossless::decode_scan(words, starts, ends, short, full, plan, dst, state)
            }
            CellsMut::U16(dst) => {
                jpeglossless::decode_scan(words, starts, ends, short, full, plan, dst, state)
            }
            _ => panic!("samples are of 8 or 16 bits, unsigned"),
        }
    }
    "jpeglossless.encode_scan": fn encode_scan(
        diff: In<i32>, categories: In<u8>, codes: In<i32>, interval: i64,
        dst: Out<u8>, ends: Out<i64>,
    ) {
        jpeglossless::encode_scan(diff, categories, codes, interval, dst, ends)
    }
}
