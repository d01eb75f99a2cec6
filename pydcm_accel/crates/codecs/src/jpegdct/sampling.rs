//! Components of fewer samples than the image, brought to its size (ISO 10918-1 A.1.1).

use super::{Cell, INDEX};

/// What both directions of a component are: sizes and where its samples go.
struct Shape {
    height: usize,
    width: usize,
    vertical: usize,
    horizontal: usize,
    rows: usize,
    columns: usize,
    first: usize,
    step: usize,
    stride: usize,
}

impl Shape {
    fn new(shape: &[i64]) -> Self {
        let at = |k: usize| (shape[k] & INDEX) as usize;
        Shape {
            height: at(0),
            width: at(1),
            vertical: at(2),
            horizontal: at(3),
            rows: at(4),
            columns: at(5),
            first: at(6),
            step: at(7),
            stride: at(8),
        }
    }

    /// Return the cells of `dst` from a row's first sample to its last.
    fn row<'a, T>(&self, y: usize, dst: &'a mut [T]) -> &'a mut [T] {
        let first = self.first + y * self.stride;
        &mut dst[first..][..(self.columns - 1) * self.step + 1]
    }
}

/// Double a component's columns, rows, or both, by the triangle filter.
///
/// Returns the samples written.
pub fn upsample<T: Cell>(src: &[T], shape: &[i64], dst: &mut [T]) -> i64 {
    let shape = Shape::new(shape);
    let (width, step) = (shape.width, shape.step);
    if shape.columns == 0 || width == 0 {
        return 0;
    }
    let (major, minor) = if shape.vertical == 2 { (3, 1) } else { (1, 0) };
    let (left, right) = if shape.vertical == 1 { (1, 2) } else { (8, 7) };
    let shift = 2 * (shape.vertical + shape.horizontal) as u32 - 4;
    let mut sums = vec![T::Sum::default(); width];
    let mut pairs = vec![T::from_sample(0); 2 * width];
    for y in 0..shape.rows {
        let line = y / shape.vertical;
        let below = y & 1;
        let next = match (shape.vertical, below) {
            (2, 1) if line + 1 < shape.height => line + 1,
            (2, 0) if line > 0 => line - 1,
            _ => line,
        };
        let near = &src[line * width..][..width];
        let far = &src[next * width..][..width];
        let row = shape.row(y, dst);
        if shape.horizontal == 1 {
            // Rows alone: 3 times the nearest and the next, in one sum.
            for ((cell, &near), &far) in row.iter_mut().step_by(step).zip(near).zip(far) {
                let sum = (T::column(near, near, 1, 0), T::column(far, far, 1, 0));
                *cell = T::row(sum.0, sum.1, 1 + below as u8, 2);
            }
            continue;
        }
        for ((sum, &near), &far) in sums.iter_mut().zip(near).zip(far) {
            *sum = T::column(near, far, major, minor);
        }
        double(&sums, &mut pairs, left, right, shift);
        spread(&pairs[..shape.columns], row, step);
    }
    (shape.rows * shape.columns) as i64
}

/// Put samples into every `step`-th cell of a row.
fn spread<T: Copy>(samples: &[T], row: &mut [T], step: usize) {
    match step {
        1 => row.copy_from_slice(samples),
        3 => {
            // Eight at a time, of which the places are known: that takes no checks.
            let (samples, samples_left) = samples.split_at((row.len() / 24) * 8);
            let mut groups = row.chunks_exact_mut(24);
            for (cells, eight) in groups.by_ref().zip(samples.chunks_exact(8)) {
                for (k, &sample) in eight.iter().enumerate() {
                    cells[3 * k] = sample;
                }
            }
            // The last group may lack the two cells behind its last sample.
            spread_any(samples_left, groups.into_remainder(), 3);
        }
        _ => spread_any(samples, row, step),
    }
}

fn spread_any<T: Copy>(samples: &[T], row: &mut [T], step: usize) {
    for (cells, &sample) in row.chunks_mut(step).zip(samples) {
        cells[0] = sample;
    }
}

/// Put two samples into `pairs` for each sum; at the edges the nearest is also the next.
fn double<T: Cell>(sums: &[T::Sum], pairs: &mut [T], left: u8, right: u8, shift: u32) {
    let (Some(&head), Some(&tail)) = (sums.first(), sums.last()) else {
        return;
    };
    let last = pairs.len() - 1;
    pairs[0] = T::row(head, head, left, shift);
    pairs[last] = T::row(tail, tail, right, shift);
    let middle = pairs[1..last].chunks_exact_mut(2);
    for ((pair, &before), &here) in middle.zip(sums).zip(&sums[1..]) {
        pair[0] = T::row(before, here, right, shift);
        pair[1] = T::row(here, before, left, shift);
    }
}

/// Repeat a component's samples; the arguments and the result are those of [`upsample`].
pub fn replicate<T: Cell>(src: &[T], shape: &[i64], dst: &mut [T]) -> i64 {
    let shape = Shape::new(shape);
    if shape.columns == 0 {
        return 0;
    }
    for y in 0..shape.rows {
        let line = &src[y / shape.vertical * shape.width..];
        let row = shape.row(y, dst);
        for (cells, &sample) in row.chunks_mut(shape.horizontal * shape.step).zip(line) {
            for cell in cells.iter_mut().step_by(shape.step) {
                *cell = sample;
            }
        }
    }
    (shape.rows * shape.columns) as i64
}
