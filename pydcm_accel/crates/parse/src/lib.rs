//! The structure of encoded DICOM data sets: elements and items, without their values (PS3.5 7).
//!
//! Every public function is the twin of a kernel of pydcm: the same arguments, the same numbers
//! in the slices it is given, the same result. A negative result is one of [`status`].
//!
//! Positions are 0-based offsets into `src`. Nothing is read from `stop` on, nor from the end of
//! `src` on.
#![forbid(unsafe_code)]

pub mod decimals;
pub mod elements;
mod headers;
pub mod items;
mod load;

pub use headers::{BIG_ENDIAN, IMPLICIT_VR, IN_ITEM};

/// What a function returns when it cannot go on (`pydcm/kernels/status.py`).
pub mod status {
    /// The input ends too early.
    pub const TRUNCATED: i64 = -1;
    /// An item or a delimiter was expected.
    pub const UNEXPECTED_TAG: i64 = -4;
    /// Undefined lengths are nested deeper than allowed.
    pub const DEPTH_LIMIT: i64 = -6;
}

/// Why a scan stopped, in `state[0]` (`pydcm/kernels/elements.py`).
pub mod reason {
    /// At the end.
    pub const AT_END: i64 = 0;
    /// At the delimiter of the item.
    pub const AT_ITEM_DELIMITER: i64 = 1;
    /// At the first tag that was not asked for.
    pub const AT_UNTIL: i64 = 2;
    /// The results have no room for more.
    pub const ROOM_USED: i64 = 3;
    /// What begins at `state[1]` goes on after `stop`.
    pub const TOO_SHORT: i64 = 4;
}
