//! `fovea tags FILE [FILE2]`: the data elements of a file, searched, or compared with those of another.
//!
//! The keys of the JSON stay stable; keys are only ever added.

use super::{Failure, on_one_line, say};
use crate::io::elements::{Change, Compared, Line, Listing, Subject, Wanted, compare, leading_to, list};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Characters of a value that a line of text shows; the JSON holds more.
const SHOWN: usize = 160;

/// What the command takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line: number, value representation, name, bytes (and how many values), value. Private elements name their creator.
With FILE2 only what differs is printed: added, removed, changed, at every depth; items are joined by their number.

JSON of one file: {file, warnings, elements: [{tag, keyword, name, vr, length, count, value, creator?, items?: [[…]]}]}.
JSON of two: {files, equal, warnings, differences: [{path, change: added|removed|changed, tag, keyword, name, vr,
before: {vr, length, count, value} | null, after: … | null}]}; path is like \"(0008,1140)[1](0008,1155)\".")]
pub struct Args {
    /// A DICOM file, with or without meta group.
    pub file: PathBuf,
    /// Another one: print what differs.
    pub file2: Option<PathBuf>,
    /// Only elements whose name, number or value holds TEXT: "patient name", 0010,0010, (0010,0010), 00100010.
    #[arg(long, value_name = "TEXT")]
    pub find: Option<String>,
    /// Only the first N levels; 1 leaves out what sequences hold.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub depth: Option<u32>,
    /// Print JSON for machines.
    #[arg(long)]
    pub json: bool,
}

/// Lists or compares.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let first = read(&args.file, args.file2.is_some())?;
    let Some(second) = &args.file2 else { return one(args, &first, out) };
    let second_listing = read(second, true)?;
    two(args, [&first, &second_listing], second, out)
}

fn read(path: &Path, digest_pixels: bool) -> Result<Listing, Failure> {
    list(path, digest_pixels).map_err(|problem| Failure::Failed(format!("{}: {problem}", path.display())))
}

fn one(args: &Args, listing: &Listing, out: &mut dyn Write) -> Result<(), Failure> {
    let mut lines = listing.lines.clone();
    if let Some(text) = &args.find {
        let wanted = Wanted::new(text);
        let kept = leading_to(lines.iter().map(|line| (line.depth, line.matches(&wanted))));
        lines = kept.into_iter().map(|n| lines[n].clone()).collect();
    }
    lines.retain(|line| is_shallow(line, args.depth));
    if args.json {
        let warnings: Vec<&str> = listing.warnings.iter().collect();
        writeln!(out, "{:#}", json!({"file": args.file, "warnings": warnings, "elements": tree(&lines)}))?;
        return Ok(());
    }
    for line in &lines {
        writeln!(out, "{}{}", "  ".repeat(line.depth), sentence(line))?;
    }
    listing.warnings.iter().for_each(say);
    Ok(())
}

fn two(args: &Args, [first, second]: [&Listing; 2], other: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let wanted = args.find.as_deref().map(Wanted::new);
    let compared = compare(&first.lines, &second.lines);
    let rows = different(&compared, args.depth, wanted.as_ref());
    if args.json {
        let warnings: Vec<&str> = first.warnings.iter().chain(second.warnings.iter()).collect();
        let equal = compared.iter().all(|row| row.change == Change::Same);
        let differences: Vec<Value> = rows.iter().map(|(path, row)| difference(path, row)).collect();
        let files = [args.file.as_path(), other];
        writeln!(
            out,
            "{:#}",
            json!({"files": files, "equal": equal, "warnings": warnings, "differences": differences})
        )?;
        return Ok(());
    }
    if rows.is_empty() {
        writeln!(out, "no differences")?;
    }
    for (path, Compared { line, change, other }) in &rows {
        let what = format!("{:<8}{path} {} {}", change.word(), line.vr, line.name());
        match (change, other) {
            (Change::Changed, Some(other)) => {
                writeln!(out, "{what}")?;
                writeln!(out, "        - {}", summary(line))?;
                writeln!(out, "        + {}", summary(other))?;
            }
            _ => writeln!(out, "{what}  {}", summary(line))?,
        }
    }
    first.warnings.iter().chain(second.warnings.iter()).for_each(say);
    Ok(())
}

/// Item lines are as deep as the elements that they hold are, as far as a reader counts.
fn is_shallow(line: &Line, depth: Option<u32>) -> bool {
    depth.is_none_or(|depth| line.depth.div_ceil(2) < depth as usize)
}

/// What differs, with its path; of a block that only one file has, the line that stands for it.
fn different<'a>(compared: &'a [Compared], depth: Option<u32>, wanted: Option<&Wanted>) -> Vec<(String, &'a Compared)> {
    let mut rows = Vec::new();
    let mut path: Vec<&Line> = Vec::new();
    // Depth of the line that was added or removed with everything below it.
    let mut told: Option<usize> = None;
    for row in compared {
        path.retain(|above| above.depth < row.line.depth);
        path.push(&row.line);
        if told.is_some_and(|depth| row.line.depth > depth) {
            continue;
        }
        told = matches!(row.change, Change::Added | Change::Removed).then_some(row.line.depth);
        let differs = !matches!(row.change, Change::Same | Change::Inside);
        let fits = |line: &Line| wanted.is_none_or(|wanted| line.matches(wanted));
        if differs && is_shallow(&row.line, depth) && (fits(&row.line) || row.other.as_ref().is_some_and(fits)) {
            rows.push((path_text(&path), row));
        }
    }
    rows
}

fn path_text(path: &[&Line]) -> String {
    let step = |line: &&Line| match line.subject {
        Subject::Item(number) => format!("[{number}]"),
        Subject::Element(..) => line.label(),
    };
    path.iter().map(step).collect()
}

fn sentence(line: &Line) -> String {
    if let Subject::Item(_) = line.subject {
        return line.label();
    }
    format!("{} {:<2} {:<36} {}", line.label(), line.vr, line.name(), summary(line))
}

/// Length, how many values, and the value, on one line.
fn summary(line: &Line) -> String {
    match (line.subject, line.vr, line.count) {
        (Subject::Item(_), _, 1) => return "1 element".into(),
        (Subject::Item(_), _, count) => return format!("{count} elements"),
        (_, "SQ", 1) => return "1 item".into(),
        (_, "SQ", count) => return format!("{count} items"),
        _ => {}
    }
    let several = if line.count > 1 { format!(" ×{}", line.count) } else { String::new() };
    format!("#{}{several} {}", line.length, shortened(&line.value)).trim_end().to_owned()
}

/// A value on one line, and not longer than a terminal likes.
fn shortened(value: &str) -> String {
    let mut text = on_one_line(&value.chars().take(SHOWN).collect::<String>());
    if value.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text
}

/// Lines that stand one below the other, as objects with their items.
fn tree(lines: &[Line]) -> Vec<Value> {
    blocks(lines)
        .map(|block| {
            let (line, below) = (&block[0], &block[1..]);
            let mut value = fields(line);
            value["tag"] = json!(line.label());
            value["keyword"] = json!(line.keyword);
            value["name"] = json!(line.name());
            if !line.creator.is_empty() {
                value["creator"] = json!(line.creator);
            }
            if line.vr == "SQ" {
                value["items"] = blocks(below).map(|item| tree(&item[1..])).collect();
            }
            value
        })
        .collect()
}

/// Runs of lines, each beginning at the depth of the first.
fn blocks(lines: &[Line]) -> impl Iterator<Item = &[Line]> {
    let depth = lines.first().map_or(0, |line| line.depth);
    lines.chunk_by(move |_, next| next.depth > depth)
}

fn fields(line: &Line) -> Value {
    json!({"vr": line.vr, "length": line.length, "count": line.count, "value": line.value})
}

fn difference(path: &str, row: &Compared) -> Value {
    let Compared { line, change, other } = row;
    let (before, after) = match change {
        Change::Added => (Value::Null, fields(line)),
        Change::Removed => (fields(line), Value::Null),
        _ => (fields(line), other.as_ref().map_or(Value::Null, fields)),
    };
    json!({
        "path": path,
        "change": change.word(),
        "tag": line.label(),
        "keyword": line.keyword,
        "name": line.name(),
        "vr": line.vr,
        "before": before,
        "after": after,
    })
}
