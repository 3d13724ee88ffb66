//! De-identification: whatever is read is written again, searched, or left out with a reason.
#![no_main]

use fovea_fuzz::io::anonymize;
use fovea_fuzz::{scratch, watch::watch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: watch(), |data: &[u8]| {
    let file = scratch::file("x.dcm", data);
    let request = anonymize::Request { key: Some("fixed".into()), ..Default::default() };
    let output = scratch::empty("copies");
    let done = anonymize::anonymize(&file, &output, &request, &Default::default(), &Default::default());
    for (_, reason) in done.expect("it exists").left_out {
        // What identifies the patient, or is cut off, is rightly left out; a copy that differs is not.
        let reason = reason.to_string();
        assert!(!reason.contains("differently") && !reason.contains("defect"), "{reason}");
    }
});
