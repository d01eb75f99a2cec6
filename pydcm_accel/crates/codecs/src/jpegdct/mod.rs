//! DCT-based JPEG (ISO 10918-1 Annexes A, F and G).
//!
//! The twins of the kernels of the family `jpegdct`, whose references say what each argument
//! holds: coefficients are 64 to a block in rows of the frequencies, `extents` has the zigzag
//! index of each block's last one that is not zero, and a scan's data are words of 32 bits
//! without stuffed zeros and restart markers.

mod bits;
mod cells;
mod progressive;
mod sampling;
mod scan;
mod sequential;
mod transform;

pub use cells::Cell;
pub use progressive::decode_progressive;
pub use sampling::{replicate, upsample};
pub use scan::encode_scan;
pub use sequential::decode_sequential;
pub use transform::{forward, inverse};

/// Cells of a plan for each data unit of an MCU.
pub(crate) const UNIT: usize = 6;

/// What a decoder of a scan reads.
#[derive(Clone, Copy)]
pub struct ScanData<'a> {
    /// The restart intervals, and words behind them that any block may run into.
    pub words: &'a [u32],
    /// The word that each interval begins with.
    pub starts: &'a [i64],
    /// The bit that each interval ends before.
    pub ends: &'a [i64],
    /// MCUs in a row, MCUs in all, MCUs in a restart interval, Ss, Se, Ah, Al.
    pub scan: &'a [i64],
    /// Six numbers for each data unit of an MCU: see [`DataUnit`].
    pub plan: &'a [i64],
    /// Huffman tables.
    pub tables: &'a [i32],
    /// Place in a block for each zigzag index.
    pub order: &'a [u8],
}

/// A data unit of an MCU, as a plan describes it.
pub(crate) struct DataUnit<'a> {
    /// The block that it is in the first MCU.
    pub first: i64,
    /// How many blocks further it is in the next MCU.
    pub across: i64,
    /// How many blocks further it is in the next row of MCUs.
    pub down: i64,
    /// Its component in the scan, 0 to 3.
    pub component: usize,
    /// The table of its DC coefficients, if the scan has one.
    pub dc: Option<&'a bits::Table>,
    /// The table of its AC coefficients, if the scan has one.
    pub ac: Option<&'a bits::Table>,
}

impl DataUnit<'_> {
    /// Return the block that the unit is in an MCU; the reference masks it alike.
    #[inline(always)]
    pub fn block(&self, x: i64, y: i64) -> usize {
        // Blocks are counted from sizes of an image: the products are far below 2 ** 63.
        let block = self
            .first
            .wrapping_add(x.wrapping_mul(self.across))
            .wrapping_add(y.wrapping_mul(self.down));
        (block & INDEX) as usize
    }
}

/// Changes no index.
pub(crate) const INDEX: i64 = (1 << 40) - 1;

impl<'a> ScanData<'a> {
    /// Return the data units of an MCU.
    pub(crate) fn units(&self) -> Vec<DataUnit<'a>> {
        let table = |at: i64| {
            let first = usize::try_from(at).ok()?;
            bits::table_at(self.tables, first)
        };
        self.plan
            .chunks_exact(UNIT)
            .map(|unit| DataUnit {
                first: unit[0],
                across: unit[1],
                down: unit[2],
                component: (unit[3] & 3) as usize,
                dc: table(unit[4]),
                ac: table(unit[5]),
            })
            .collect()
    }

    /// Return the order of coefficients, which none can lead out of its block.
    pub(crate) fn order(&self) -> [u8; 64] {
        let mut order = [0; 64];
        for (place, found) in order.iter_mut().zip(self.order) {
            *place = found & 63;
        }
        order
    }

    /// Return whether the last interval ends before the words that blocks may run into.
    pub(crate) fn has_slack(&self) -> bool {
        let end = self.ends.last().copied().unwrap_or(0);
        end <= 32 * (self.words.len() as i64 - bits::SLACK)
    }
}
