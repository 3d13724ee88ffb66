//! Threads for heavy work that gives way: a window that draws frames always goes first.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::OnceLock;

/// How much lower than the window's their priority is ("nice"; Linux gives such threads a tenth of a core that is wanted).
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();

/// Does `work` with its parallel parts on threads of low priority, one for each core. The threads that draw pictures stay
/// free: decoding a thousand slices neither fills their queue nor takes their cores.
pub fn in_background<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let pool = POOL.get_or_init(|| {
        let builder = ThreadPoolBuilder::new().thread_name(|n| format!("background {n}"));
        builder.start_handler(|_| give_way()).build().inspect_err(|e| log::warn!("no background threads: {e}")).ok()
    });
    match pool {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// Lowers the priority of the calling thread. Elsewhere than on Linux that is a matter of whole processes.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        log::debug!("background threads keep their priority: {error}");
    }
}
