//! Mean, standard deviation and range of many values, exact enough for large offsets, and mergeable across slices.

/// Count, mean, squared deviations and range. NaN values are left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    count: u64,
    mean: f64,
    /// Sum of squared deviations from the mean.
    deviation: f64,
    min: f32,
    max: f32,
}

/// Statistics of at least one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Statistics {
    pub mean: f64,
    /// Population standard deviation.
    pub sd: f64,
    pub min: f64,
    pub max: f64,
}

impl Default for Moments {
    fn default() -> Self {
        Self { count: 0, mean: 0.0, deviation: 0.0, min: f32::INFINITY, max: f32::NEG_INFINITY }
    }
}

impl Moments {
    /// Adds values. They are summed as differences from the first, so that a large common offset costs no digits.
    pub fn add(&mut self, values: &[f32]) {
        let Some(shift) = values.iter().copied().find(|v| !v.is_nan()).map(f64::from) else { return };
        let (mut count, mut sum, mut squares) = (0u64, 0.0, 0.0);
        let (mut min, mut max) = (f32::INFINITY, f32::NEG_INFINITY);
        for &value in values {
            if value.is_nan() {
                continue;
            }
            let d = f64::from(value) - shift;
            count += 1;
            sum += d;
            squares += d * d;
            min = min.min(value);
            max = max.max(value);
        }
        let n = count as f64;
        let deviation = (squares - sum * sum / n).max(0.0);
        self.merge(&Self { count, mean: shift + sum / n, deviation, min, max });
    }

    /// Joins two sets of values (Chan, Golub, `LeVeque` 1983).
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (a, b) = (self.count as f64, other.count as f64);
        let apart = other.mean - self.mean;
        self.mean += apart * b / (a + b);
        self.deviation += other.deviation + apart * apart * a * b / (a + b);
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// `None` without values.
    pub fn finish(&self) -> Option<Statistics> {
        (self.count > 0).then(|| Statistics {
            mean: self.mean,
            sd: (self.deviation / self.count as f64).sqrt(),
            min: f64::from(self.min),
            max: f64::from(self.max),
        })
    }
}
