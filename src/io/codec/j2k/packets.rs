//! Packets of JPEG 2000 (T.800 Annex B.9–B.10): tag trees, and which bytes belong to which code block.
//!
//! Every read is bounded; `None` means that the packets are damaged or use what the fast path does not know.

use std::ops::Range;

/// Bits of packet headers; after a byte FF only seven bits follow (B.10.1).
pub struct HeaderBits<'a> {
    bytes: &'a [u8],
    at: usize,
    byte: u8,
    left: u32,
}

impl<'a> HeaderBits<'a> {
    /// Begins a header at a byte.
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, byte: 0, left: 0 }
    }

    fn bit(&mut self) -> Option<u32> {
        if self.left == 0 {
            self.left = if self.byte == 0xFF { 7 } else { 8 };
            self.byte = *self.bytes.get(self.at)?;
            self.at += 1;
        }
        self.left -= 1;
        Some(u32::from(self.byte >> self.left & 1))
    }

    fn bits(&mut self, n: u32) -> Option<u32> {
        (0..n).try_fold(0, |value, _| Some(value << 1 | self.bit()?))
    }

    /// Where the header ends: a byte boundary, past a stuffed byte.
    fn end(self) -> usize {
        self.at + usize::from(self.byte == 0xFF)
    }
}

/// A tag tree (B.10.2): quarters of quarters, each the least of its four.
pub struct TagTree {
    /// Columns of each level from the leaves up, and where its nodes begin.
    levels: Vec<(usize, usize)>,
    /// Least value possible so far, and whether it is the value.
    nodes: Vec<(u32, bool)>,
}

impl TagTree {
    fn new(mut columns: usize, mut rows: usize) -> Self {
        let (mut levels, mut count) = (Vec::new(), 0);
        loop {
            levels.push((columns, count));
            count += columns * rows;
            if columns * rows <= 1 {
                return Self { levels, nodes: vec![(0, false); count] };
            }
            (columns, rows) = (columns.div_ceil(2), rows.div_ceil(2));
        }
    }

    /// Reads until the value of a leaf is known or at least `limit`; true when it is below.
    fn is_below(&mut self, bits: &mut HeaderBits<'_>, x: usize, y: usize, limit: u32) -> Option<bool> {
        let mut least = 0;
        for level in (0..self.levels.len()).rev() {
            let (columns, first) = self.levels[level];
            let node = self.nodes.get_mut(first + (y >> level) * columns + (x >> level))?;
            node.0 = node.0.max(least);
            while !node.1 && node.0 < limit {
                if bits.bit()? == 1 {
                    node.1 = true;
                } else {
                    node.0 += 1;
                }
            }
            least = node.0;
            if !node.1 {
                return Some(false);
            }
        }
        Some(least < limit)
    }
}

/// A code block and its bytes.
#[derive(Default, Clone)]
pub struct Block {
    /// Bit planes that are all zero.
    pub missing_planes: u32,
    /// Coding passes of all layers.
    pub passes: u32,
    /// Where its bytes lie.
    pub parts: Vec<Range<usize>>,
    /// Lblock, less 3.
    length_bits: u32,
}

/// The code blocks of a sub-band (of its only precinct).
pub struct Blocks {
    /// Blocks in a row.
    pub columns: usize,
    /// Row by row.
    pub blocks: Vec<Block>,
    inclusion: TagTree,
    missing: TagTree,
}

impl Blocks {
    /// An empty grid.
    pub fn new(columns: usize, rows: usize) -> Self {
        let blocks = vec![Block::default(); columns * rows];
        Self { columns, blocks, inclusion: TagTree::new(columns, rows), missing: TagTree::new(columns, rows) }
    }

    /// Reads this band's part of a packet header; gives the bytes that each included block gets from the packet's body.
    fn header(&mut self, bits: &mut HeaderBits<'_>, layer: u32, found: &mut Vec<(usize, usize)>) -> Option<()> {
        for n in 0..self.blocks.len() {
            let (x, y) = (n % self.columns, n / self.columns);
            let seen = self.blocks[n].passes > 0;
            let included =
                if seen { bits.bit()? == 1 } else { self.inclusion.is_below(bits, x, y, layer.checked_add(1)?)? };
            if !included {
                continue;
            }
            if !seen {
                let mut planes = 0;
                while !self.missing.is_below(bits, x, y, planes + 1)? {
                    planes += 1;
                    // More planes than any precision has.
                    (planes < 64).then_some(())?;
                }
                self.blocks[n].missing_planes = planes;
            }
            let passes = passes(bits)?;
            let block = &mut self.blocks[n];
            while bits.bit()? == 1 {
                block.length_bits += 1;
            }
            block.passes += passes;
            let width = 3 + block.length_bits + passes.ilog2();
            (width <= 31).then_some(())?;
            found.push((n, bits.bits(width)? as usize));
        }
        Some(())
    }
}

/// Table B.4
fn passes(bits: &mut HeaderBits<'_>) -> Option<u32> {
    for (width, first) in [(1, 1), (1, 2), (2, 3), (5, 6)] {
        let value = bits.bits(width)?;
        if value + 1 < 1 << width {
            return Some(first + value);
        }
    }
    Some(37 + bits.bits(7)?)
}

/// Reads the packet of a layer at `at`; gives the position behind it.
pub fn packet(data: &[u8], at: usize, layer: u32, bands: &mut [Blocks]) -> Option<usize> {
    let mut bits = HeaderBits::new(data, at);
    let mut found: Vec<Vec<(usize, usize)>> = vec![Vec::new(); bands.len()];
    if bits.bit()? == 1 {
        for (band, found) in bands.iter_mut().zip(&mut found) {
            band.header(&mut bits, layer, found)?;
        }
    }
    let mut at = bits.end();
    for (band, found) in bands.iter_mut().zip(found) {
        for (n, length) in found {
            let end = at.checked_add(length).filter(|end| *end <= data.len())?;
            band.blocks[n].parts.push(at..end);
            at = end;
        }
    }
    Some(at)
}
