//! Rendering without a GPU: the CPU twins against the reference sampling, shaders and layouts against naga, letters and
//! marks.

mod layout;
mod looks;
mod marks;
mod raycast;
mod sides;
mod surfaces;
mod transfer;
mod twins;
