//! The module `pydcm_accel._native`: every kernel of pydcm by its name.
//!
//! A family of kernels is a table made by [`kernels!`]: the kernel's name, its arguments and the
//! call of the plain Rust function that is its twin. What all of them share is here: buffers in,
//! a number out, the interpreter's lock released, a panic turned into an exception.

mod buffers;
mod panics;

mod bits;
mod colour;
mod decimals;
mod elements;
mod items;
mod jpegdct;
mod jpegentropy;
mod jpeglossless;
mod jpegls;
mod lut;
mod rle;

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Makes the Python functions of one family, and `register`, which puts them into the table.
///
/// ```ignore
/// kernels! {
///     "rle.decode_segment": fn decode_segment(src: In<u8>, dst: Out<u8>) {
///         rle::decode_segment(src, dst)
///     }
/// }
/// ```
///
/// In the body an `In<T>` is a `&[T]`, an `Out<T>` a `&mut [T]`, an `AnyIn` a `Cells`, an `AnyOut`
/// a `CellsMut`, and a number (`i64`, `f64`, `bool`) itself; its value is the status, an `i64`.
#[macro_export]
macro_rules! kernels {
    ($($name:literal: fn $function:ident($($argument:ident: $kind:ty),* $(,)?) $body:block)*) => {
        $(
            #[pyo3::pyfunction]
            #[pyo3(signature = ($($argument),*, /))]
            // Kernels have as many arguments as their references.
            #[allow(clippy::too_many_arguments)]
            fn $function(py: pyo3::Python<'_>, $(mut $argument: $kind),*) -> pyo3::PyResult<i64> {
                use $crate::buffers::{apart, Argument};
                apart($name, &[$($argument.span()),*])?;
                // SAFETY: the arguments hold their buffers to the end of this function, and no
                // two of them overlap where one is written to. Other threads: pydcm's callers
                // make the buffers of a call for that call alone, or never write to them.
                $(let $argument = unsafe { $argument.bare() };)*
                $crate::panics::run(py, $name, move || -> i64 { $body })
            }
        )*

        /// Puts the kernels of this family into the table.
        pub fn register(table: &pyo3::Bound<'_, pyo3::types::PyDict>) -> pyo3::PyResult<()> {
            use pyo3::types::PyDictMethods;
            $(table.set_item($name, pyo3::wrap_pyfunction!($function, table.py())?)?;)*
            Ok(())
        }
    };
}

/// Equal to `pydcm.kernels.ABI` of the pydcm that this belongs to.
const ABI: i64 = 2;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    panics::be_quiet();
    let table = PyDict::new(module.py());
    bits::register(&table)?;
    colour::register(&table)?;
    decimals::register(&table)?;
    elements::register(&table)?;
    items::register(&table)?;
    jpegdct::register(&table)?;
    jpegentropy::register(&table)?;
    jpeglossless::register(&table)?;
    jpegls::register(&table)?;
    lut::register(&table)?;
    rle::register(&table)?;
    module.add("ABI", ABI)?;
    module.add("KERNELS", table)
}
