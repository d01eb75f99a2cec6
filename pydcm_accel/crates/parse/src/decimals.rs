//! Numbers in text (PS3.5 6.2).

/// The octets of `src` after those at its beginning that are digits, and whether there are any.
#[inline(always)]
fn digits(src: &[u8]) -> (&[u8], bool) {
    let count = src.iter().position(|octet| !octet.is_ascii_digit()).unwrap_or(src.len());
    (&src[count..], count > 0)
}

#[inline(always)]
fn past_spaces(src: &[u8]) -> &[u8] {
    &src[src.iter().position(|&octet| octet != b' ').unwrap_or(src.len())..]
}

#[inline(always)]
fn past_sign(src: &[u8]) -> &[u8] {
    match src {
        [b'+' | b'-', rest @ ..] => rest,
        _ => src,
    }
}

/// What follows the number at the beginning of `src`, or None if there is no number.
#[inline(always)]
fn past_number(src: &[u8], whole: bool) -> Option<&[u8]> {
    let (mut rest, mut found) = digits(past_sign(past_spaces(src)));
    if !whole {
        if let [b'.', fraction @ ..] = rest {
            let (after, some) = digits(fraction);
            rest = after;
            found |= some;
        }
        if let (true, [b'e' | b'E', exponent @ ..]) = (found, rest) {
            let (after, some) = digits(past_sign(exponent));
            if !some {
                return None;
            }
            rest = after;
        }
    }
    found.then(|| past_spaces(rest))
}

/// Counts the values of a Decimal String, or of an Integer String if `whole` is 1.
///
/// Returns zero unless every value is valid and has at most `longest` octets.
pub fn count(src: &[u8], longest: i64, whole: i64) -> i64 {
    let longest = usize::try_from(longest).unwrap_or(0);
    let mut rest = src;
    let mut count = 0;
    loop {
        let before = rest.len();
        let Some(after) = past_number(rest, whole != 0) else {
            return 0;
        };
        if before - after.len() > longest {
            return 0;
        }
        count += 1;
        match after {
            [] => return count,
            [b'\\', next @ ..] => rest = next,
            _ => return 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn numbers() {
        for text in ["1", " -1.5e+3 ", "+.5", "5.", "0.33333333333333"] {
            assert_eq!(count(text.as_bytes(), 16, 0), 1, "{text}");
        }
        for text in ["", " ", ".", "e5", "1e", "1e+", "1 2", "- 1", "1,5", "1.2.3", "nan", "\u{e9}"]
        {
            assert_eq!(count(text.as_bytes(), 16, 0), 0, "{text}");
        }
        assert_eq!(count(b"1\\ 2 \\+3", 4, 1), 3);
        assert_eq!(count(b"1\\ 2 \\+3", 2, 1), 0);
        assert_eq!(count(b"1\\2.0", 16, 1), 0);
        assert_eq!(count(b"1\\\\2", 16, 0), 0);
        assert_eq!(count(b"1\\", 16, 0), 0);
    }
}
