//! Large pages for what is read all over: a ray jumps through tens of megabytes, and the processor knows only a few thousand small pages
//! at a time by heart.

/// Smaller buffers gain nothing.
#[cfg(target_os = "linux")]
const BYTES_MIN: usize = 1 << 21;

/// Asks the system to move a finished buffer to large pages. Whether it does changes nothing but speed.
pub fn enlarge<T>(buffer: &[T]) {
    #[cfg(target_os = "linux")]
    if size_of_val(buffer) >= BYTES_MIN {
        linux::enlarge(buffer.as_ptr() as usize, size_of_val(buffer));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = buffer;
}

#[cfg(target_os = "linux")]
mod linux {
    /// Smallest page of all kinds of processors that we meet.
    const PAGE: usize = 4096;
    /// Linux 6.1: at once, instead of when the system finds the time.
    const MADV_COLLAPSE: libc::c_int = 25;

    pub fn enlarge(start: usize, bytes: usize) {
        let (first, end) = (start.next_multiple_of(PAGE), (start + bytes) & !(PAGE - 1));
        for advice in [libc::MADV_HUGEPAGE, MADV_COLLAPSE] {
            // SAFETY: the range lies within a buffer that is lent to us, and neither advice changes what it holds. Where the system does not
            // know the advice or has no large page, it says so and changes nothing.
            unsafe { libc::madvise(first as *mut libc::c_void, end.saturating_sub(first), advice) };
        }
    }
}
