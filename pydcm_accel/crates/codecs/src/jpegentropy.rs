//! Entropy-coded data of JPEG scans: its markers, and its bits (ISO 10918-1 B.1.1.5).

use crate::status::OUTPUT_FULL;

/// Octets of 0 after the data, so that a decoder may fetch words before it needs their bits.
const MARGIN: usize = 16;

/// Where the first octet of 255 is, or the length.
fn find_255(octets: &[u8]) -> usize {
    let mut p = 0;
    for chunk in octets.chunks_exact(16) {
        // No early end, so that all are looked at at once.
        if chunk.iter().fold(false, |any, &octet| any | (octet == 255)) {
            break;
        }
        p += 16;
    }
    octets[p..].iter().position(|&octet| octet == 255).map_or(octets.len(), |at| p + at)
}

/// `jpegentropy.find_markers`: finds restart markers, and the marker that ends a scan's data.
///
/// `found` takes the offset of each; the last one is no restart marker, unless `found` is full.
/// Returns how many there are.
pub fn find_markers(src: &[u8], start: i64, found: &mut [i64]) -> i64 {
    let mut p = usize::try_from(start).expect("an offset in the stream");
    let mut count = 0;
    let last = src.len().saturating_sub(1);
    while p < last && count < found.len() {
        p += find_255(&src[p..last]);
        if p == last {
            break;
        }
        let code = src[p + 1];
        if code != 0 && code != 255 {
            // neither data nor a fill byte
            found[count] = p as i64;
            count += 1;
            if !(0xD0..=0xD7).contains(&code) {
                break;
            }
        }
        p += 1;
    }
    count as i64
}

/// `jpegentropy.unstuff`: copies the data of restart intervals without stuffed zeros.
///
/// `pieces` has two offsets for each interval: where its data begin and end. `dst` takes their
/// octets; each interval begins a word of 32 bits, and zeros fill the last one and follow it.
/// `starts` and `ends` take the word that each begins with, and the bit it ends before. Returns
/// the words written.
///
/// # Panics
///
/// If an offset is not in `src`.
pub fn unstuff(
    src: &[u8],
    pieces: &[i64],
    dst: &mut [u8],
    starts: &mut [i64],
    ends: &mut [i64],
) -> i64 {
    let mut q = 0usize;
    for ((place, start), end) in pieces.chunks_exact(2).zip(starts).zip(ends) {
        let at = |k: usize| usize::try_from(place[k]).expect("an offset in the stream");
        let mut piece = &src[at(0)..at(1)];
        while let Some((255, rest)) = piece.split_last() {
            piece = rest; // a fill byte
        }
        let Some(room) = dst.get_mut(q..q + piece.len() + MARGIN) else { return OUTPUT_FULL };
        *start = q as i64 / 4;
        let count = copy(piece, room);
        room[count..count + MARGIN].fill(0);
        q += count;
        *end = 8 * q as i64;
        q = q.next_multiple_of(4);
    }
    q as i64 / 4
}

/// Copies the data of one interval; returns how many octets there are without stuffed zeros.
fn copy(mut piece: &[u8], dst: &mut [u8]) -> usize {
    let mut q = 0;
    while !piece.is_empty() {
        let end = (find_255(piece) + 1).min(piece.len());
        let (plain, rest) = piece.split_at(end);
        dst[q..q + end].copy_from_slice(plain);
        q += end;
        piece = match (plain.last(), rest.split_first()) {
            (Some(255), Some((0, rest))) => rest,
            _ => rest,
        };
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers() {
        let mut found = [0; 3];
        let mut data = vec![1; 40];
        data[20] = 255; // followed by 1: no restart marker
        assert_eq!((find_markers(&data, 0, &mut found), found[0]), (1, 20));
        data[21] = 0;
        assert_eq!(find_markers(&data, 0, &mut found), 0);
        data[21] = 255;
        data[22] = 0xD9;
        assert_eq!((find_markers(&data, 3, &mut found), found[0]), (1, 21));
        data[39] = 255; // there is no code after it
        assert_eq!(find_markers(&data, 22, &mut found), 0);
        let restarts = [255, 0xD0, 255, 0xD7, 255, 0xD1, 255, 0xD9];
        assert_eq!((find_markers(&restarts, 0, &mut found), found), (3, [0, 2, 4]));
        assert_eq!((find_markers(&restarts, 4, &mut found), found), (2, [4, 6, 4]));
        assert_eq!(find_markers(&[], 0, &mut found), 0);
    }

    #[test]
    fn zeros_after_255_are_dropped() {
        for before in 0..20 {
            let mut data = vec![7; before];
            data.extend([255, 0, 0, 255, 0, 255, 255, 0, 9, 255, 255]);
            let mut plain = vec![7; before];
            plain.extend([255, 0, 255, 255, 255, 9]);
            let (mut starts, mut ends) = ([9; 2], [9; 2]);
            let mut octets = [9; 64];
            let size = data.len() as i64;
            let pieces = [0, 0, 0, size];
            let count = unstuff(&data, &pieces, &mut octets, &mut starts, &mut ends);
            assert_eq!((starts, ends), ([0; 2], [0, 8 * plain.len() as i64]));
            assert_eq!(count as usize, plain.len().div_ceil(4));
            plain.extend([0; MARGIN]);
            assert_eq!(octets[..plain.len()], plain);
            let short = &mut octets[..data.len() + MARGIN - 3]; // two octets are fill bytes
            assert_eq!(unstuff(&data, &pieces, short, &mut starts, &mut ends), OUTPUT_FULL);
        }
    }
}
