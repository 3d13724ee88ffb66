//! Operators for 3D networks that candle lacks: convolution and instance normalization over `[N, C, D, H, W]` tensors of
//! 32-bit floats.
//!
//! - [`conv3d`]: the operator's interface (a device may bring its own), shapes, and the candle custom operator;
//! - [`direct`]: the blocked, vectorized, threaded convolution for processors;
//! - [`kernels`]: the innermost tile, the only module here with `unsafe` code, with a safe twin;
//! - [`activation`]: activations, written so that the compiler vectorizes them;
//! - [`norm`]: instance normalization;
//! - [`argmax`]: logits to classes;
//! - [`naive`]: the textbook loop, which tests and benchmarks hold the others against.

pub mod activation;
pub mod argmax;
pub mod conv3d;
pub mod direct;
pub mod kernels;
pub mod naive;
pub mod norm;

pub use activation::Activation;
pub use conv3d::{Conv3d, Conv3dError, Conv3dShape, Conv3dSpec, CpuConv3d, Watch};
