//! SUV by body weight from activity concentration (`clinical.md` rule 7; the formula is that of QIBA's and Siemens' vendor-
//! neutral code): SUVbw = value (Bq/mL) · weight (g) / dose decayed to the reference time (Bq).
//!
//! Refused (no factor, the values stay what they are) unless the images are corrected for attenuation and decay, the decay
//! rule is START or ADMIN, and weight, dose, half-life and times are there and plausible.

use crate::io::dicom::DataSet;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

const SECONDS_PER_DAY: f64 = 86_400.0;
/// An injection longer ago than this is a wrong date, not a late scan.
const MAX_UPTAKE_SECONDS: f64 = SECONDS_PER_DAY;

/// Factor from the values (BQML) to SUVbw, where the header allows one.
pub fn suvbw_per_value(data: &DataSet) -> Option<f64> {
    if data.text(tags::UNITS) != "BQML" {
        return None;
    }
    let corrected = data.texts(tags::CORRECTED_IMAGE);
    if !["ATTN", "DECY"].iter().all(|need| corrected.iter().any(|c| c == need)) {
        return None;
    }
    let weight_g = data.number(tags::PATIENT_WEIGHT).filter(|kg| (0.5..500.0).contains(kg))? * 1000.0;
    let tracer = data.item(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE)?;
    // Some writers give MBq; no dose in Bq is this small.
    let dose_bq = tracer.number(tags::RADIONUCLIDE_TOTAL_DOSE).filter(|bq| (1e5..1e12).contains(bq))?;
    let half_life = tracer.number(tags::RADIONUCLIDE_HALF_LIFE).filter(|s| *s > 0.0)?;
    let decayed = match data.text(tags::DECAY_CORRECTION).as_str() {
        // Values are corrected to the injection: the dose as it was given.
        "ADMIN" => dose_bq,
        "START" => dose_bq * 2f64.powf(-uptake_seconds(data, tracer)? / half_life),
        _ => return None,
    };
    let factor = weight_g / decayed;
    (factor.is_finite() && factor > 0.0).then_some(factor)
}

/// Seconds from injection to the time that decay was corrected to: the start of the series.
fn uptake_seconds(data: &DataSet, tracer: &DataSet) -> Option<f64> {
    let series = moment(&data.text(tags::SERIES_DATE), &data.text(tags::SERIES_TIME));
    let acquired = moment(&data.text(tags::ACQUISITION_DATE), &data.text(tags::ACQUISITION_TIME));
    // A derived series is younger than its acquisition; then the acquisition counts.
    let start = match (series, acquired) {
        (Some(s), Some(a)) if s > a => a,
        (Some(s), _) => s,
        (None, a) => a?,
    };
    let full = tracer.text(tags::RADIOPHARMACEUTICAL_START_DATE_TIME);
    let seconds = if full.len() >= 12 {
        let zone = full.find(['+', '-']).unwrap_or(full.len());
        start - moment(full.get(..8)?, full.get(8..zone)?)?
    } else {
        let injected = seconds_of_day(&tracer.text(Tag(0x0018, 0x1072)))?;
        // Only the time of day is known: the injection is the last such time before the scan, across midnight too.
        (start - injected).rem_euclid(SECONDS_PER_DAY)
    };
    (0.0..MAX_UPTAKE_SECONDS).contains(&seconds).then_some(seconds)
}

/// Seconds on a scale on which days can be subtracted.
fn moment(date: &str, time: &str) -> Option<f64> {
    let digits = |range: std::ops::Range<usize>| date.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (digits(0..4)?, digits(4..6)?, digits(6..8)?);
    let date =
        jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let days = (date - jiff::civil::date(1970, 1, 1)).get_days();
    Some(f64::from(days) * SECONDS_PER_DAY + seconds_of_day(time)?)
}

/// HHMMSS.FFFFFF, shortened forms and old colons included.
fn seconds_of_day(time: &str) -> Option<f64> {
    let plain: String = time.trim().chars().filter(|c| *c != ':').collect();
    let part = |range: std::ops::Range<usize>| plain.get(range).and_then(|p| p.parse::<f64>().ok());
    let seconds = plain.get(4..).filter(|s| !s.is_empty()).map_or(Some(0.0), |s| s.parse().ok())?;
    let total = part(0..2)? * 3600.0 + part(2..4).unwrap_or(0.0) * 60.0 + seconds;
    (0.0..=SECONDS_PER_DAY).contains(&total).then_some(total)
}
