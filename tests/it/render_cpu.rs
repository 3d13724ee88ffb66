//! Rendering without a GPU: the CPU twins against the reference sampling, shaders and layouts against naga, letters and
//! marks.

mod layout;
mod marks;
mod surfaces;
mod twins;
