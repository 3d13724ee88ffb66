//! Weights into layers. A wrong hash, a missing tensor, a wrong shape or type, and a tensor that nobody asked for are
//! errors, each with a sentence of its own: weights that load are the weights that were meant.

use super::Layer;
use crate::ai::ops::Conv3dSpec;
use crate::ai::pack::{MeshNetConfig, ModelPack};
use candle_core::{Device, Tensor};
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Why weights do not make the network that the pack describes.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Other bytes than the pack was made for.
    #[error("the weights of {pack} have SHA-256 {found}, pack.toml says {expected}; import the model again")]
    Hash {
        /// Pack name.
        pack: String,
        /// Of the bytes.
        found: String,
        /// Of the pack.
        expected: String,
    },
    /// Not a safetensors file, or a damaged one.
    #[error("the weights of {pack} are not a safetensors file: {reason}")]
    Format {
        /// Pack name.
        pack: String,
        /// What the parser said.
        reason: String,
    },
    /// A tensor that the architecture needs.
    #[error("the weights of {pack} lack the tensor {tensor}; they belong to another network")]
    Missing {
        /// Pack name.
        pack: String,
        /// Tensor name.
        tensor: String,
    },
    /// A tensor of another shape or type.
    #[error("tensor {tensor} of {pack} is {found}, the architecture needs {expected}")]
    Mismatch {
        /// Pack name.
        pack: String,
        /// Tensor name.
        tensor: String,
        /// Type and shape found.
        found: String,
        /// Type and shape needed.
        expected: String,
    },
    /// Tensors that the architecture has no place for.
    #[error("the weights of {pack} hold {count} tensor(s) that the architecture has no place for, such as {tensor}")]
    LeftOver {
        /// Pack name.
        pack: String,
        /// How many.
        count: usize,
        /// The first.
        tensor: String,
    },
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // Writing to a String cannot fail.
        text
    })
}

/// The hidden layers and the output layer.
pub(super) fn layers(pack: &ModelPack, bytes: &[u8]) -> Result<(Vec<Layer>, Layer), WeightsError> {
    let found = sha256_hex(bytes);
    if found != pack.weights.sha256 {
        return Err(WeightsError::Hash { pack: pack.name.clone(), found, expected: pack.weights.sha256.clone() });
    }
    let tensors = SafeTensors::deserialize(bytes)
        .map_err(|e| WeightsError::Format { pack: pack.name.clone(), reason: e.to_string() })?;
    let mut reader =
        Reader { pack: &pack.name, left: tensors.names().into_iter().map(ToString::to_string).collect(), tensors };
    let MeshNetConfig { hidden_channels, classes, kernel, .. } = pack.network;
    let mut hidden = Vec::with_capacity(pack.network.dilations.len());
    for (n, &dilation) in pack.network.dilations.iter().enumerate() {
        let inputs = if n == 0 { 1 } else { hidden_channels };
        let name = format!("layers.{n}.conv");
        let sizes = [hidden_channels, inputs, kernel];
        hidden.push(reader.layer(&name, sizes, pack.network.conv_bias, Conv3dSpec::same(kernel, dilation))?);
    }
    let output =
        reader.layer("output", [classes, hidden_channels, 1], pack.network.output_bias, Conv3dSpec::same(1, 1))?;
    reader.finish()?;
    Ok((hidden, output))
}

/// Takes tensors one by one and remembers which were not asked for.
struct Reader<'a> {
    pack: &'a str,
    tensors: SafeTensors<'a>,
    left: BTreeSet<String>,
}

impl Reader<'_> {
    fn layer(
        &mut self,
        name: &str,
        [outputs, inputs, kernel]: [usize; 3],
        bias: bool,
        spec: Conv3dSpec,
    ) -> Result<Layer, WeightsError> {
        let weight = self.tensor(&format!("{name}.weight"), &[outputs, inputs, kernel, kernel, kernel])?;
        // [O, C, I, J, K] to [O, C, K, J, I]: see the module of the network.
        let turned = weight.permute((0, 1, 4, 3, 2)).and_then(|w| w.contiguous());
        let weight = turned.map_err(|e| self.format(&e))?;
        let bias = bias.then(|| self.tensor(&format!("{name}.bias"), &[outputs])).transpose()?;
        Ok(Layer { weight, bias, spec })
    }

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, WeightsError> {
        let missing = |_| WeightsError::Missing { pack: self.pack.into(), tensor: name.into() };
        let view = self.tensors.tensor(name).map_err(missing)?;
        if view.dtype() != Dtype::F32 || view.shape() != shape {
            return Err(WeightsError::Mismatch {
                pack: self.pack.into(),
                tensor: name.into(),
                found: format!("{:?} {:?}", view.dtype(), view.shape()),
                expected: format!("{:?} {shape:?}", Dtype::F32),
            });
        }
        self.left.remove(name);
        let values: Vec<f32> =
            view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).map_err(|e| self.format(&e))
    }

    fn format(&self, error: &candle_core::Error) -> WeightsError {
        WeightsError::Format { pack: self.pack.into(), reason: error.to_string() }
    }

    fn finish(self) -> Result<(), WeightsError> {
        match self.left.first() {
            None => Ok(()),
            Some(first) => {
                Err(WeightsError::LeftOver { pack: self.pack.into(), count: self.left.len(), tensor: first.clone() })
            }
        }
    }
}
