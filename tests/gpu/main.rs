//! Tests that draw: GPU renderer against its CPU twins, and the real window without a display.

mod render;
mod window;
