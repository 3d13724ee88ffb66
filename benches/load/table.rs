//! Rounds in turns, and what they gave.

use std::process::Command;
use std::time::{Duration, Instant};

/// Somebody who does the task.
pub struct Contender<'a> {
    name: String,
    /// Does it once; gives the seconds where it measures itself.
    run: Box<dyn FnMut() -> Option<f64> + 'a>,
    peak: Option<Box<dyn Fn() -> u64 + 'a>>,
    before: Option<Box<dyn Fn() + 'a>>,
}

impl<'a> Contender<'a> {
    pub fn new(name: &str, run: impl FnMut() -> Option<f64> + 'a) -> Self {
        Self { name: name.to_owned(), run: Box::new(run), peak: None, before: None }
    }

    /// `peak` does it once more, untimed, and gives the peak memory in kB.
    pub fn with_peak(self, peak: impl Fn() -> u64 + 'a) -> Self {
        Self { peak: Some(Box::new(peak)), ..self }
    }

    /// Done before each round, untimed.
    pub fn after(self, before: impl Fn() + 'a) -> Self {
        Self { before: Some(Box::new(before)), ..self }
    }

    /// Once, unmeasured.
    pub fn warm(&mut self) {
        (self.run)();
    }

    fn seconds(&mut self) -> f64 {
        if let Some(before) = &self.before {
            before();
        }
        let start = Instant::now();
        let own = (self.run)();
        own.unwrap_or_else(|| start.elapsed().as_secs_f64())
    }
}

/// Results of one task; the first row is ours.
pub struct Table {
    title: String,
    rows: Vec<(String, Vec<f64>, Option<u64>)>,
    load: [String; 2],
}

impl Table {
    /// Everybody once a round.
    pub fn measure(title: &str, mut contenders: Vec<Contender<'_>>, rounds: usize) -> Self {
        let before = load_average();
        let mut times = vec![Vec::new(); contenders.len()];
        for _ in 0..rounds {
            for (contender, times) in contenders.iter_mut().zip(&mut times) {
                times.push(contender.seconds());
            }
        }
        let load = [before, load_average()];
        let rows = contenders.into_iter().zip(times).map(|(contender, mut times)| {
            times.sort_by(f64::total_cmp);
            (contender.name, times, contender.peak.map(|peak| peak()))
        });
        Self { title: title.to_owned(), rows: rows.collect(), load }
    }

    pub fn print(&self) {
        println!("\n**{}** (load average {} before, {} after)\n", self.title, self.load[0], self.load[1]);
        println!("| | Median | Fastest to slowest | Against ours | Peak memory |\n| --- | --- | --- | --- | --- |");
        let ours = self.rows.first().map_or(1.0, |(_, times, _)| times[times.len() / 2]);
        for (name, times, peak) in &self.rows {
            let median = times[times.len() / 2];
            let peak = peak.map_or_else(String::new, |kb| format!("{} MB", kb / 1024));
            let (fast, slow) = (shown(times[0]), shown(times[times.len() - 1]));
            println!("| {name} | {} | {fast} to {slow} | {:.2} × | {peak} |", shown(median), median / ours);
        }
    }
}

fn shown(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

/// Cores, processor, memory.
pub fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let of = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map_or("unknown", |(_, value)| value.trim()).to_owned()
    };
    let (cpu, memory) = (of(&read("/proc/cpuinfo"), "model name"), of(&read("/proc/meminfo"), "MemTotal"));
    format!("{} thread(s), {cpu}, {memory}", rayon::current_num_threads())
}

/// Largest resident memory of a process so far, in kB (Linux; 0 elsewhere).
pub fn peak_kb(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// Peak memory of a program that does not say it itself: looked at every millisecond while it runs.
pub fn kb_of(command: &mut Command) -> u64 {
    let mut child = command.spawn().expect("a process starts");
    let id = child.id().to_string();
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        peak = peak.max(peak_kb(&id));
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}
