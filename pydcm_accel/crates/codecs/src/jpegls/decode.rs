//! Decoding of scans of one component, or of several whose lines take turns (ISO 14495-1 A).

use super::bits::{short_code, Windows, IN_WINDOW};
use super::model::{predicted, rows_above, Coding, Context, Model, J};
use crate::status::{BAD_VALUE, TRUNCATED};

/// `jpegls.decode_lines`: decodes into a plane for each component, which begins with zeros.
///
/// `intervals` has three numbers for each restart interval: where it begins and ends in
/// `windows`, and one that does not matter here. `table` has the quantised gradient plus 4 for
/// each difference from -MAXVAL to MAXVAL. `state` takes the position that was reached.
///
/// # Panics
///
/// If a buffer or a number of `coding` is not what callers of the kernel give it.
pub fn decode_lines(
    windows: &[u32],
    intervals: &[i64],
    table: &[u8],
    coding: &[i64],
    dst: &mut [u16],
    state: &mut [i64],
) -> i64 {
    let coding = Coding::read(coding, table);
    let found = if coding.near == 0 {
        planes::<true>(windows, intervals, &coding, dst)
    } else {
        planes::<false>(windows, intervals, &coding, dst)
    };
    status(found, &coding, state)
}

/// Where the bits are no codes, and where their interval ends.
pub(super) struct Fault {
    pub position: usize,
    pub stop: usize,
}

/// What a kernel returns for the position that was reached, which `state` takes.
pub(super) fn status(found: Result<usize, Fault>, coding: &Coding, state: &mut [i64]) -> i64 {
    let (position, status) = match found {
        Ok(position) => (position, coding.rows as i64),
        Err(Fault { position, stop }) if position > stop => (position, TRUNCATED),
        Err(Fault { position, .. }) => (position, BAD_VALUE),
    };
    state[0] = position as i64;
    status
}

/// The begin and the end of a restart interval.
pub(super) fn interval(intervals: &[i64], number: usize) -> (usize, usize) {
    let at = |k: usize| usize::try_from(intervals[k]).expect("a position in the windows");
    (at(3 * number), at(3 * number + 1))
}

fn planes<const LOSSLESS: bool>(
    windows: &[u32],
    intervals: &[i64],
    coding: &Coding,
    dst: &mut [u16],
) -> Result<usize, Fault> {
    let width = coding.columns;
    let mut model = Model::new(coding);
    let mut run_index = vec![0; coding.components];
    let mut place = Place { position: 0, run_index: 0 };
    let mut bits = Windows::new(windows, 0);
    for row in 0..coding.rows {
        if row % coding.interval == 0 {
            let (begin, stop) = interval(intervals, row / coding.interval);
            place.position = begin;
            bits.stop = stop;
            model = Model::new(coding);
            run_index.fill(0);
        }
        for (component, run_index) in run_index.iter_mut().enumerate() {
            let origin = component * (1 + coding.rows) * width;
            let here = origin + (1 + row) * width;
            let (rc, rb) = rows_above(here, origin, width, row % coding.interval);
            let (before, line) = dst.split_at_mut(here);
            let corner = i64::from(before[rc]);
            place.run_index = *run_index;
            let scan = Scan { bits, coding };
            place = scan
                .line::<LOSSLESS>(
                    &mut model,
                    corner,
                    &before[rb..][..width],
                    &mut line[..width],
                    place,
                )
                .map_err(|position| Fault { position, stop: bits.stop })?;
            *run_index = place.run_index;
        }
    }
    Ok(place.position)
}

/// How far a line has been decoded.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub position: usize,
    pub run_index: usize,
}

/// A run, and what follows it.
pub(super) struct Run {
    pub length: usize,
    pub place: Place,
    /// Whether the line ends with it.
    pub ends_line: bool,
}

/// Reads the length of a run in a line of which `left` pixels are left (A.7.1).
pub(super) fn run(bits: Windows, place: Place, left: usize) -> Result<Run, usize> {
    let Place { mut position, mut run_index } = place;
    if position > bits.stop {
        return Err(position); // the code before it did not end in time
    }
    let mut length = 0;
    let mut window = bits.peek(position);
    while window >> 31 == 1 {
        // a whole segment, or what is left of the line
        position += 1;
        if position > bits.stop {
            return Err(position);
        }
        let segment = length + (1 << J[run_index]);
        length = segment.min(left);
        if length == segment && run_index < 31 {
            run_index += 1;
        }
        if length == left {
            return Ok(Run { length, place: Place { position, run_index }, ends_line: true });
        }
        window = bits.peek(position);
    }
    let order = u32::from(J[run_index]);
    length += (u64::from(window << 1) >> (32 - order)) as usize;
    position += 1 + order as usize;
    if position > bits.stop || length >= left {
        return Err(position);
    }
    Ok(Run { length, place: Place { position, run_index }, ends_line: false })
}

/// What does not change from line to line of an interval.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a> {
    pub bits: Windows<'a>,
    pub coding: &'a Coding,
}

impl Scan<'_> {
    /// Decodes one line below `above`.
    ///
    /// # Errors
    ///
    /// The position where the bits are no code.
    fn line<const LOSSLESS: bool>(
        self,
        model: &mut Model,
        corner: i64,
        above: &[u16],
        line: &mut [u16],
        place: Place,
    ) -> Result<Place, usize> {
        let Scan { bits, coding } = self;
        let regions = &coding.regions;
        let maxval = coding.maxval;
        let width = line.len();
        assert!(above.len() == width);
        let Place { mut position, mut run_index } = place;
        let short = coding.most_zeros.min(IN_WINDOW);
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
                let (context, sign) = model.context(q);
                let px = context.corrected(predicted(ra, rb, rc), sign, maxval);
                let (mut m_errval, length) = short_code(bits.peek_wide(position), context.shift);
                let mut end = position.wrapping_add(length as usize);
                if length > short {
                    let k = 31 - context.shift;
                    (m_errval, end) = bits.code(position, k, coding.most_zeros, coding.qbpp)?;
                }
                position = end;
                rx = regular::<LOSSLESS>(coding, context, sign, px, m_errval).ok_or(end)?;
                q2 = q1;
            } else {
                let found = run(bits, Place { position, run_index }, width - x)?;
                line[x..x + found.length].fill(ra as u16);
                x += found.length;
                Place { position, run_index } = found.place;
                if found.ends_line {
                    break;
                }
                rb = i64::from(above[x]);
                let alike = (ra - rb).abs() <= coding.near;
                (rx, position) = self.interruption(model, found.place, ra, rb, alike)?;
                run_index = run_index.saturating_sub(1);
                rd = above.get(x + 1).map_or(rb, |&rd| i64::from(rd));
                q2 = regions.of(rd - rb);
            }
            line[x] = rx as u16;
            x += 1;
            ra = rx;
            rc = rb;
            rb = rd;
            if let Some(&next) = above.get(x + 1) {
                rd = i64::from(next);
            }
        }
        if position > bits.stop {
            return Err(position);
        }
        Ok(Place { position, run_index })
    }

    /// Decodes the sample that ends a run; returns it, and where its code ends (A.7.2).
    #[inline(never)]
    pub(super) fn interruption(
        self,
        model: &mut Model,
        place: Place,
        ra: i64,
        rb: i64,
        alike: bool,
    ) -> Result<(i64, usize), usize> {
        let Scan { bits, coding } = self;
        let ri_type = i64::from(alike);
        let px = if alike { ra } else { rb };
        let sign = if !alike && ra > rb { -1 } else { 1 };
        let context = &mut model.runs[usize::from(alike)];
        let k = context.k(ri_type);
        let most_zeros = coding.most_zeros_after_run(place.run_index);
        let (m_errval, end) = bits.any_code(place.position, k, most_zeros, coding.qbpp)?;
        if m_errval > 2 * coding.range {
            return Err(end);
        }
        let mut errval = (m_errval + ri_type + 1) >> 1;
        let odd = (m_errval + ri_type) & 1 == 1;
        let negative = errval > 0 && odd == (k != 0 || 2 * context.nn >= context.n);
        if negative {
            errval = -errval;
        }
        context.update(m_errval, negative, ri_type, coding);
        let mut rx = px + sign * errval * coding.step;
        if rx as u64 > coding.maxval as u64 {
            rx = coding.in_range(rx);
        }
        Ok((rx, end))
    }
}

/// Adds what a code means to a prediction, and updates the context (A.4.4 to A.6).
///
/// None for an error that no encoder writes; it is twice as large as any of these.
#[inline(always)]
pub(super) fn regular<const LOSSLESS: bool>(
    coding: &Coding,
    context: &mut Context,
    sign: i64,
    px: i64,
    m_errval: i64,
) -> Option<i64> {
    let half = m_errval >> 1;
    let mut turn = (m_errval & 1).wrapping_neg();
    if LOSSLESS {
        turn ^= context.flip();
    }
    let errval = half ^ turn;
    let rx = if LOSSLESS {
        px.wrapping_sub(sign).wrapping_add(half ^ (turn ^ sign))
    } else {
        px.wrapping_sub(sign).wrapping_add(errval.wrapping_mul(coding.step) ^ sign)
    };
    context.update::<LOSSLESS>(errval, half.wrapping_sub(turn), coding);
    if rx as u64 > coding.maxval as u64 {
        // so is each that no encoder writes
        return (m_errval <= 2 * coding.range).then(|| coding.in_range(rx));
    }
    Some(rx)
}
