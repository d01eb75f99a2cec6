//! Lookup tables and rescaling.

use pydcm_codecs::lut::{self, Value};

use crate::buffers::{AnyIn, AnyOut, Cells, CellsMut, Out};
use crate::kernels;

kernels! {
    "lut.take": fn take(src: AnyIn, first: i64, table: AnyIn, width: i64, dst: AnyOut) {
        macro_rules! run {
            ($($kind:ident)*) => {
                match src { $(Cells::$kind(src) => take_cells(src, first, table, width, dst),)* }
            };
        }
        run!(U8 I8 U16 I16 U32 I32 U64 I64)
    }
    "lut.rescale": fn rescale(src: AnyIn, slope: f64, intercept: f64, dst: Out<f32>) {
        macro_rules! run {
            ($($kind:ident)*) => {
                match src { $(Cells::$kind(src) => lut::rescale(src, slope, intercept, dst),)* }
            };
        }
        run!(U8 I8 U16 I16 U32 I32 U64 I64)
    }
}

fn take_cells<V: Value>(src: &[V], first: i64, table: Cells, width: i64, dst: CellsMut) -> i64 {
    macro_rules! run {
        ($($kind:ident)*) => {
            match (table, dst) {
                $((Cells::$kind(table), CellsMut::$kind(dst)) => {
                    lut::take(src, first, table, width, dst)
                })*
                _ => panic!("table and result are of different types"),
            }
        };
    }
    run!(U8 I8 U16 I16 U32 I32 U64 I64)
}
