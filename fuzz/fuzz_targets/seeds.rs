//! No target: fills the corpora of all targets with small files, some made here, some from folders that are named.
//!
//!     seeds CORPORA [FOLDER…]
//!
//! It is linked like a target, because the flags for coverage ask for libFuzzer's symbols.
#![no_main]

use fovea_fuzz::io::codec::Expected;
use fovea_fuzz::io::dicom::DicomFile;
use fovea_fuzz::io::pixels::PixelFormat;
use fovea_fuzz::io::{metaimage, nifti, nrrd};
use fovea_fuzz::study::Warnings;
use fovea_fuzz::{SYNTAXES, VOXEL_FILES, WHOLE_FILE, files_of, frame_input, made, streams};
use libfuzzer_sys::fuzz_target;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Longest seed: what is longer is cut, or left out where that would say nothing.
const LONGEST: usize = 16 << 10;
/// Larger frames take too long to be decoded a thousand times a second.
const MOST_SAMPLES: usize = 1 << 15;

fuzz_target!(init: run(), |_data: &[u8]| {});

fn run() {
    let mut words = std::env::args_os().skip(1).map(PathBuf::from);
    let corpora = Corpora(words.next().expect("the folder for the corpora"));
    corpora.made();
    words.for_each(|folder| corpora.collect(&folder));
    std::process::exit(0);
}

struct Corpora(PathBuf);

impl Corpora {
    /// Adds a seed, named by its content.
    fn add(&self, target: &str, bytes: &[u8]) {
        let folder = self.0.join(target);
        std::fs::create_dir_all(&folder).expect("a folder for the corpus");
        let name = fovea_fuzz::io::uid::from_content([bytes]);
        std::fs::write(folder.join(name), bytes).expect("room for the corpus");
    }

    fn made(&self) {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        made::write(folder.path());
        let slices: Vec<Vec<u8>> = (1..=5).map(|n| read(&folder.path().join(format!("{n:04}.dcm")))).collect();
        for count in [2, 3, 5] {
            self.add("series_assembly", &joined(&slices[..count]));
        }
        for name in ["0001.dcm", "seg.dcm", "rtstruct.dcm"] {
            self.dicom(&read(&folder.path().join(name)));
        }
        for (syntax, expected, stream) in streams::all() {
            self.add("pixel_decode", &frame_input(syntax, expected, &stream));
        }
        self.voxels(folder.path());
        self.archives(&slices);
        self.pictures();
    }

    /// A DICOM object goes where its kind is read.
    fn dicom(&self, bytes: &[u8]) {
        let start = &bytes[..bytes.len().min(LONGEST)];
        self.add("header", start);
        self.add("anonymize", start);
        let has = |uid: &str| start.windows(uid.len()).any(|w| w == uid.as_bytes());
        if has("1.2.840.10008.5.1.4.1.1.66.4") || has("1.2.840.10008.5.1.4.1.1.66.7") {
            self.add("segmentation", start);
        }
        if has("1.2.840.10008.5.1.4.1.1.481.3") {
            self.add("structures", start);
        }
    }

    fn voxels(&self, folder: &Path) {
        let source = made::ct();
        let (volume, masks) = (source.volume().expect("a volume"), made::masks(&source));
        for (kind, name) in VOXEL_FILES.iter().enumerate().filter(|(_, name)| !name.ends_with(".hdr")) {
            let path = folder.join(name);
            let written = match *name {
                "x.nii" | "x.nii.gz" => nifti::write_volume(&path, volume).is_ok(),
                "x.nrrd" => nrrd::write_volume(&path, volume).is_ok(),
                "x.nhdr" => nrrd::write_labels(&path, &masks).is_ok(),
                "x.mha" => metaimage::write_volume(&path, volume).is_ok(),
                _ => continue,
            };
            assert!(written, "{name}");
            self.add("nifti", &[&[kind as u8], &read(&path)[..]].concat());
        }
        for (kind, text) in [(3, NRRD_TEXT), (5, META_TEXT)] {
            self.add("nifti", &[&[kind], text.as_bytes()].concat());
        }
    }

    fn archives(&self, slices: &[Vec<u8>]) {
        let mut zipped = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let mut tarred = tar::Builder::new(Vec::new());
        for (n, slice) in slices.iter().take(2).enumerate() {
            zipped.start_file(format!("a/{n}.dcm"), zip::write::SimpleFileOptions::default()).expect("in memory");
            zipped.write_all(slice).expect("in memory");
            let mut header = tar::Header::new_ustar();
            header.set_size(slice.len() as u64);
            header.set_cksum();
            let name = format!("{}/{n}.dcm", "long".repeat(30 * n + 1));
            tarred.append_data(&mut header, name, &slice[..]).expect("in memory");
        }
        let (zipped, tarred) =
            (zipped.finish().expect("in memory").into_inner(), tarred.into_inner().expect("in memory"));
        let mut bzipped = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bzipped.write_all(&tarred).expect("in memory");
        let bzipped = bzipped.finish().expect("in memory");
        for (kind, bytes) in
            [(0, zipped), (1, tarred.clone()), (2, gzipped(&tarred)), (3, gzipped(&slices[0])), (4, bzipped)]
        {
            self.add("archive", &[&[kind], &bytes[..]].concat());
        }
    }

    fn pictures(&self) {
        use image::ImageFormat::{Jpeg, Png, Tiff, WebP};
        let picture = image::RgbImage::from_fn(12, 12, |x, y| image::Rgb([x as u8 * 20, y as u8 * 20, (x * y) as u8]));
        for format in [Jpeg, Png, Tiff, WebP] {
            let mut bytes = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut bytes, format).expect("in memory");
            self.add("pixel_decode", &[&[WHOLE_FILE], &bytes.into_inner()[..]].concat());
        }
    }

    /// Seeds from the files below a folder; series from its folders.
    fn collect(&self, folder: &Path) {
        let Ok(items) = std::fs::read_dir(folder) else { return };
        let mut paths: Vec<PathBuf> = items.filter_map(|item| Some(item.ok()?.path())).collect();
        paths.sort();
        let mut small = Vec::new();
        for path in paths {
            if path.is_dir() {
                self.collect(&path);
            } else if std::fs::metadata(&path).is_ok_and(|m| m.len() <= 100_000) {
                let bytes = read(&path);
                self.any(&path, &bytes);
                small.extend(Some(bytes).filter(|b| b.len() <= 5000 && b.get(128..132) == Some(b"DICM")));
            }
        }
        if small.len() > 1 {
            self.add("series_assembly", &joined(&small[..small.len().min(5)]));
        }
    }

    fn any(&self, path: &Path, bytes: &[u8]) {
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        let with = |kind: usize| [&[kind as u8], &bytes[..bytes.len().min(LONGEST)]].concat();
        match name.split_once('.').map_or("", |(_, ending)| ending) {
            "nii" => self.add("nifti", &with(0)),
            "nii.gz" => self.add("nifti", &with(1)),
            "nrrd" | "seg.nrrd" => self.add("nifti", &with(3)),
            "mha" => self.add("nifti", &with(5)),
            "zip" => self.add("archive", &with(0)),
            "gz" => self.add("archive", &with(3)),
            _ => {
                self.dicom(bytes);
                if bytes.len() <= LONGEST / 2 {
                    self.add("pixel_decode", &with(usize::from(WHOLE_FILE)));
                }
                self.first_frame(path, bytes);
            }
        }
    }

    /// The first coded frame of a file, with the header that is true of it.
    fn first_frame(&self, path: &Path, bytes: &[u8]) -> Option<()> {
        let file = DicomFile::open(path).ok()?;
        let syntax = SYNTAXES.iter().position(|uid| *uid == file.transfer_syntax)?;
        let format = PixelFormat::of(&file, &mut Warnings::default()).ok()?;
        let fragments = file.fragments().ok()?;
        let parts = if format.frames == 1 { fragments.parts() } else { fragments.parts().get(..1)? };
        // Such files are not deflated as a whole: offsets are those of the file.
        let part = |&(offset, length): &(u64, u64)| bytes.get(offset as usize..(offset + length) as usize);
        let stream = parts.iter().filter_map(part).collect::<Vec<_>>().concat();
        let expected = Expected {
            columns: format.columns,
            rows: format.rows,
            samples: format.samples,
            bits_allocated: format.bits_allocated,
            signed: format.sample_type.is_signed(),
        };
        if stream.len() <= LONGEST && expected.count() <= MOST_SAMPLES {
            self.add("pixel_decode", &frame_input(syntax, expected, &stream));
        }
        Some(())
    }
}

/// Files as one input of `series_assembly`.
fn joined(files: &[Vec<u8>]) -> Vec<u8> {
    let joined: Vec<u8> = files.iter().flat_map(|file| file.get(128..).unwrap_or_default()).copied().collect();
    debug_assert!(files_of(&joined).len() >= files.len());
    joined
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a file that can be read")
}

const NRRD_TEXT: &str = "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 2 2 2\n\
    space directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (0,0,0)\nkinds: domain domain domain\nencoding: ascii\n\n\
    1 2 3 4 5 6 7 8\n";
const META_TEXT: &str = "ObjectType = Image\nNDims = 3\nBinaryData = False\nTransformMatrix = 1 0 0 0 1 0 0 0 1\n\
    Offset = 0 0 0\nElementSpacing = 1 2 3\nDimSize = 2 2 2\nElementType = MET_SHORT\nElementDataFile = LOCAL\n\
    1 2 3 4 5 6 7 8\n";
