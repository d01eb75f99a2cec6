//! Arguments of kernels: buffers of one item type, taken by the buffer protocol, and numbers.
//!
//! A kernel takes what its reference takes: bytes, bytearray, `array.array`, typed memoryviews
//! and numpy arrays. They must be C-contiguous, aligned and of the item type that the kernel
//! works on; anything else is a TypeError. The length is that in items, whatever the shape.

use std::ffi::{c_char, c_int};
use std::mem::{align_of, size_of};
use std::ptr::NonNull;
use std::slice;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;

/// A type of the items of a buffer.
pub trait Item: Copy + Send + Sync + 'static {
    /// The codes of the struct module that stand for it, of whatever size the buffer says.
    const CODES: &'static [u8];
    /// What a TypeError calls it.
    const NAME: &'static str;
}

macro_rules! items {
    ($($kind:ty, $codes:literal;)*) => {
        $(impl Item for $kind {
            const CODES: &'static [u8] = $codes;
            const NAME: &'static str = stringify!($kind);
        })*
    };
}

items! {
    u8, b"BHILQN";
    u16, b"BHILQN";
    u32, b"BHILQN";
    u64, b"BHILQN";
    i8, b"bhilqn";
    i16, b"bhilqn";
    i32, b"bhilqn";
    i64, b"bhilqn";
    f32, b"fd";
    f64, b"fd";
}

/// The octets of an argument, and whether they are written to.
#[derive(Clone, Copy)]
pub struct Span {
    begin: usize,
    end: usize,
    written: bool,
}

impl Span {
    fn clashes(self, other: Span) -> bool {
        (self.written || other.written) && self.begin < other.end && other.begin < self.end
    }
}

/// An argument of a kernel, and what the loop sees of it.
pub trait Argument {
    /// What the loop sees.
    type Bare<'a>
    where
        Self: 'a;

    /// The octets that it stands for; none for a number.
    fn span(&self) -> Option<Span> {
        None
    }

    /// What the loop sees.
    ///
    /// # Safety
    ///
    /// While the result lives, nobody may write to the octets of [`Self::span`], and nobody may
    /// read them if the argument is written to.
    unsafe fn bare(&mut self) -> Self::Bare<'_>;
}

/// Refuses arguments that share memory which one of them is written to.
pub fn apart(kernel: &str, spans: &[Option<Span>]) -> PyResult<()> {
    for (k, first) in spans.iter().enumerate() {
        for second in &spans[k + 1..] {
            if let (Some(first), Some(second)) = (first, second) {
                if first.clashes(*second) {
                    return Err(PyTypeError::new_err(format!(
                        "{kernel}: a buffer that it writes to overlaps another one"
                    )));
                }
            }
        }
    }
    Ok(())
}

/// A buffer that is held until this is dropped.
struct Held {
    // On the heap, since some exporters let its fields point into it.
    view: Box<ffi::Py_buffer>,
}

impl Held {
    fn take(object: &Bound<'_, PyAny>, flags: c_int) -> PyResult<Self> {
        let mut view = Box::new(ffi::Py_buffer::new());
        // SAFETY: the interpreter is attached, since there is a Bound; `view` is valid to write.
        let result = unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), &mut *view, flags) };
        if result == 0 {
            return Ok(Held { view });
        }
        let cause = PyErr::fetch(object.py());
        let error = PyTypeError::new_err(format!(
            "a contiguous {} is needed, not {}",
            if flags & ffi::PyBUF_WRITABLE != 0 { "writable buffer" } else { "buffer" },
            object.get_type()
        ));
        error.set_cause(object.py(), Some(cause));
        Err(error)
    }

    /// The code of the items, if they are in this machine's order of octets.
    fn code(&self) -> Option<u8> {
        if self.view.format.is_null() {
            return Some(b'B');
        }
        let at = |k: usize| {
            // SAFETY: the format is a text that ends in zero, and is read no further than that.
            unsafe { *self.view.format.cast::<c_char>().add(k) as u8 }
        };
        let own_order: &[u8] = if cfg!(target_endian = "little") { b"@=<" } else { b"@=>!" };
        let first = usize::from(own_order.contains(&at(0)));
        let code = at(first);
        (code != 0 && at(first + 1) == 0).then_some(code)
    }

    fn holds<T: Item>(&self) -> bool {
        let pointer = self.view.buf as usize;
        self.view.itemsize as usize == size_of::<T>()
            && (pointer % align_of::<T>() == 0 || self.view.len == 0)
            && self.code().is_some_and(|code| T::CODES.contains(&code))
    }

    fn needs<T: Item>(self) -> PyResult<Self> {
        if self.holds::<T>() {
            Ok(self)
        } else {
            Err(PyTypeError::new_err(format!("a buffer of aligned {} is needed", T::NAME)))
        }
    }

    fn span(&self, written: bool) -> Span {
        let begin = self.view.buf as usize;
        Span { begin, end: begin + self.view.len as usize, written }
    }

    fn pointer<T>(&self) -> (*mut T, usize) {
        let count = self.view.len as usize / size_of::<T>();
        let pointer = NonNull::new(self.view.buf.cast::<T>()).unwrap_or(NonNull::dangling());
        // An empty buffer may point anywhere.
        (if count == 0 { NonNull::dangling() } else { pointer }.as_ptr(), count)
    }

    /// # Safety
    ///
    /// As for [`Argument::bare`], and the items must be of this type ([`Self::holds`]).
    unsafe fn items<T: Item>(&self) -> &[T] {
        let (pointer, count) = self.pointer();
        // SAFETY: the exporter keeps `len` octets at `buf` until the buffer is released, which
        // `self` outlives; they are aligned and of this type; every bit pattern is a number.
        unsafe { slice::from_raw_parts(pointer, count) }
    }

    /// # Safety
    ///
    /// As for [`Self::items`], and the buffer must have been taken as one to write to.
    unsafe fn items_mut<T: Item>(&mut self) -> &mut [T] {
        let (pointer, count) = self.pointer();
        // SAFETY: as in `items`; that nobody else reads or writes is the caller's word.
        unsafe { slice::from_raw_parts_mut(pointer, count) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the buffer was taken, and arguments are dropped with the interpreter attached:
        // they live in the function that Python calls.
        unsafe { ffi::PyBuffer_Release(&mut *self.view) }
    }
}

const READ: c_int = ffi::PyBUF_FORMAT | ffi::PyBUF_C_CONTIGUOUS;
const WRITE: c_int = READ | ffi::PyBUF_WRITABLE;

/// A buffer that the kernel reads: the loop sees `&[T]`.
pub struct In<T> {
    held: Held,
    item: std::marker::PhantomData<T>,
}

/// A buffer that the kernel reads and writes: the loop sees `&mut [T]`.
pub struct Out<T> {
    held: Held,
    item: std::marker::PhantomData<T>,
}

impl<'a, 'py, T: Item> FromPyObject<'a, 'py> for In<T> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let held = Held::take(&object, READ)?.needs::<T>()?;
        Ok(In { held, item: std::marker::PhantomData })
    }
}

impl<'a, 'py, T: Item> FromPyObject<'a, 'py> for Out<T> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let held = Held::take(&object, WRITE)?.needs::<T>()?;
        Ok(Out { held, item: std::marker::PhantomData })
    }
}

impl<T: Item> Argument for In<T> {
    type Bare<'a> = &'a [T];

    fn span(&self) -> Option<Span> {
        Some(self.held.span(false))
    }

    unsafe fn bare(&mut self) -> &[T] {
        // SAFETY: the type was checked when it was taken; the rest is the caller's word.
        unsafe { self.held.items() }
    }
}

impl<T: Item> Argument for Out<T> {
    type Bare<'a> = &'a mut [T];

    fn span(&self) -> Option<Span> {
        Some(self.held.span(true))
    }

    unsafe fn bare(&mut self) -> &mut [T] {
        // SAFETY: as in `In`, and it was taken as one to write to.
        unsafe { self.held.items_mut() }
    }
}

macro_rules! cells {
    ($($variant:ident, $kind:ty;)*) => {
        /// Integers of any one type, to read.
        #[allow(missing_docs)]
        pub enum Cells<'a> { $($variant(&'a [$kind]),)* }

        /// Integers of any one type, to read and to write.
        #[allow(missing_docs)]
        pub enum CellsMut<'a> { $($variant(&'a mut [$kind]),)* }

        impl Argument for AnyIn {
            type Bare<'a> = Cells<'a>;

            fn span(&self) -> Option<Span> {
                Some(self.held.span(false))
            }

            unsafe fn bare(&mut self) -> Cells<'_> {
                match self.kind {
                    // SAFETY: the kind was found by `holds`; the rest is the caller's word.
                    $(Kind::$variant => Cells::$variant(unsafe { self.held.items() }),)*
                }
            }
        }

        impl Argument for AnyOut {
            type Bare<'a> = CellsMut<'a>;

            fn span(&self) -> Option<Span> {
                Some(self.held.span(true))
            }

            unsafe fn bare(&mut self) -> CellsMut<'_> {
                match self.kind {
                    // SAFETY: as above, and it was taken as one to write to.
                    $(Kind::$variant => CellsMut::$variant(unsafe { self.held.items_mut() }),)*
                }
            }
        }

        #[derive(Clone, Copy)]
        enum Kind { $($variant,)* }

        impl Kind {
            fn of(held: &Held) -> PyResult<Kind> {
                $(if held.holds::<$kind>() {
                    return Ok(Kind::$variant);
                })*
                Err(PyTypeError::new_err("a buffer of aligned integers is needed"))
            }
        }
    };
}

/// A buffer of integers of any type that the kernel reads: the loop sees [`Cells`].
pub struct AnyIn {
    held: Held,
    kind: Kind,
}

/// A buffer of integers of any type that the kernel reads and writes: it sees [`CellsMut`].
pub struct AnyOut {
    held: Held,
    kind: Kind,
}

cells! {
    U8, u8;
    I8, i8;
    U16, u16;
    I16, i16;
    U32, u32;
    I32, i32;
    U64, u64;
    I64, i64;
}

impl<'a, 'py> FromPyObject<'a, 'py> for AnyIn {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let held = Held::take(&object, READ)?;
        let kind = Kind::of(&held)?;
        Ok(AnyIn { held, kind })
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for AnyOut {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let held = Held::take(&object, WRITE)?;
        let kind = Kind::of(&held)?;
        Ok(AnyOut { held, kind })
    }
}

macro_rules! numbers {
    ($($kind:ty),*) => {
        $(impl Argument for $kind {
            type Bare<'a> = $kind;

            unsafe fn bare(&mut self) -> $kind {
                *self
            }
        })*
    };
}

numbers!(i64, f64, bool);
