//! Lookup tables and the linear rescale of stored values (PS3.3 C.11.1, C.7.6.3.1.5).

use crate::status::BAD_VALUE;

/// A stored value.
pub trait Value: Copy {
    /// Return it as a number of 64 bits; unsigned ones of 64 bits wrap.
    fn number(self) -> i64;
}

macro_rules! values {
    ($($kind:ty)*) => {$(
        impl Value for $kind {
            #[inline(always)]
            fn number(self) -> i64 {
                self as i64
            }
        }
    )*};
}

values!(u8 i8 u16 i16 u32 i32 u64 i64);

/// Look values up in a table of rows of `width` cells.
///
/// Values before the first row take it, those past the last take that. Returns how many were
/// looked up; `BAD_VALUE` if there is no row or `dst` has not the size of the result.
pub fn take<V: Value, T: Copy>(
    src: &[V],
    first: i64,
    table: &[T],
    width: i64,
    dst: &mut [T],
) -> i64 {
    let Ok(width) = usize::try_from(width) else {
        return BAD_VALUE;
    };
    if width < 1 || table.len() < width || src.len().checked_mul(width) != Some(dst.len()) {
        return BAD_VALUE;
    }
    match width {
        1 => rows::<1, V, T>(src, first, table, dst),
        3 => rows::<3, V, T>(src, first, table, dst),
        4 => rows::<4, V, T>(src, first, table, dst),
        _ => {
            let last = table.len() / width - 1;
            for (cells, value) in dst.chunks_exact_mut(width).zip(src) {
                let row = row_of(*value, first, last);
                cells.copy_from_slice(&table[row * width..][..width]);
            }
        }
    }
    src.len() as i64
}

#[inline(always)]
fn row_of<V: Value>(value: V, first: i64, last: usize) -> usize {
    // Values have 32 bits, and `first` hardly more: the difference does not wrap.
    let row = value.number().wrapping_sub(first).max(0) as usize;
    row.min(last)
}

#[inline(always)]
fn rows<const WIDTH: usize, V: Value, T: Copy>(src: &[V], first: i64, table: &[T], dst: &mut [T]) {
    let last = table.len() / WIDTH - 1;
    let table = &table[..(last + 1) * WIDTH];
    for (cells, value) in dst.chunks_exact_mut(WIDTH).zip(src) {
        let row = row_of(*value, first, last);
        cells.copy_from_slice(&table[row * WIDTH..][..WIDTH]);
    }
}

/// Write ``src * slope + intercept`` in single precision, computed in double.
///
/// Returns how many values there are; `BAD_VALUE` if `dst` is not as long.
pub fn rescale<V: Value>(src: &[V], slope: f64, intercept: f64, dst: &mut [f32]) -> i64 {
    if dst.len() != src.len() {
        return BAD_VALUE;
    }
    for (cell, value) in dst.iter_mut().zip(src) {
        *cell = (value.number() as f64 * slope + intercept) as f32;
    }
    src.len() as i64
}

#[cfg(test)]
mod tests {
    use super::{rescale, take, BAD_VALUE};

    #[test]
    fn values_outside_take_the_ends() {
        let mut found = [0u16; 5];
        let count = take(&[-9i16, 4, 5, 6, 99], 4, &[10, 11, 12], 1, &mut found);
        assert_eq!((count, found), (5, [10, 10, 11, 12, 12]));
    }

    #[test]
    fn rows_of_any_width() {
        for width in 1..7 {
            let table: Vec<u8> = (0..width * 5).map(|cell| cell as u8).collect();
            let mut found = vec![0; width * 2];
            assert_eq!(take(&[3u8, 1], 0, &table, width as i64, &mut found), 2);
            assert_eq!(found[..width], table[3 * width..4 * width]);
            assert_eq!(found[width..], table[width..2 * width]);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(take(&[0u8], 0, &[0u8; 2], 3, &mut [0; 3]), BAD_VALUE);
        assert_eq!(take(&[0u8], 0, &[0u8; 3], 3, &mut [0; 2]), BAD_VALUE);
        assert_eq!(take(&[0u8], 0, &[0u8; 3], 0, &mut [0; 0]), BAD_VALUE);
        assert_eq!(take(&[0u8], 0, &[0u8; 3], -1, &mut [0; 0]), BAD_VALUE);
        assert_eq!(rescale(&[0u8], 1.0, 0.0, &mut []), BAD_VALUE);
    }

    #[test]
    fn rescaled_values_are_rounded_once() {
        let mut found = [0f32; 2];
        assert_eq!(rescale(&[-3i16, 1000], 0.1, -1024.0, &mut found), 2);
        assert_eq!(found, [(-3.0 * 0.1 - 1024.0) as f32, (1000.0 * 0.1 - 1024.0) as f32]);
    }
}
