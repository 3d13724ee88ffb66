//! Published weights and the outputs that an independent implementation computed from them.

use fovea::ai::meshnet::{MeshNet, sha256_hex};
use fovea::ai::pack::{ModelPack, WeightsFile};
use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::volume::{Rescale, ValueUnit, Volume, Voxels};
use safetensors::SafeTensors;
use std::io::Read;
use std::path::Path;

/// The network of a folder with `config.json` and `model.safetensors`.
pub fn network(folder: &Path, change: impl FnOnce(&mut ModelPack)) -> MeshNet {
    let weights = std::fs::read(folder.join("model.safetensors")).unwrap();
    let config = std::fs::read_to_string(folder.join("config.json")).unwrap();
    let file = WeightsFile { file: "model.safetensors".into(), sha256: sha256_hex(&weights) };
    let name = folder.file_name().unwrap().to_str().unwrap().to_string();
    let mut pack = ModelPack::from_config_json(&config, &name, file).unwrap();
    change(&mut pack);
    MeshNet::new(pack, &weights).unwrap()
}

/// A float tensor of a safetensors file: shape and values.
pub fn tensor(file: &Path, name: &str) -> (Vec<usize>, Vec<f32>) {
    let bytes = std::fs::read(file).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let view = tensors.tensor(name).unwrap();
    let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    (view.shape().to_vec(), values)
}

/// Bytes of a 256³ uint8 NIfTI, in file order (i fastest).
pub fn bytes_of_nifti(file: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_end(&mut bytes).unwrap();
    let offset = f32::from_le_bytes(bytes[108..112].try_into().unwrap()) as usize;
    let datatype = i16::from_le_bytes(bytes[70..72].try_into().unwrap());
    assert_eq!((datatype, bytes.len() - offset), (2, 256 * 256 * 256), "a 256³ volume of bytes");
    bytes.split_off(offset)
}

/// A 256³ 1 mm grid, axes toward Left, Inferior, Anterior.
pub fn lia_grid() -> VolumeGeometry {
    let direction = DMat3::from_cols(DVec3::X, DVec3::NEG_Z, DVec3::NEG_Y);
    VolumeGeometry::new([256; 3], DVec3::new(-127.0, 127.0, 127.0), DVec3::ONE, direction).unwrap()
}

pub fn byte_volume(geometry: VolumeGeometry, bytes: Vec<u8>) -> Volume {
    Volume::new(geometry, Voxels::U8(bytes), Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap()
}
