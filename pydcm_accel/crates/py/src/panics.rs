//! What becomes of a panic: `pydcm.errors.BackendError`, which names the kernel.

use std::any::Any;
use std::cell::RefCell;
use std::panic;

use pyo3::prelude::*;

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Lets a panic say nothing on standard error; where it was is kept for the exception.
pub fn be_quiet() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        PLACE.with(|kept| kept.replace(place));
    }));
}

fn error(py: Python<'_>, kernel: &str, cause: &(dyn Any + Send)) -> PyErr {
    let text = cause
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    let place = PLACE.with(RefCell::take);
    let message = format!(
        "the accelerator's {kernel} failed: {text} ({place}); \
         PYDCM_IMPL=reference runs the kernel in Python"
    );
    let made = py
        .import("pydcm.errors")
        .and_then(|errors| errors.getattr("BackendError"))
        .and_then(|kind| kind.call1((message,)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// Runs a kernel's loop without the interpreter's lock.
pub fn run<R: Send>(py: Python<'_>, kernel: &str, body: impl FnOnce() -> R + Send) -> PyResult<R> {
    // Nothing that a panic leaves half done is used again: the caller throws its buffers away.
    let result = py.detach(|| panic::catch_unwind(panic::AssertUnwindSafe(body)));
    result.map_err(|cause| error(py, kernel, &*cause))
}
