//! Rows: Huffman codes to differences, and differences to samples.

use super::Sample;

/// Bits of the stream that the short table is indexed by.
const SHORT_BITS: u32 = 13;

/// Where an entry of it has the second difference.
const SECOND: u32 = SHORT_BITS + 6;

/// What is added to the first one.
const BIAS: i32 = 1 << SHORT_BITS;

/// Why a row cannot be decoded.
pub(super) enum Fault {
    /// There are no more words.
    NoWords,
    /// The bits are no code.
    NoCode,
}

/// Where the bits of a scan are read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    words: &'a [u32],
    /// The bit that comes next, counted from the first word.
    position: usize,
}

/// The bits that come next, as the upper ones.
struct Ahead {
    buffer: u64,
    /// How many there are.
    bits: u32,
    /// The word that follows them.
    next: usize,
}

impl Ahead {
    #[inline(always)]
    fn at(words: &[u32], position: usize) -> Self {
        let passed = position as u32 % 32;
        let word = words.get(position / 32).map_or(0, |&word| u64::from(word));
        Ahead { buffer: word << (32 + passed), bits: 32 - passed, next: position / 32 + 1 }
    }

    #[inline(always)]
    fn position(&self) -> usize {
        32usize.wrapping_mul(self.next).wrapping_sub(self.bits as usize)
    }

    /// Appends a word if there is room for it; no branch, since whether there is, is left to
    /// chance.
    #[inline(always)]
    fn refill(&mut self, word: u32) {
        let room = self.bits <= 32;
        let word = u64::from(word).wrapping_shl(32u32.wrapping_sub(self.bits));
        self.buffer |= if room { word } else { 0 };
        self.bits = self.bits.wrapping_add(if room { 32 } else { 0 });
        self.next = self.next.wrapping_add(usize::from(room));
    }

    #[inline(always)]
    fn skip(&mut self, used: u32) {
        self.buffer = self.buffer.wrapping_shl(used);
        self.bits = self.bits.wrapping_sub(used);
    }
}

/// The Huffman tables of a scan.
#[derive(Clone, Copy)]
pub(super) struct Tables<'a> {
    /// What the next 13 bits mean if all components share a table.
    pub short: &'a [i32; 1 << SHORT_BITS],
    /// What the next 16 bits mean: the code's length and SSSS, 0 for no code.
    pub full: &'a [u16],
    /// How many tables are in `full`.
    pub count: usize,
}

/// One difference, or two.
struct Pair {
    first: i32,
    /// 0 if there is no second.
    second: i32,
    /// How many there are.
    count: usize,
    /// How many bits they took.
    used: u32,
}

impl Tables<'_> {
    /// What the upper bits mean, if the short table tells.
    #[inline(always)]
    fn pair(&self, ahead: u64) -> Option<Pair> {
        let entry = self.short[(ahead >> (64 - SHORT_BITS)) as usize];
        (entry != 0).then_some(Pair {
            first: (entry >> 5 & (2 * BIAS - 1)) - BIAS,
            second: entry >> SECOND,
            count: 1 + (entry >> 4 & 1) as usize,
            used: entry as u32 & 15,
        })
    }
}

impl<'a> Reader<'a> {
    /// A reader that begins at a word.
    pub fn new(words: &'a [u32], next: usize) -> Self {
        Reader { words, position: 32 * next }
    }

    /// How many bits of all words have been read.
    pub fn position(&self) -> i64 {
        self.position as i64
    }

    /// The next bits, of which `wanted` must be there.
    fn ahead(&self, wanted: u32) -> Result<u64, Fault> {
        let mut ahead = Ahead::at(self.words, self.position);
        if 32 * self.words.len() < self.position + wanted as usize {
            return Err(Fault::NoWords);
        }
        ahead.refill(self.words.get(ahead.next).map_or(0, |&word| word));
        Ok(ahead.buffer)
    }

    /// Decodes a difference of any length (H.2.2.2).
    fn difference(&mut self, tables: Tables, table: usize) -> Result<i32, Fault> {
        let index = (self.ahead(16)? >> 48) as usize;
        let entry = u32::from(tables.full[(table << 16) + index]);
        let ssss = entry & 255;
        if entry == 0 || ssss > 16 {
            return Err(Fault::NoCode);
        }
        self.position += (entry >> 8) as usize;
        if ssss == 16 {
            return Ok(32768); // no bits follow (H.1.2.2)
        }
        let value = (self.ahead(ssss)? >> 32 >> (32 - ssss)) as i32;
        self.position += ssss as usize;
        Ok(if value < (1 << ssss) >> 1 { value - ((1 << ssss) - 1) } else { value })
    }

    /// As `difference`, for what the short table does not hold.
    #[cold]
    #[inline(never)]
    fn rare(mut self, tables: Tables) -> Result<(i32, usize), Fault> {
        let found = self.difference(tables, 0)?;
        Ok((found, self.position))
    }

    /// Decodes the differences of a row whose components share a table.
    ///
    /// `take` is called with an index, a difference, and the one after it; where there is only
    /// one, it is called again with that index.
    #[inline(always)]
    fn row(
        &mut self,
        tables: Tables,
        count: usize,
        mut take: impl FnMut(usize, i32, i32),
    ) -> Result<(), Fault> {
        let words = self.words;
        let mut i = 0;
        let mut ahead = Ahead::at(words, self.position);
        while i + 3 < count {
            // a word is enough for two look-ups
            let Some(&word) = words.get(ahead.next) else { break };
            ahead.refill(word);
            for _ in 0..2 {
                if let Some(pair) = tables.pair(ahead.buffer) {
                    ahead.skip(pair.used);
                    take(i, pair.first, pair.second);
                    i = i.wrapping_add(pair.count);
                } else {
                    self.position = ahead.position();
                    let (found, position) = self.rare(tables)?;
                    ahead = Ahead::at(words, position);
                    take(i, found, 0);
                    i = i.wrapping_add(1);
                    break;
                }
            }
        }
        self.position = ahead.position();
        while i + 1 < count {
            if let Some(pair) = tables.pair(self.ahead(16)?) {
                self.position += pair.used as usize;
                take(i, pair.first, pair.second);
                i += pair.count;
            } else {
                take(i, self.difference(tables, 0)?, 0);
                i += 1;
            }
        }
        if i < count {
            take(i, self.difference(tables, 0)?, 0);
        }
        Ok(())
    }
}

/// Decodes the differences of a row, of all components, into `diff`.
///
/// There is one more element in it than differences.
pub(super) fn decode_row(
    reader: &mut Reader,
    tables: Tables,
    diff: &mut [i32],
) -> Result<(), Fault> {
    let count = diff.len() - 1;
    if tables.count == 1 {
        return reader.row(tables, count, |i, first, second| {
            if let Some(pair) = diff.get_mut(i..i + 2) {
                pair[0] = first;
                pair[1] = second;
            }
        });
    }
    let mut table = 0;
    for difference in &mut diff[..count] {
        *difference = reader.difference(tables, table)?;
        table = if table + 1 < tables.count { table + 1 } else { 0 };
    }
    Ok(())
}

/// Decodes a row of one component that its left neighbours predict; returns all bits of it.
///
/// Nearly all of DICOM's streams are of this kind, so it is worth a loop of its own: the sums
/// cost no time beside the look-ups, where they would take as long again after them.
pub(super) fn decode_row_left<T: Sample>(
    reader: &mut Reader,
    tables: Tables,
    cells: &mut [T],
    step: usize,
    mut ra: i32,
) -> Result<i32, Fault> {
    let width = cells.len().div_ceil(step);
    let mut seen = 0;
    reader.row(tables, width, |i, first, second| {
        let one = ra.wrapping_add(first) & 0xFFFF;
        ra = one.wrapping_add(second) & 0xFFFF;
        seen |= one | ra;
        if step == 1 {
            if let Some(pair) = cells.get_mut(i..i + 2) {
                (pair[0], pair[1]) = (T::of(one), T::of(ra));
                return;
            }
        }
        cells[i * step] = T::of(one);
        if let Some(cell) = cells.get_mut((i + 1) * step) {
            *cell = T::of(ra);
        }
    })?;
    Ok(seen)
}

/// Adds predictions to the differences of a row of pixels that all components of a scan make up,
/// side by side, each predicted by its left neighbour; returns all bits of the values.
pub(super) fn undo_pixels<const N: usize, T: Sample>(
    diff: &[i32],
    line: &mut [T],
    mut ra: [i32; N],
) -> i32 {
    let mut bits = 0;
    for (diff, pixel) in diff.chunks_exact(N).zip(line.chunks_exact_mut(N)) {
        for k in 0..N {
            ra[k] = (ra[k] + diff[k]) & 0xFFFF;
            pixel[k] = T::of(ra[k]);
            bits |= ra[k];
        }
    }
    bits
}

/// Where the samples of a component are in a row.
#[derive(Clone, Copy)]
pub(super) struct Stride {
    /// The first one.
    pub first: usize,
    /// From one to the next.
    pub step: usize,
}

/// Adds predictions to the differences of one component's row, and returns all bits of it.
///
/// `diff` has the differences at every `count`-th place from `k` on. `predictor` is 1 to 7 (Table
/// H.1), or 0 for the first row of an interval, where `above` does not count; `ra` predicts the
/// first sample. Values are modulo 2^16 (H.1.2.1).
pub(super) fn undo_row<T: Sample>(
    diff: impl Iterator<Item = i32>,
    above: &[T],
    line: &mut [T],
    stride: Stride,
    predictor: i64,
    ra: i32,
) -> i32 {
    let Stride { first, step } = stride;
    let line = line[first..].iter_mut().step_by(step);
    // The row above counts from the second sample on, so the first one's neighbour is skipped.
    let above = above.get(first..).unwrap_or(&[]).iter().step_by(step).map(|rb| rb.value());
    match predictor {
        0 | 1 => undo(diff, above.chain(std::iter::repeat(0)), line, ra, |d, ra, _, _| ra + d),
        2 => undo(diff, above, line, ra, |d, _, rb, _| rb + d),
        3 => undo(diff, above, line, ra, |d, _, _, rc| rc + d),
        4 => undo(diff, above, line, ra, |d, ra, rb, rc| ra + (rb - rc + d)),
        5 => undo(diff, above, line, ra, |d, ra, rb, rc| ra + (((rb - rc) >> 1) + d)),
        6 => undo(diff, above, line, ra, |d, ra, rb, rc| (ra + (2 * (rb + d) - rc)) >> 1),
        _ => undo(diff, above, line, ra, |d, ra, rb, _| (ra + (rb + 2 * d)) >> 1),
    }
}

#[inline(always)]
fn undo<'a, T: Sample + 'a>(
    diff: impl Iterator<Item = i32>,
    above: impl Iterator<Item = i32>,
    line: impl Iterator<Item = &'a mut T>,
    mut ra: i32,
    value: impl Fn(i32, i32, i32, i32) -> i32,
) -> i32 {
    let mut bits = 0;
    let mut rc = 0;
    for (x, ((d, rb), cell)) in diff.zip(above).zip(line).enumerate() {
        ra = (if x == 0 { ra + d } else { value(d, ra, rb, rc) }) & 0xFFFF;
        *cell = T::of(ra);
        bits |= ra;
        rc = rb;
    }
    bits
}
