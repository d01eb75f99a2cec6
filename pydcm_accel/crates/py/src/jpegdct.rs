//! DCT-based JPEG.

use pydcm_codecs::jpegdct::{self, Cell, ScanData};

use crate::buffers::{AnyIn, AnyOut, Cells, CellsMut, In, Out};
use crate::kernels;

kernels! {
    "jpegdct.decode_sequential": fn decode_sequential(
        words: In<u32>,
        starts: In<i64>,
        ends: In<i64>,
        scan: In<i64>,
        plan: In<i64>,
        tables: In<i32>,
        order: In<u8>,
        coefficients: Out<i16>,
        extents: Out<u8>,
        state: Out<i64>,
    ) {
        let data = ScanData { words, starts, ends, scan, plan, tables, order };
        jpegdct::decode_sequential(data, coefficients, extents, state)
    }
    "jpegdct.decode_progressive": fn decode_progressive(
        words: In<u32>,
        starts: In<i64>,
        ends: In<i64>,
        scan: In<i64>,
        plan: In<i64>,
        tables: In<i32>,
        order: In<u8>,
        coefficients: Out<i16>,
        extents: Out<u8>,
        state: Out<i64>,
    ) {
        let data = ScanData { words, starts, ends, scan, plan, tables, order };
        jpegdct::decode_progressive(data, coefficients, extents, state)
    }
    "jpegdct.inverse": fn inverse(
        coefficients: In<i16>,
        extents: In<u8>,
        quantisation: In<i32>,
        shape: In<i64>,
        dst: AnyOut,
    ) {
        macro_rules! run {
            ($($kind:ident)*) => {
                match dst {
                    $(CellsMut::$kind(dst) => {
                        jpegdct::inverse(coefficients, extents, quantisation, shape, dst)
                    })*
                }
            };
        }
        run!(U8 I8 U16 I16 U32 I32 U64 I64)
    }
    "jpegdct.forward": fn forward(
        src: In<u8>,
        quantisation: In<i32>,
        shape: In<i64>,
        coefficients: Out<i16>,
    ) {
        jpegdct::forward(src, quantisation, shape, coefficients)
    }
    "jpegdct.upsample": fn upsample(src: AnyIn, shape: In<i64>, dst: AnyOut) {
        resample(src, shape, dst, &Upsample)
    }
    "jpegdct.replicate": fn replicate(src: AnyIn, shape: In<i64>, dst: AnyOut) {
        resample(src, shape, dst, &Replicate)
    }
    "jpegdct.encode_scan": fn encode_scan(
        coefficients: In<i16>,
        scan: In<i64>,
        plan: In<i64>,
        codes: In<i32>,
        order: In<u8>,
        dst: Out<u8>,
    ) {
        jpegdct::encode_scan(coefficients, scan, plan, codes, order, dst)
    }
}

/// What brings a component to the size of the image, for cells of any type.
trait Resample {
    fn run<T: Cell>(&self, src: &[T], shape: &[i64], dst: &mut [T]) -> i64;
}

struct Upsample;
struct Replicate;

impl Resample for Upsample {
    fn run<T: Cell>(&self, src: &[T], shape: &[i64], dst: &mut [T]) -> i64 {
        jpegdct::upsample(src, shape, dst)
    }
}

impl Resample for Replicate {
    fn run<T: Cell>(&self, src: &[T], shape: &[i64], dst: &mut [T]) -> i64 {
        jpegdct::replicate(src, shape, dst)
    }
}

fn resample(src: Cells, shape: &[i64], dst: CellsMut, run: &impl Resample) -> i64 {
    match (src, dst) {
        (Cells::U8(src), CellsMut::U8(dst)) => run.run(src, shape, dst),
        (Cells::U16(src), CellsMut::U16(dst)) => run.run(src, shape, dst),
        (Cells::U32(src), CellsMut::U32(dst)) => run.run(src, shape, dst),
        (src, dst) => resample_wide(&wide(src), shape, dst, run),
    }
}

/// Take the way of 64 bits, which all types have in common.
fn resample_wide(src: &[i64], shape: &[i64], dst: CellsMut, run: &impl Resample) -> i64 {
    macro_rules! through {
        ($($kind:ident $cell:ty;)*) => {
            match dst {
                $(CellsMut::$kind(dst) => {
                    let mut cells: Vec<i64> = dst.iter().map(|&cell| cell as i64).collect();
                    let count = run.run(src, shape, &mut cells);
                    for (cell, found) in dst.iter_mut().zip(cells) {
                        *cell = found as $cell;
                    }
                    count
                })*
            }
        };
    }
    through! { U8 u8; I8 i8; U16 u16; I16 i16; U32 u32; I32 i32; U64 u64; I64 i64; }
}

fn wide(cells: Cells) -> Vec<i64> {
    macro_rules! widened {
        ($($kind:ident)*) => {
            match cells { $(Cells::$kind(cells) => cells.iter().map(|&cell| cell as i64).collect(),)* }
        };
    }
    widened!(U8 I8 U16 I16 U32 I32 U64 I64)
}
