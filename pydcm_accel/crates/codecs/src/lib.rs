//! Pixels of DICOM objects: packed bits and the codecs of the standard's transfer syntaxes.
//!
//! Every public function is the twin of a kernel of pydcm: the same arguments, the same octets
//! in the buffers it is given, the same result. A negative result is one of [`status`].
#![forbid(unsafe_code)]

pub mod bits;
pub mod colour;
pub mod jpegdct;
pub mod jpegentropy;
pub mod jpeglossless;
pub mod jpegls;
pub mod lut;
pub mod rle;

/// What a function returns when it cannot go on (`pydcm/kernels/status.py`).
pub mod status {
    /// The input ends too early.
    pub const TRUNCATED: i64 = -1;
    /// The output has no room for what the input expands to.
    pub const OUTPUT_FULL: i64 = -2;
    /// A value is out of its range.
    pub const BAD_VALUE: i64 = -3;
}
