//! Encoding of scans of one component, or of several whose lines take turns (ISO 14495-1 A).

use super::bits::{Pending, WORD};
use super::model::{predicted, rows_above, Coding, Model, J};
use crate::status::OUTPUT_FULL;

/// `jpegls.encode_lines`: encodes planes that begin with a row of zeros.
///
/// Where NEAR is not 0, they become what a decoder will make of them. `words` takes the bits, 24
/// in each, and `intervals` takes for each restart interval its first word and its length in
/// bits. Returns the words written.
///
/// # Panics
///
/// If a buffer or a number of `coding` is not what callers of the kernel give it.
pub fn encode_lines(
    src: &mut [u16],
    table: &[u8],
    coding: &[i64],
    words: &mut [u32],
    intervals: &mut [i64],
) -> i64 {
    let coding = Coding::read(coding, table);
    if coding.near == 0 {
        planes::<true>(src, &coding, words, intervals)
    } else {
        planes::<false>(src, &coding, words, intervals)
    }
}

fn planes<const LOSSLESS: bool>(
    src: &mut [u16],
    coding: &Coding,
    words: &mut [u32],
    intervals: &mut [i64],
) -> i64 {
    let width = coding.columns;
    let mut model = Model::new(coding);
    let mut run_index = vec![0; coding.components];
    let mut place = Place::default();
    for row in 0..coding.rows {
        if row % coding.interval == 0 {
            intervals[2 * (row / coding.interval)] = place.pending.count as i64;
            model = Model::new(coding);
            run_index.fill(0);
        }
        for (component, run_index) in run_index.iter_mut().enumerate() {
            let origin = component * (1 + coding.rows) * width;
            let here = origin + (1 + row) * width;
            let (rc, rb) = rows_above(here, origin, width, row % coding.interval);
            let (before, line) = src.split_at_mut(here);
            let corner = i64::from(before[rc]);
            if !place.pending.fits(words, width * coding.limit) {
                return OUTPUT_FULL;
            }
            place.run_index = *run_index;
            let (above, line) = (&before[rb..][..width], &mut line[..width]);
            place = coding.line::<LOSSLESS>(&mut model, corner, above, line, words, place);
            *run_index = place.run_index;
        }
        if row + 1 == coding.rows || (row + 1) % coding.interval == 0 {
            place.pending.finish(words, &mut intervals[2 * (row / coding.interval)..]);
        }
    }
    place.pending.count as i64
}

/// How far a scan has been encoded.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    pub pending: Pending,
    pub run_index: usize,
}

impl Place {
    /// Writes the length of a run (A.7.1).
    pub fn run(self, words: &mut [u32], length: usize, ends_line: bool) -> Self {
        let Place { mut pending, mut run_index } = self;
        let mut left = length;
        while left >= 1 << J[run_index] {
            left -= 1 << J[run_index];
            pending = pending.put(words, 1, 1);
            run_index = (run_index + 1).min(31);
        }
        if !ends_line {
            pending = pending.put(words, left as u64, u32::from(J[run_index]) + 1);
        } else if left > 0 {
            pending = pending.put(words, 1, 1);
        }
        Place { pending, run_index }
    }
}

/// How many samples from the first on are equal to `ra`.
fn equal(line: &[u16], ra: u16) -> usize {
    let mut x = 0;
    for chunk in line.chunks_exact(32) {
        // No early end, so that all are looked at at once.
        if chunk.iter().fold(0, |any, &sample| any | (sample ^ ra)) != 0 {
            break;
        }
        x += 32;
    }
    line[x..].iter().position(|&sample| sample != ra).map_or(line.len(), |at| x + at)
}

/// A prediction error in steps of 2 * NEAR + 1 (A.4.4).
#[inline(always)]
pub(super) fn quantised(errval: i64, coding: &Coding) -> i64 {
    if errval > 0 {
        (errval + coding.near) / coding.step
    } else {
        -((coding.near - errval) / coding.step)
    }
}

/// A prediction error modulo RANGE, between its halves (A.4.5).
#[inline(always)]
pub(super) fn reduced(errval: i64, range: i64) -> i64 {
    if errval < -(range >> 1) {
        errval + range
    } else if errval > (range - 1) >> 1 {
        errval - range
    } else {
        errval
    }
}

impl Coding {
    /// Encodes one line below `above`.
    fn line<const LOSSLESS: bool>(
        &self,
        model: &mut Model,
        corner: i64,
        above: &[u16],
        line: &mut [u16],
        words: &mut [u32],
        place: Place,
    ) -> Place {
        let coding = self;
        let regions = &coding.regions;
        let width = line.len();
        assert!(above.len() == width);
        let Place { mut pending, mut run_index } = place;
        let mut x = 0;
        let mut rc = corner;
        let mut rb = i64::from(above[0]);
        let mut ra = rb;
        let mut rd = above.get(1).map_or(rb, |&rd| i64::from(rd));
        let mut q2 = regions.of(rb - rc);
        while x < width {
            let q1 = regions.of(rd - rb); // and the next one's q2
            let q = (9 * q1 + q2) * 9 + regions.of(rc - ra);
            let rx;
            if q != 0 {
                // regular mode, A.4 to A.6
                let guess = predicted(ra, rb, rc);
                let sample = i64::from(line[x]);
                (pending, rx) = self.regular::<LOSSLESS>(model, q, guess, sample, words, pending);
                q2 = q1;
            } else {
                // run mode, A.7
                let length = if LOSSLESS {
                    equal(&line[x..], ra as u16)
                } else {
                    let near = |sample: &&u16| (i64::from(**sample) - ra).abs() <= coding.near;
                    line[x..].iter().take_while(near).count()
                };
                if !LOSSLESS {
                    line[x..x + length].fill(ra as u16);
                }
                x += length;
                let run = Place { pending, run_index }.run(words, length, x == width);
                (pending, run_index) = (run.pending, run.run_index);
                if x == width {
                    break;
                }
                rb = i64::from(above[x]);
                let sample = i64::from(line[x]);
                (pending, rx) = self.interruption(model, run, ra, rb, sample, words);
                run_index = run_index.saturating_sub(1);
                rd = above.get(x + 1).map_or(rb, |&rd| i64::from(rd));
                q2 = regions.of(rd - rb);
            }
            if !LOSSLESS {
                line[x] = rx as u16;
            }
            x += 1;
            ra = rx;
            rc = rb;
            rb = rd;
            if let Some(&next) = above.get(x + 1) {
                rd = i64::from(next);
            }
        }
        Place { pending, run_index }
    }

    /// Encodes a sample in context `q`; returns also what a decoder makes of it (A.4 to A.6).
    #[inline(always)]
    pub fn regular<const LOSSLESS: bool>(
        &self,
        model: &mut Model,
        q: i64,
        guess: i64,
        sample: i64,
        words: &mut [u32],
        pending: Pending,
    ) -> (Pending, i64) {
        let coding = self;
        let (context, sign) = model.context(q);
        let px = context.corrected(guess, sign, coding.maxval);
        let mut errval = (sample.wrapping_sub(px) ^ sign).wrapping_sub(sign);
        let mut rx = sample;
        if !LOSSLESS {
            errval = quantised(errval, coding);
            rx = (px + (((errval * coding.step) ^ sign) - sign)).clamp(0, coding.maxval);
        }
        errval = reduced(errval, coding.range);
        let turned = if LOSSLESS { errval ^ context.flip() } else { errval };
        let k = 31u32.wrapping_sub(context.shift);
        let negative = errval >> 63;
        context.update::<LOSSLESS>(errval, (errval ^ negative).wrapping_sub(negative), coding);
        let m_errval = (turned.wrapping_shl(1) ^ (turned >> 63)) as u64;
        let zeros = m_errval.wrapping_shr(k);
        let length = zeros.wrapping_add(1 + u64::from(k)) as u32;
        if length <= WORD && zeros < u64::from(coding.most_zeros) {
            let one = 1u64.wrapping_shl(k);
            return (pending.put(words, one | (m_errval & one.wrapping_sub(1)), length), rx);
        }
        (pending.put_long(words, m_errval, k, coding.most_zeros, coding.qbpp), rx)
    }

    /// Encodes the sample that ends a run; returns also what a decoder makes of it (A.7.2).
    fn interruption(
        &self,
        model: &mut Model,
        run: Place,
        ra: i64,
        rb: i64,
        sample: i64,
        words: &mut [u32],
    ) -> (Pending, i64) {
        let alike = (ra - rb).abs() <= self.near;
        self.ending(model, run, alike, ra, rb, sample, words)
    }

    /// As `interruption`; `alike` tells whether the neighbours are taken as one.
    #[inline(never)]
    #[allow(clippy::too_many_arguments)]
    pub fn ending(
        &self,
        model: &mut Model,
        run: Place,
        alike: bool,
        ra: i64,
        rb: i64,
        sample: i64,
        words: &mut [u32],
    ) -> (Pending, i64) {
        let coding = self;
        let ri_type = i64::from(alike);
        let px = if alike { ra } else { rb };
        let sign = if !alike && ra > rb { -1 } else { 1 };
        let mut errval = sign * (sample - px);
        let mut rx = sample;
        if coding.near > 0 {
            errval = quantised(errval, coding);
            rx = (px + sign * errval * coding.step).clamp(0, coding.maxval);
        }
        errval = reduced(errval, coding.range);
        let context = &mut model.runs[usize::from(alike)];
        let k = context.k(ri_type);
        let mostly_negative = k != 0 || 2 * context.nn >= context.n;
        let turned = if errval > 0 { !mostly_negative } else { errval < 0 && mostly_negative };
        let m_errval = 2 * errval.abs() - ri_type - i64::from(turned);
        let most_zeros = coding.most_zeros_after_run(run.run_index);
        let pending = run.pending.put_long(words, m_errval as u64, k, most_zeros, coding.qbpp);
        context.update(m_errval, errval < 0, ri_type, coding);
        (pending, rx)
    }
}
