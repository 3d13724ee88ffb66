//! Which panics are findings: those in code of ours, also where the program would catch them.

use std::collections::BTreeSet;
use std::panic::{set_hook, take_hook};
use std::sync::Mutex;

/// Where decoders of others have panicked so far.
static KNOWN: Mutex<BTreeSet<(String, u32)>> = Mutex::new(BTreeSet::new());

/// Ends the process on a panic in our sources, as libFuzzer's own hook does. A decoder of others may panic as long as the
/// program catches it: that is said once for each place. A panic that nobody catches ends the process in any case.
pub fn watch() {
    let end = take_hook();
    set_hook(Box::new(move |panic| {
        let Some(at) = panic.location().filter(|at| at.file().contains("/registry/src/")) else { return end(panic) };
        let place = (at.file().to_owned(), at.line());
        if KNOWN.lock().is_ok_and(|mut known| known.insert(place)) {
            eprintln!("caught by the program: {panic}");
        }
    }));
}
