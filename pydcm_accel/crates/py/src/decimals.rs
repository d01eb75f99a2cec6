//! Numbers in text.

use pydcm_parse::decimals;

use crate::buffers::In;
use crate::kernels;

kernels! {
    "decimals.count": fn count(src: In<u8>, longest: i64, whole: i64) {
        decimals::count(src, longest, whole)
    }
}
