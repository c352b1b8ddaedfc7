//! Decoders by others, kept from ending the program: they read hostile bytes, and what they do not foresee is one file's fault.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// Is a panic of this thread expected, and told as a fault of its file?
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// What `decode` says, or `broken` where it panics. It may leave nothing behind that is used afterwards.
pub(super) fn guarded<T, E>(decode: impl FnOnce() -> Result<T, E>, broken: impl FnOnce() -> E) -> Result<T, E> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                usual(panic);
            }
        }));
    });
    let before = EXPECTED.replace(true);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    EXPECTED.set(before);
    decoded.unwrap_or_else(|_| Err(broken()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_all_else_passes() {
        assert_eq!(guarded(|| Ok::<u8, &str>(7), || "broken"), Ok(7));
        assert_eq!(guarded(|| Err::<u8, &str>("own"), || "broken"), Err("own"));
        let none: Option<u8> = std::hint::black_box(None);
        assert_eq!(guarded(|| Ok::<u8, &str>(none.unwrap()), || "broken"), Err("broken"));
    }
}
