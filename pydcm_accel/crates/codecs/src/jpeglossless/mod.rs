//! Lossless JPEG: differences of neighbours in Huffman codes (ISO 10918-1 Annex H).

mod decode;
mod encode;
mod rows;

pub use decode::{decode_scan, Plan};
pub use encode::encode_scan;

/// A type of samples: octets, or words of 16 bits.
pub trait Sample: Copy + Default {
    /// The low bits of a value.
    fn of(value: i32) -> Self;

    /// The value.
    fn value(self) -> i32;
}

impl Sample for u8 {
    #[inline(always)]
    fn of(value: i32) -> Self {
        value as u8
    }

    #[inline(always)]
    fn value(self) -> i32 {
        i32::from(self)
    }
}

impl Sample for u16 {
    #[inline(always)]
    fn of(value: i32) -> Self {
        value as u16
    }

    #[inline(always)]
    fn value(self) -> i32 {
        i32::from(self)
    }
}
