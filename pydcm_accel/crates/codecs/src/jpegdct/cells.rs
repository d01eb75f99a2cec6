//! The cells that samples are in.

/// An integer that holds a sample, and one that holds sums of a few.
pub trait Cell: Copy {
    /// Holds 16 times a cell.
    type Sum: Copy + Default;

    /// Return a sample of at most 16 bits as a cell; 8 bits are kept of it if that is all.
    fn from_sample(sample: u16) -> Self;

    /// Return ``major * near + minor * far``, of weights whose sum is 4 at most.
    fn column(near: Self, far: Self, major: u8, minor: u8) -> Self::Sum;

    /// Return ``(3 * near + far + half) >> shift`` of two such sums.
    fn row(near: Self::Sum, far: Self::Sum, half: u8, shift: u32) -> Self;
}

macro_rules! cells {
    ($($cell:ty, $sum:ty;)*) => {$(
        impl Cell for $cell {
            type Sum = $sum;

            #[inline(always)]
            fn from_sample(sample: u16) -> Self {
                sample as $cell
            }

            // The sums are at most 16 cells and a half: they wrap in none but 64 bits, where
            // the reference's do, too.
            #[inline(always)]
            fn column(near: Self, far: Self, major: u8, minor: u8) -> $sum {
                (near as $sum)
                    .wrapping_mul(major as $sum)
                    .wrapping_add((far as $sum).wrapping_mul(minor as $sum))
            }

            #[inline(always)]
            fn row(near: $sum, far: $sum, half: u8, shift: u32) -> Self {
                let sum = near
                    .wrapping_mul(3)
                    .wrapping_add(far)
                    .wrapping_add(half as $sum);
                sum.wrapping_shr(shift) as $cell
            }
        }
    )*};
}

cells! {
    u8, u16;
    u16, u32;
    u32, u64;
    u64, u64;
    i8, i16;
    i16, i32;
    i32, i64;
    i64, i64;
}
