//! The innermost tile of the direct convolution, for AVX-512, AVX2 + FMA, and any processor.
//!
//! A tile is `outputs` (1–6) channels by `vectors` (1–4) vectors of neighboring columns of one output row. Its sums stay in
//! registers while the loop runs over kernel rows, input channels and kernel columns. This is the only module of `ops` with
//! `unsafe` code: the vector loads are not bounds-checked one by one; instead [`TileInput::covers`] checks the farthest one
//! before the loop. The portable twin is safe code with the same order of sums, and tests hold the others against it.
#![allow(unsafe_code)] // Vector intrinsics read through pointers; see the SAFETY notes.

use super::Activation;

/// Most output channels of a tile.
pub const MAX_OUTPUTS: usize = 6;

/// Instruction sets with a kernel of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isa {
    /// 16 floats per vector, tiles of up to 4 vectors.
    Avx512,
    /// 8 floats per vector, tiles of up to 2 vectors.
    Avx2,
    /// 8 floats per "vector", left to the compiler.
    Portable,
}

impl Isa {
    /// The best that this processor has.
    pub fn best() -> Self {
        *Self::available().first().unwrap_or(&Self::Portable)
    }

    /// All that this processor has, best first.
    pub fn available() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2 && is_x86_feature_detected!("avx512f") {
                return &[Self::Avx512, Self::Avx2, Self::Portable];
            }
            if avx2 {
                return &[Self::Avx2, Self::Portable];
            }
        }
        &[Self::Portable]
    }

    /// Floats per vector.
    pub const fn lanes(self) -> usize {
        match self {
            Self::Avx512 => 16,
            Self::Avx2 | Self::Portable => 8,
        }
    }

    /// Most vectors of a tile.
    pub const fn max_vectors(self) -> usize {
        match self {
            Self::Avx512 => 4,
            Self::Avx2 | Self::Portable => 2,
        }
    }
}

/// One kernel row `(kd, kh)`: where its first channel lies among the packed rows, and where its weights lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KernelRow {
    /// Offset into [`TileInput::x`].
    pub x: usize,
    /// Offset into [`TileInput::w`].
    pub w: usize,
}

/// What a tile is computed from.
#[derive(Debug, Clone, Copy)]
pub struct TileInput<'a> {
    /// Packed input rows, padded with zeros.
    pub x: &'a [f32],
    /// Kernel rows that lie inside the input.
    pub rows: &'a [KernelRow],
    /// Input channels.
    pub channels: usize,
    /// Distance between the rows of neighboring channels.
    pub pitch: usize,
    /// Offset of each kernel column.
    pub taps: &'a [usize],
    /// Weights of this block of outputs: `[kernel row][channel][kernel column][output]`.
    pub w: &'a [f32],
}

impl TileInput<'_> {
    /// True when every load of a tile of `outputs` channels and `width` columns from column `at` lies inside the slices.
    fn covers(&self, outputs: usize, width: usize, at: usize) -> bool {
        let (Some(last_channel), Some(&last_tap)) = (self.channels.checked_sub(1), self.taps.iter().max()) else {
            return true; // No loads at all.
        };
        let x_reach = last_channel * self.pitch + last_tap + at + width;
        let w_reach = self.channels * self.taps.len() * outputs;
        self.rows.iter().all(|row| row.x + x_reach <= self.x.len() && row.w + w_reach <= self.w.len())
    }
}

/// Computes one tile: `sums[o · width + column]` = bias + the convolution at output columns `at..at + width`, with
/// `width = vectors · isa.lanes()`.
///
/// # Panics
/// When the tile reaches beyond the slices, or has more outputs or vectors than the instruction set allows: a defect of
/// the caller.
pub fn tile(isa: Isa, [outputs, vectors]: [usize; 2], input: &TileInput, at: usize, bias: &[f32], sums: &mut [f32]) {
    let width = vectors * isa.lanes();
    assert!((1..=MAX_OUTPUTS).contains(&outputs) && (1..=isa.max_vectors()).contains(&vectors), "tile size");
    assert!(input.covers(outputs, width, at), "a tile reaches beyond its input");
    assert!(bias.len() >= outputs && sums.len() >= outputs * width, "a tile reaches beyond its output");
    match isa {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Isa::Avx512` and `Isa::Avx2` come from `Isa::available`, or the caller vouches for the processor by
        // naming them; checked again here, because the cost is one cached load. The bounds were asserted above.
        Isa::Avx512 => {
            assert!(is_x86_feature_detected!("avx512f"), "this processor has no AVX-512");
            unsafe { avx512::tile([outputs, vectors], input, at, bias, sums) }
        }
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Isa::Avx2 => {
            assert!(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"), "this processor has no AVX2");
            unsafe { avx2::tile([outputs, vectors], input, at, bias, sums) }
        }
        _ => portable(outputs, width, input, at, bias, sums),
    }
}

/// Applies an activation with the vector instructions of `isa`.
pub fn activate(isa: Isa, activation: Activation, row: &mut [f32]) {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 if is_x86_feature_detected!("avx512f") => {
            // SAFETY: the feature was just detected; the function is safe code otherwise.
            unsafe { avx512::activate(activation, row) }
        }
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") => {
            // SAFETY: as above.
            unsafe { avx2::activate(activation, row) }
        }
        _ => activation.apply(row),
    }
}

/// The safe twin.
fn portable(outputs: usize, width: usize, input: &TileInput, at: usize, bias: &[f32], sums: &mut [f32]) {
    for (sums, &bias) in sums.chunks_exact_mut(width).zip(bias).take(outputs) {
        sums.fill(bias);
    }
    for row in input.rows {
        let mut weights = input.w[row.w..].chunks_exact(outputs);
        for channel in 0..input.channels {
            let x = &input.x[row.x + channel * input.pitch + at..];
            for (&tap, weights) in input.taps.iter().zip(&mut weights) {
                let x = &x[tap..tap + width];
                for (sums, &weight) in sums.chunks_exact_mut(width).zip(weights) {
                    sums.iter_mut().zip(x).for_each(|(sum, &x)| *sum += weight * x);
                }
            }
        }
    }
}

/// The same tile in vector registers; the macro's arguments are the intrinsics of one instruction set.
#[cfg(target_arch = "x86_64")]
macro_rules! vector_tile {
    ($name:ident, $feature:literal, $lanes:literal, $load:ident, $splat:ident, $fma:ident, $store:ident,
     [$($vectors:literal),+]) => {
        mod $name {
            use super::{Activation, TileInput};
            use std::arch::x86_64::{$fma, $load, $splat, $store};

            /// # Safety
            /// The processor must have the features, and `input.covers(O, V · lanes, at)` must hold, with
            /// `bias.len() ≥ O` and `sums.len() ≥ O · V · lanes`.
            #[target_feature(enable = $feature)]
            unsafe fn sized<const O: usize, const V: usize>(
                input: &TileInput, at: usize, bias: &[f32], sums: &mut [f32],
            ) {
                let mut total = [[$splat(0.0); V]; O];
                for o in 0..O {
                    total[o] = [$splat(bias[o]); V];
                }
                for row in input.rows {
                    // SAFETY: the caller guarantees that the farthest load below lies inside `x` and `w`; all offsets
                    // grow from zero toward it.
                    unsafe {
                        let mut w = input.w.as_ptr().add(row.w);
                        let mut x = input.x.as_ptr().add(row.x + at);
                        for channel in 0..input.channels {
                            for &tap in input.taps {
                                let mut columns = [$splat(0.0); V];
                                for v in 0..V {
                                    columns[v] = $load(x.add(tap + v * $lanes));
                                }
                                for o in 0..O {
                                    let weight = $splat(*w.add(o));
                                    for v in 0..V {
                                        total[o][v] = $fma(weight, columns[v], total[o][v]);
                                    }
                                }
                                w = w.add(O);
                            }
                            if channel + 1 < input.channels {
                                x = x.add(input.pitch);
                            }
                        }
                    }
                }
                for o in 0..O {
                    for v in 0..V {
                        // SAFETY: `sums` holds O · V · lanes floats.
                        unsafe { $store(sums.as_mut_ptr().add((o * V + v) * $lanes), total[o][v]) };
                    }
                }
            }

            /// # Safety
            /// As [`sized`], with `O` and `V` given at run time.
            #[target_feature(enable = $feature)]
            pub unsafe fn tile(size: [usize; 2], input: &TileInput, at: usize, bias: &[f32], sums: &mut [f32]) {
                // SAFETY: passed on from the caller.
                unsafe {
                    match size {
                        $(
                            [1, $vectors] => sized::<1, $vectors>(input, at, bias, sums),
                            [2, $vectors] => sized::<2, $vectors>(input, at, bias, sums),
                            [3, $vectors] => sized::<3, $vectors>(input, at, bias, sums),
                            [4, $vectors] => sized::<4, $vectors>(input, at, bias, sums),
                            [5, $vectors] => sized::<5, $vectors>(input, at, bias, sums),
                            [6, $vectors] => sized::<6, $vectors>(input, at, bias, sums),
                        )+
                        _ => unreachable!("tile sizes are asserted by the caller"),
                    }
                }
            }

            /// Safe code, compiled for this instruction set.
            #[target_feature(enable = $feature)]
            pub fn activate(activation: Activation, row: &mut [f32]) {
                activation.apply(row);
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
vector_tile!(
    avx512,
    "avx512f,avx2,fma",
    16,
    _mm512_loadu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps,
    _mm512_storeu_ps,
    [1, 2, 3, 4]
);
#[cfg(target_arch = "x86_64")]
vector_tile!(avx2, "avx2,fma", 8, _mm256_loadu_ps, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_storeu_ps, [1, 2]);
