//! The bits of a scan, and the codes that they make (ISO 10918-1 F.2.2.3, F.2.2.4).

/// Bits that are looked up at once.
const LOOK: u32 = 10;
const LIMITS: usize = 1 << LOOK;
const OFFSETS: usize = LIMITS + 17;
const VALUES: usize = OFFSETS + 17;
/// Cells of a Huffman table.
const TABLE: usize = VALUES + 256;
/// Words behind the data, which no block can read beyond.
pub(crate) const SLACK: i64 = 80;

/// A Huffman table.
pub(crate) type Table = [i32; TABLE];

/// Return the table that begins at a cell, if it is there whole.
pub(crate) fn table_at(tables: &[i32], first: usize) -> Option<&Table> {
    tables.get(first..)?.first_chunk()
}

/// What a code says: how many bits it took, the size of the number that is still to be read,
/// the run of zeros before it, and from bit 16 the number where the bits held it whole.
#[derive(Clone, Copy)]
pub(crate) struct Entry(i32);

impl Entry {
    #[inline(always)]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    #[inline(always)]
    pub fn length(self) -> u32 {
        (self.0 & 31) as u32
    }

    #[inline(always)]
    pub fn size(self) -> u32 {
        (self.0 >> 5 & 15) as u32
    }

    #[inline(always)]
    pub fn run(self) -> u32 {
        (self.0 >> 9 & 15) as u32
    }

    #[inline(always)]
    pub fn value(self) -> i32 {
        self.0 >> 16
    }
}

/// Reads the bits of an interval, the most significant one first.
pub(crate) struct Bits<'a> {
    words: &'a [u32],
    /// The next word.
    p: usize,
    /// What was fetched, from the most significant bit on.
    buffer: u64,
    /// How many bits of it there are.
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(words: &'a [u32], first: i64) -> Self {
        let p = usize::try_from(first).unwrap_or(usize::MAX / 64);
        Bits { words, p, buffer: 0, count: 0 }
    }

    /// Return the bit that comes next, counted from the first word.
    #[inline(always)]
    pub fn position(&self) -> i64 {
        (32 * self.p as i64).wrapping_sub(i64::from(self.count))
    }

    /// See that there are 32 bits: a code of 16 and a number of 15 need no more.
    ///
    /// Words are fetched sooner than the reference does it, so the last one may be missing;
    /// what stands for it is never used, as the slack holds all that a block can take.
    #[inline(always)]
    pub fn fill(&mut self) {
        if self.count < 32 {
            let word = self.words.get(self.p).copied().unwrap_or(0);
            self.buffer |= u64::from(word) << (32 - self.count);
            self.count += 32;
            self.p += 1;
        }
    }

    /// Leave out bits; there must be as many.
    #[inline(always)]
    pub fn skip(&mut self, count: u32) {
        // After `fill` there are 32 bits, and a whole table says at most 16 and then 15.
        self.buffer = self.buffer.wrapping_shl(count);
        self.count = self.count.wrapping_sub(count) & 63;
    }

    /// Return the next bits, as many as `count` below 32.
    #[inline(always)]
    pub fn peek(&self, count: u32) -> i32 {
        ((self.buffer >> 1).wrapping_shr(63u32.wrapping_sub(count))) as i32
    }

    /// Return what the next code says, without taking it.
    #[inline(always)]
    pub fn entry(&self, table: &Table) -> Entry {
        let entry = table[(self.buffer >> (64 - LOOK)) as usize];
        if entry == 0 {
            return self.long_code(table);
        }
        Entry(entry)
    }

    /// Return what a code of more than `LOOK` bits says, nothing if there is none.
    #[cold]
    #[inline(never)]
    fn long_code(&self, table: &Table) -> Entry {
        let window = (self.buffer >> 48) as i32;
        for length in LOOK as usize + 1..17 {
            if window < table[LIMITS + length] {
                let place = (window >> (16 - length)).wrapping_add(table[OFFSETS + length]);
                let symbol = table[VALUES + (place & 255) as usize];
                return Entry(length as i32 | (symbol & 15) << 5 | (symbol >> 4) << 9);
            }
        }
        Entry(0)
    }

    /// Take a number of 1 to 15 bits; a first bit of 0 makes it negative (EXTEND of F.2.2.1).
    #[inline(always)]
    pub fn number(&mut self, size: u32) -> i32 {
        let negative = !(self.buffer as i64 >> 63) as i32;
        let found = self.peek(size);
        self.skip(size);
        found.wrapping_sub(negative & 1i32.wrapping_shl(size).wrapping_sub(1))
    }

    /// Take one bit.
    #[inline(always)]
    pub fn bit(&mut self) -> bool {
        self.fill();
        let found = (self.buffer as i64) < 0;
        self.skip(1);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{table_at, Bits, TABLE};

    #[test]
    fn bits_go_on_from_word_to_word() {
        let words = [0x8000_0001, 0xF000_0000];
        let mut bits = Bits::new(&words, 0);
        assert!(bits.bit());
        for _ in 0..30 {
            assert!(!bits.bit());
        }
        assert_eq!(bits.position(), 31);
        bits.fill();
        assert_eq!(bits.peek(6), 0b11_1110);
        bits.skip(5);
        assert_eq!(bits.position(), 36);
    }

    #[test]
    fn numbers_are_extended() {
        // EXTEND of F.2.2.1: 3 bits are -7 to -4, and 4 to 7.
        for (found, number) in [(0u32, -7), (3, -4), (4, 4), (7, 7)] {
            let words = [found << 29];
            let mut bits = Bits::new(&words, 0);
            bits.fill();
            assert_eq!(bits.number(3), number);
            assert_eq!(bits.position(), 3);
        }
    }

    #[test]
    fn there_is_nothing_behind_the_last_word() {
        let mut bits = Bits::new(&[], 7);
        assert_eq!(bits.position(), 224);
        bits.fill();
        assert_eq!(bits.peek(31), 0);
    }

    #[test]
    fn tables_are_whole() {
        let cells = vec![0; TABLE + 3];
        assert!(table_at(&cells, 3).is_some());
        assert!(table_at(&cells, 4).is_none());
        assert!(table_at(&cells, usize::MAX).is_none());
    }
}
