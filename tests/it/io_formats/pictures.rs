//! PNG, JPEG, TIFF and WebP files.

use super::{catalog, load_only};
use fovea::io::summarize_pixels;
use fovea::volume::{Samples, Voxels};
use image::{DynamicImage, ImageBuffer, Luma, Rgb};
use std::path::Path;

fn save(image: &DynamicImage, path: &Path) {
    image.save(path).expect("written");
}

#[test]
fn gray_and_color_pictures_keep_their_samples() {
    let folder = tempfile::tempdir().expect("a folder");
    let deep: ImageBuffer<Luma<u16>, Vec<u16>> =
        ImageBuffer::from_fn(5, 4, |x, y| Luma([u16::try_from(x * 1000 + y * 7).expect("small")]));
    let color: ImageBuffer<Rgb<u8>, Vec<u8>> = ImageBuffer::from_fn(5, 4, |x, y| Rgb([x as u8, y as u8 * 9, 200]));
    for name in ["x.png", "x.tiff"] {
        save(&DynamicImage::ImageLuma16(deep.clone()), &folder.path().join(name));
        let loaded = load_only(&folder.path().join(name));
        match &loaded.pictures()[0].samples {
            Samples::Gray { stored: Voxels::U16(values), .. } => assert_eq!(values, deep.as_raw(), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(summarize_pixels(&folder.path().join(name)).expect("decodes").max, 4021.0);
    }
    for name in ["c.png", "c.tiff", "c.webp"] {
        save(&DynamicImage::ImageRgb8(color.clone()), &folder.path().join(name));
        let loaded = load_only(&folder.path().join(name));
        assert_eq!(loaded.pictures()[0].samples, Samples::Rgb(color.as_raw().clone()), "{name}");
        assert!(!loaded.series.instances[0].lossy, "{name}");
    }
}

#[test]
fn every_page_of_a_tiff_is_a_picture_and_real_numbers_are_kept() {
    use tiff::encoder::{TiffEncoder, colortype};
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pages.tif");
    let mut encoder = TiffEncoder::new(std::fs::File::create(&path).expect("made")).expect("a header");
    for page in 0..3u8 {
        let values: Vec<f32> = (0..6).map(|n| f32::from(page) + n as f32 / 8.0).collect();
        encoder.write_image::<colortype::Gray32Float>(3, 2, &values).expect("written");
    }
    drop(encoder);
    let loaded = load_only(&path);
    assert_eq!(loaded.pictures().len(), 3);
    assert_eq!(loaded.series.instances[0].frames, 3);
    assert_eq!(loaded.pictures()[2].value(2, 1), 2.625);
}

/// One bit per pixel, as masks are often saved; and BigTIFF.
#[test]
fn packed_and_big_tiffs_are_read() {
    use tiff::encoder::{TiffEncoder, colortype};
    let folder = tempfile::tempdir().expect("a folder");
    // 10 × 2 pixels of one bit: a TIFF written by hand, rows of two bytes.
    let entry = |tag: u16, kind: u16, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &1u32.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let entries = [(256, 10), (257, 2), (258, 1), (259, 1), (262, 1), (273, 200), (277, 1), (278, 2), (279, 4)];
    let mut bytes = [&b"II*\0"[..], &8u32.to_le_bytes(), &(entries.len() as u16).to_le_bytes()].concat();
    entries.iter().for_each(|(tag, value)| bytes.extend(entry(*tag, 4, *value)));
    bytes.resize(200, 0);
    bytes.extend([0b1000_0000, 0b0100_0000, 0b0000_0001, 0b1000_0000]);
    std::fs::write(folder.path().join("bits.tif"), bytes).expect("written");
    let picture = load_only(&folder.path().join("bits.tif")).pictures()[0].clone();
    let marked: Vec<usize> = (0..20).filter(|n| picture.value(n % 10, n / 10) == 255.0).collect();
    assert_eq!(marked, [0, 9, 17, 18]);
    let path = folder.path().join("big.tif");
    let mut encoder = TiffEncoder::new_big(std::fs::File::create(&path).expect("made")).expect("a header");
    encoder.write_image::<colortype::Gray16>(2, 1, &[7, 60_000]).expect("written");
    drop(encoder);
    assert_eq!(load_only(&path).pictures()[0].value(1, 0), 60_000.0);
}

/// A header that claims more pixels than memory ends with a sentence.
#[test]
fn absurd_sizes_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.png");
    save(&DynamicImage::new_luma8(4, 4), &path);
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    std::fs::write(&path, &bytes).expect("written");
    let listed = catalog(&path);
    let sentence = listed.unreadable.first().map(|u| u.reason.clone());
    assert!(sentence.is_some() || summarize_pixels(&path).is_err());
}
