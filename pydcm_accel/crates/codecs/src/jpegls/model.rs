//! What decoding and encoding have in common (ISO 14495-1 Annex A).
//!
//! All numbers are of 64 bits: none overflows, and none has to be widened for an index.

/// The logarithms of the lengths of the segments of a run: J of A.2.1.
pub(super) const J: [u8; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];

/// 364 contexts by gradients and the one without gradients.
const CONTEXTS: usize = 365;

/// The regions of gradients, from -4 to 4 (A.3.3), at the difference modulo 2^17.
///
/// So there is nothing to add to a difference, and no index that is out of bounds.
pub(super) struct Regions(Box<[i8; REGIONS]>);

const REGIONS: usize = 1 << 17;

impl Regions {
    /// Takes them from the argument `table`, which has 4 more for each from -MAXVAL to MAXVAL.
    fn new(table: &[u8]) -> Self {
        let middle = table.len() / 2;
        let mut regions: Box<[i8; REGIONS]> =
            vec![0; REGIONS].into_boxed_slice().try_into().expect("as many as asked for");
        let (positive, negative) = (&table[middle..], &table[..middle]);
        for (region, &found) in regions.iter_mut().zip(positive) {
            *region = found as i8 - 4;
        }
        for (region, &found) in regions[REGIONS - middle..].iter_mut().zip(negative) {
            *region = found as i8 - 4;
        }
        Regions(regions)
    }

    /// The region of a difference.
    #[inline(always)]
    pub fn of(&self, difference: i64) -> i64 {
        i64::from(self.0[difference as usize % REGIONS])
    }
}

/// The parameters of a scan, as the kernels are given them, and what follows from them.
pub(super) struct Coding {
    pub regions: Regions,
    pub maxval: i64,
    pub near: i64,
    pub range: i64,
    /// The bits of a value that has no Golomb code.
    pub qbpp: u32,
    /// The zeros that announce such a value: LIMIT - qbpp - 1.
    pub most_zeros: u32,
    /// The most bits of a code.
    pub limit: usize,
    pub reset: i32,
    /// 2 * NEAR + 1.
    pub step: i64,
    pub rows: usize,
    pub columns: usize,
    pub components: usize,
    /// The rows in a restart interval.
    pub interval: usize,
}

impl Coding {
    /// Reads the arguments `coding` and `table`.
    ///
    /// # Panics
    ///
    /// If a number is out of the range that the callers of the kernels keep to.
    pub fn read(coding: &[i64], table: &[u8]) -> Self {
        let number = |k: usize, least: i64, most: i64| {
            let found = coding[k];
            assert!((least..=most).contains(&found), "number {k} of a scan's coding is {found}");
            found
        };
        let size = |k: usize, most: i64| number(k, 1, most) as usize;
        let maxval = number(0, 1, 0xFFFF);
        let near = number(1, 0, 255);
        let qbpp = number(3, 1, 16) as u32;
        let limit = number(4, 20, 64) as u32;
        assert_eq!(table.len(), 2 * maxval as usize + 1, "gradients in the table");
        assert!(table.iter().all(|&region| region <= 8), "regions of gradients");
        Coding {
            regions: Regions::new(table),
            maxval,
            near,
            range: number(2, 2, 0x1_0000),
            qbpp,
            most_zeros: limit - qbpp - 1,
            limit: limit as usize,
            reset: number(5, 3, 0xFFFF) as i32,
            step: 2 * near + 1,
            rows: number(6, 0, 1 << 32) as usize,
            columns: size(7, 1 << 32),
            components: size(8, 255),
            interval: size(9, 1 << 32),
        }
    }

    /// The zeros that announce a value without a code where a run ends (A.7.2.2).
    pub fn most_zeros_after_run(&self, run_index: usize) -> u32 {
        self.most_zeros - u32::from(J[run_index]) - 1
    }

    /// A reconstruction reduced modulo RANGE * (2 * NEAR + 1) and clamped (A.4.5).
    #[cold]
    #[inline(never)]
    pub fn in_range(&self, rx: i64) -> i64 {
        let modulus = self.range * self.step;
        let turned = if rx < -self.near {
            rx + modulus
        } else if rx > self.maxval + self.near {
            rx - modulus
        } else {
            rx
        };
        turned.clamp(0, self.maxval)
    }
}

/// The counters of a context of regular mode, and what follows from them.
///
/// One line of the processor's cache holds two of them, and none is in two lines.
#[derive(Clone, Copy)]
#[repr(align(32))]
pub(super) struct Context {
    a: i64,
    b: i32,
    n: i32,
    /// What corrects the prediction.
    c: i32,
    /// 31 less the Golomb parameter (A.5.1).
    pub shift: u32,
    /// -1 if errors are coded the other way round (A.5.2), else 0.
    flip: i32,
}

/// The largest Golomb parameter: N * 2^k is at least A, which is N errors of up to 17 bits.
pub(super) const MOST_K: u32 = 31;

impl Context {
    fn new(a: i64) -> Self {
        Context { a, b: 0, c: 0, n: 1, shift: MOST_K - golomb_k(1, a), flip: 0 }
    }

    #[inline(always)]
    pub fn flip(&self) -> i64 {
        i64::from(self.flip)
    }

    /// Corrects a prediction; `sign` is 0, or -1 for a context that stands for its mirror image.
    #[inline(always)]
    pub fn corrected(&self, guess: i64, sign: i64, maxval: i64) -> i64 {
        let px = guess.wrapping_add((i64::from(self.c) ^ sign).wrapping_sub(sign));
        if px as u64 > maxval as u64 {
            return clamped(px, maxval);
        }
        px
    }

    /// Updates the counters with an error and its magnitude, in steps of 2 * NEAR + 1 (A.6).
    #[inline(always)]
    pub fn update<const LOSSLESS: bool>(&mut self, errval: i64, magnitude: i64, coding: &Coding) {
        let scaled = if LOSSLESS { errval } else { errval.wrapping_mul(coding.step) };
        self.a = self.a.wrapping_add(magnitude);
        let mut b = i64::from(self.b).wrapping_add(scaled);
        if self.n == coding.reset {
            b = self.halve(b);
        }
        self.n = self.n.wrapping_add(1);
        let n = i64::from(self.n);
        // A.6.2 without branches, since which of them is taken is left to chance; `above` is
        // from 0 to N - 1 if neither is.
        let above = b.wrapping_add(n).wrapping_sub(1);
        let low = above >> 63;
        let high = b.wrapping_neg() >> 63;
        b = b.wrapping_add(n & low).wrapping_sub(n & high);
        let c = i64::from(self.c).wrapping_add(low).wrapping_sub(high);
        if b.wrapping_add(n).wrapping_sub(1) as u64 >= n as u64 {
            b = far_off(b, n);
        }
        self.b = b as i32;
        if c as i8 as i64 == c {
            self.c = c as i32;
        }
        // The parameter seldom changes, and to see that it does not costs less than to compute it:
        // A is above half of N * 2^k, and not above all of it.
        let (part, whole) = (self.a.wrapping_shl(self.shift), n.wrapping_shl(MOST_K));
        if whole.wrapping_sub(part) as u64 >= part as u64 && (self.shift < MOST_K || part > whole) {
            self.change_shift(n);
        }
        if LOSSLESS && self.shift == MOST_K {
            self.flip = (b.wrapping_mul(2).wrapping_add(n).wrapping_sub(1) >> 63) as i32;
        }
    }

    #[cold]
    #[inline(never)]
    fn change_shift(&mut self, n: i64) {
        self.shift = MOST_K.wrapping_sub(golomb_k(n, self.a));
        self.flip = 0;
    }

    /// Halves the counters; returns half of `b`, which is not written yet.
    #[cold]
    #[inline(never)]
    fn halve(&mut self, b: i64) -> i64 {
        self.a >>= 1;
        self.n >>= 1;
        b >> 1
    }
}

#[cold]
#[inline(never)]
fn clamped(px: i64, maxval: i64) -> i64 {
    px.clamp(0, maxval)
}

/// B after an error so large that one step does not bring it back (A.6.2).
#[cold]
#[inline(never)]
fn far_off(b: i64, n: i64) -> i64 {
    b.clamp(1 - n, 0)
}

/// The counters of a context of run interruption (A.7.2).
#[derive(Clone, Copy)]
pub(super) struct RunContext {
    a: i64,
    /// How many errors were negative.
    pub nn: i64,
    pub n: i64,
}

impl RunContext {
    /// The Golomb parameter of an interruption of type `ri_type`.
    pub fn k(&self, ri_type: i64) -> u32 {
        golomb_k(self.n, self.a + ri_type * (self.n >> 1))
    }

    /// Updates the counters with EMErrval and whether the error is negative (A.7.2.2).
    pub fn update(&mut self, m_errval: i64, negative: bool, ri_type: i64, coding: &Coding) {
        self.nn += i64::from(negative);
        self.a += (m_errval + 1 - ri_type) >> 1;
        if self.n == i64::from(coding.reset) {
            self.a >>= 1;
            self.nn >>= 1;
            self.n >>= 1;
        }
        self.n += 1;
    }
}

/// All contexts of a scan.
pub(super) struct Model {
    pub regular: [Context; CONTEXTS],
    pub runs: [RunContext; 2],
}

impl Model {
    /// The contexts as they are at the start of an interval (A.2.1).
    pub fn new(coding: &Coding) -> Self {
        let a = ((coding.range + 32) >> 6).max(2);
        Model { regular: [Context::new(a); CONTEXTS], runs: [RunContext { a, nn: 0, n: 1 }; 2] }
    }

    /// The context of gradients `q`, and -1 if it stands for its mirror image, else 0.
    #[inline(always)]
    pub fn context(&mut self, q: i64) -> (&mut Context, i64) {
        let sign = q >> 63;
        (&mut self.regular[(q ^ sign).wrapping_sub(sign) as usize], sign)
    }
}

/// The parameter of the Golomb code: the least k with N * 2^k >= A (A.5.1).
#[inline(always)]
fn golomb_k(n: i64, a: i64) -> u32 {
    // With as many bits as A, N * 2^k may still be less; with one more it is not. The bit that is
    // set for counting changes nothing: N is not 0, and where A is 0, k is 0 as well.
    let more = (a as u64 | 1).ilog2() as i32 - (n as u64 | 1).ilog2() as i32;
    let least = more.max(0) as u32;
    least + u32::from(n.wrapping_shl(least) < a)
}

/// The median of two neighbours and of the plane through all three (A.4.1).
#[inline(always)]
pub(super) fn predicted(ra: i64, rb: i64, rc: i64) -> i64 {
    let plane = ra.wrapping_add(rb).wrapping_sub(rc);
    plane.max(ra.min(rb)).min(ra.max(rb))
}

/// Where the row above the one above, and the row above begin in a plane with a row of zeros.
///
/// That row also is above the first one of a restart interval, as long as there is none.
pub(super) fn rows_above(here: usize, origin: usize, width: usize, row: usize) -> (usize, usize) {
    (if row > 1 { here - 2 * width } else { origin }, if row > 0 { here - width } else { origin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_those_of_the_loop() {
        for n in 1..200 {
            for a in (0..3000).chain([65_535, 65_536, 1 << 33]) {
                let mut k = 0;
                while n << k < a {
                    k += 1;
                }
                assert_eq!(golomb_k(n, a), k, "N {n}, A {a}");
            }
        }
    }

    #[test]
    fn predictions_are_medians() {
        for (ra, rb, rc, px) in [(3, 9, 1, 9), (3, 9, 10, 3), (3, 9, 5, 7), (9, 3, 5, 7)] {
            assert_eq!(predicted(ra, rb, rc), px);
        }
    }

    #[test]
    fn regions_of_differences() {
        let regions = Regions::new(&[0, 1, 4, 7, 8]);
        assert_eq!([-2, -1, 0, 1, 2].map(|difference| regions.of(difference)), [-4, -3, 0, 3, 4]);
    }

    #[test]
    fn biases_are_bounded() {
        let mut table = vec![4; 511];
        table[300..].fill(8);
        let coding = Coding::read(&[255, 0, 256, 8, 32, 64, 1, 1, 1, 1], &table);
        for (errval, bound) in [(200, 127), (-200, -128)] {
            let mut context = Context::new(4);
            for _ in 0..300 {
                context.update::<true>(errval, 200, &coding);
                assert!((1 - context.n..=0).contains(&context.b));
            }
            assert_eq!(context.c, bound);
            assert_eq!((context.shift, context.n <= 64), (31 - 8, true));
        }
    }
}
