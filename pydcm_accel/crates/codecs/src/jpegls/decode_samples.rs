//! Decoding of scans of several components whose samples take turns (ISO 14495-1 A, C.2.3).

use super::bits::{short_code, Windows};
use super::decode::{interval, regular, run, status, Fault, Place, Scan};
use super::model::{predicted, rows_above, Coding, Model, Regions, MOST_K};

/// The bits that are sure to be ahead of a pixel.
const KNOWN_AHEAD: u32 = 57;

/// The most bits of a code that are looked at.
const IN_AHEAD: u32 = 32;

/// `jpegls.decode_samples`: decodes pixels, whose samples are side by side, after a row of zeros.
///
/// Arguments and result are those of [`decode_lines`](super::decode_lines).
///
/// # Panics
///
/// As of `decode_lines`; and if there are more than four components (C.2.3).
pub fn decode_samples(
    windows: &[u32],
    intervals: &[i64],
    table: &[u8],
    coding: &[i64],
    dst: &mut [u16],
    state: &mut [i64],
) -> i64 {
    let coding = Coding::read(coding, table);
    let decode = match (coding.components, coding.near) {
        (1, 0) => rows::<1, true>,
        (1, _) => rows::<1, false>,
        (2, 0) => rows::<2, true>,
        (2, _) => rows::<2, false>,
        (3, 0) => rows::<3, true>,
        (3, _) => rows::<3, false>,
        (4, 0) => rows::<4, true>,
        (4, _) => rows::<4, false>,
        _ => panic!("a scan of {} components", coding.components),
    };
    status(decode(windows, intervals, &coding, dst), &coding, state)
}

fn rows<const S: usize, const LOSSLESS: bool>(
    windows: &[u32],
    intervals: &[i64],
    coding: &Coding,
    dst: &mut [u16],
) -> Result<usize, Fault> {
    let width = coding.columns * S;
    let mut model = Model::new(coding);
    let mut place = Place { position: 0, run_index: 0 };
    let mut bits = Windows::new(windows, 0);
    for row in 0..coding.rows {
        if row % coding.interval == 0 {
            let (begin, stop) = interval(intervals, row / coding.interval);
            place = Place { position: begin, run_index: 0 };
            bits.stop = stop;
            model = Model::new(coding);
        }
        let here = (1 + row) * width;
        let (rc, rb) = rows_above(here, 0, width, row % coding.interval);
        let (before, line) = dst.split_at_mut(here);
        let corner = pixel::<S>(&before[rc..]);
        let scan = Scan { bits, coding };
        let (above, line) = (&before[rb..][..width], &mut line[..width]);
        place = line_of_pixels::<S, LOSSLESS>(scan, &mut model, corner, above, line, place)
            .map_err(|position| Fault { position, stop: bits.stop })?;
    }
    Ok(place.position)
}

/// The first pixel of some cells.
#[inline(always)]
pub(super) fn pixel<const S: usize>(cells: &[u16]) -> [i64; S] {
    let cells: &[u16; S] = cells[..S].try_into().expect("as many as asked for");
    cells.map(i64::from)
}

/// Writes a pixel to the first of some cells.
#[inline(always)]
pub(super) fn put_pixel<const S: usize>(cells: &mut [u16], pixel: [i64; S]) {
    cells[..S].copy_from_slice(&pixel.map(|sample| sample as u16));
}

/// The bits that come next.
struct Reader<'a> {
    bits: Windows<'a>,
    position: usize,
    /// The bits from there on, as the upper ones.
    ahead: u64,
    /// How many of them there are.
    known: u32,
    /// The most bits of a code that is read from them.
    short: u32,
}

impl<'a> Reader<'a> {
    #[inline(always)]
    fn new(bits: Windows<'a>, position: usize, short: u32) -> Self {
        Reader { bits, position, ahead: bits.peek_far(position), known: KNOWN_AHEAD, short }
    }

    /// Decodes a sample in regular mode (A.4 to A.6).
    #[inline(always)]
    fn sample<const LOSSLESS: bool>(
        &mut self,
        coding: &Coding,
        model: &mut Model,
        q: i64,
        guess: i64,
    ) -> Result<i64, usize> {
        let (context, sign) = model.context(q);
        let px = context.corrected(guess, sign, coding.maxval);
        let (mut m_errval, length) = short_code(self.ahead, context.shift);
        if length > self.known.min(self.short) {
            let (value, end) =
                self.bits.rare_code(self.position, MOST_K - context.shift, coding)?;
            m_errval = value;
            *self = Reader::new(self.bits, end, self.short);
        } else {
            self.position = self.position.wrapping_add(length as usize);
            self.ahead = self.ahead.wrapping_shl(length);
            self.known = self.known.wrapping_sub(length);
        }
        regular::<LOSSLESS>(coding, context, sign, px, m_errval).ok_or(self.position)
    }

    /// As `sample`, for the first of a pixel.
    ///
    /// Its bits are what the pixel before it left over, so that they need not wait for those of
    /// this pixel to be loaded.
    #[inline(always)]
    fn first_sample<const LOSSLESS: bool>(
        &mut self,
        coding: &Coding,
        model: &mut Model,
        q: i64,
        guess: i64,
    ) -> Result<i64, usize> {
        let start = self.position;
        let loaded = self.bits.peek_far(start);
        let rx = self.sample::<LOSSLESS>(coding, model, q, guess)?;
        let length = self.position.wrapping_sub(start) as u32;
        self.ahead = loaded.wrapping_shl(length);
        self.known = KNOWN_AHEAD.saturating_sub(length);
        Ok(rx)
    }
}

/// Decodes one line of pixels below `above`.
fn line_of_pixels<const S: usize, const LOSSLESS: bool>(
    scan: Scan,
    model: &mut Model,
    corner: [i64; S],
    above: &[u16],
    line: &mut [u16],
    place: Place,
) -> Result<Place, usize> {
    let Scan { bits, coding } = scan;
    let regions = &coding.regions;
    let width = line.len();
    let mut run_index = place.run_index;
    let short = coding.most_zeros.min(IN_AHEAD);
    let mut reader = Reader::new(bits, place.position, short);
    let mut x = 0;
    let mut rc = corner;
    let mut rb = pixel::<S>(above);
    let mut ra = rb;
    let mut q2 = differences(regions, rb, rc);
    let mut rx = [0; S];
    while x < width {
        let mut rd = if x + S < width { pixel::<S>(&above[x + S..]) } else { rb };
        let contexts = gradients(regions, &mut q2, ra, rb, rc, rd);
        if contexts.iter().fold(0, |all, q| all | q) != 0 {
            let guess = |s: usize| predicted(ra[s], rb[s], rc[s]);
            // not a loop, so that the samples of a pixel are in registers
            rx[0] = reader.first_sample::<LOSSLESS>(coding, model, contexts[0], guess(0))?;
            if S > 1 {
                rx[1] = reader.sample::<LOSSLESS>(coding, model, contexts[1], guess(1))?;
            }
            if S > 2 {
                rx[2] = reader.sample::<LOSSLESS>(coding, model, contexts[2], guess(2))?;
            }
            if S > 3 {
                rx[3] = reader.sample::<LOSSLESS>(coding, model, contexts[3], guess(3))?;
            }
        } else {
            let place = Place { position: reader.position, run_index };
            let found = run(bits, place, (width - x) / S)?;
            for pixel in line[x..x + S * found.length].chunks_exact_mut(S) {
                put_pixel(pixel, ra);
            }
            x += S * found.length;
            let Place { mut position, .. } = found.place;
            run_index = found.place.run_index;
            if found.ends_line {
                reader.position = position;
                break;
            }
            rb = pixel::<S>(&above[x..]);
            for s in 0..S {
                // each is coded as one whose neighbours differ, A.7.2
                let place = Place { position, run_index };
                (rx[s], position) = scan.interruption(model, place, ra[s], rb[s], false)?;
            }
            reader = Reader::new(bits, position, short);
            run_index = run_index.saturating_sub(1);
            rd = if x + S < width { pixel::<S>(&above[x + S..]) } else { rb };
            q2 = differences(regions, rd, rb);
        }
        put_pixel(&mut line[x..], rx);
        x += S;
        ra = rx;
        rc = rb;
        rb = rd;
    }
    let position = reader.position;
    if position > bits.stop {
        return Err(position);
    }
    Ok(Place { position, run_index })
}

/// The contexts of the samples of a pixel, below 0 for those that stand for mirror images (A.3).
///
/// `above` has the regions of `rb` less `rc`, and takes those of `rd` less `rb`.
#[inline(always)]
pub(super) fn gradients<const S: usize>(
    regions: &Regions,
    above: &mut [i64; S],
    ra: [i64; S],
    rb: [i64; S],
    rc: [i64; S],
    rd: [i64; S],
) -> [i64; S] {
    let mut found = [0; S];
    for s in 0..S {
        let q1 = regions.of(rd[s].wrapping_sub(rb[s]));
        found[s] = (9 * q1 + above[s]) * 9 + regions.of(rc[s].wrapping_sub(ra[s]));
        above[s] = q1;
    }
    found
}

/// The regions of the differences of two pixels.
#[inline(always)]
pub(super) fn differences<const S: usize>(
    regions: &Regions,
    first: [i64; S],
    second: [i64; S],
) -> [i64; S] {
    let mut found = [0; S];
    for s in 0..S {
        found[s] = regions.of(first[s] - second[s]);
    }
    found
}
