//! JPEG-LS (ISO 14495-1): scans and their bits.
//!
//! The names are those of the standard: `ra`, `rb`, `rc` and `rd` are the reconstructed
//! neighbours to the left, above, above left and above right of a sample, `px` is its prediction
//! and `rx` its reconstruction.
//!
//! The work of a sample is a chain: its left neighbour selects the context, whose Golomb
//! parameter tells what the next bits mean, which are the sample, the neighbour of the next.
//! What is not on that chain is kept off it; so a context holds its Golomb parameter, which is
//! calculated when the context changes and not when it is used.

mod bits;
mod decode;
mod decode_samples;
mod encode;
mod encode_samples;
mod model;

pub use bits::{stuff, unstuff};
pub use decode::decode_lines;
pub use decode_samples::decode_samples;
pub use encode::encode_lines;
pub use encode_samples::encode_samples;
