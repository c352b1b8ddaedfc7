//! Locks this process in before it sees a stranger's scene: no files but what graphics drivers need, no sockets, no other programs.
//!
//! Landlock and seccomp stack and can't be taken off again; threads that are started later inherit them. What the system lacks is told, and the
//! process renders all the same: a crash still stays in it. Elsewhere than on Linux nothing is locked yet.

use super::wire::Jail;

/// Locks the process in, as far as the system can.
#[cfg(not(target_os = "linux"))]
pub fn lock() -> Jail {
    Jail::default()
}

#[cfg(target_os = "linux")]
pub use linux::lock;

#[cfg(target_os = "linux")]
mod linux {
    use super::Jail;
    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
    };
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
    };
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    /// Where programs, libraries and drivers lie, and what drivers ask about the machine.
    const READ: [&str; 22] = [
        "/usr",
        "/lib",
        "/lib64",
        "/opt",
        "/nix/store",
        "/gnu/store",
        "/run/opengl-driver",
        "/etc/vulkan",
        "/etc/glvnd",
        "/etc/drirc",
        "/etc/nvidia",
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/ld.so.conf.d",
        "/sys",
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/proc/modules",
        "/proc/devices",
        "/proc/driver",
        "/proc/self",
        "/proc/sys",
    ];
    /// Devices of cards, and those that are none.
    const DEVICES: [&str; 9] =
        ["/dev/dri", "/dev/kfd", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm", "/dev/udmabuf"];
    /// Name files of drivers, which may lie anywhere.
    const DRIVER_VARIABLES: [&str; 3] = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "LD_LIBRARY_PATH"];

    /// Calls that end in "not permitted": sockets, other programs, other processes, the system's keys and switches.
    const FORBIDDEN: &[libc::c_long] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_pidfd_send_signal,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_rt_tgsigqueueinfo,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_keyctl,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
        libc::SYS_open_by_handle_at,
        libc::SYS_swapon,
        libc::SYS_swapoff,
        libc::SYS_acct,
        libc::SYS_setrlimit,
    ];

    /// Locks the process in, as far as the system can.
    pub fn lock() -> Jail {
        let files = lock_files().map(|status| status.ruleset != RulesetStatus::NotEnforced);
        let calls = lock_calls();
        if let Err(error) = &files {
            tracing::warn!(%error, "files can't be locked away");
        }
        if let Err(error) = &calls {
            tracing::warn!(%error, "calls can't be forbidden");
        }
        Jail { files: files.unwrap_or(false), calls: calls.is_ok() }
    }

    fn lock_files() -> Result<RestrictionStatus, RulesetError> {
        let abi = ABI::V6;
        let rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(AccessNet::from_all(abi))?
            .scope(Scope::from_all(abi))?
            .create()?;
        let named = DRIVER_VARIABLES.iter().filter_map(std::env::var_os);
        let named: Vec<PathBuf> = named.flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>()).collect();
        let read = READ.iter().map(PathBuf::from).chain(named.into_iter().filter(|path| path.is_absolute()));
        let cards = std::fs::read_dir("/dev").into_iter().flatten().flatten().map(|entry| entry.path());
        let cards = cards.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("nvidia")));
        let devices = DEVICES.iter().map(PathBuf::from).chain(cards);
        // What is not there needs no rule.
        let rule = |path: PathBuf, access| PathFd::new(path).ok().map(|path| Ok::<_, RulesetError>(PathBeneath::new(path, access)));
        let read = read.filter_map(|path| rule(path, AccessFs::from_read(abi)));
        let write = devices.filter_map(|path| rule(path, AccessFs::from_all(abi)));
        rules.add_rules(read)?.add_rules(write)?.restrict_self()
    }

    fn lock_calls() -> Result<(), Box<dyn std::error::Error>> {
        // A filter can't read the flags of this one; the C library takes its absence for an old kernel and uses `clone`.
        refuse([(libc::SYS_clone3, Vec::new())].into(), libc::ENOSYS)?;
        let mut rules: Rules = FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
        #[cfg(target_arch = "x86_64")]
        rules.extend([libc::SYS_fork, libc::SYS_vfork, libc::SYS_accept].map(|call| (call, Vec::new())));
        // Threads, but no processes: they would outlive this one.
        let no_thread = SeccompCmpOp::MaskedEq(libc::CLONE_THREAD as u64);
        rules.insert(libc::SYS_clone, vec![when(0, SeccompCmpArgLen::Qword, no_thread, 0)?]);
        // Signals to its own threads, which is how it aborts.
        let me = u64::from(std::process::id());
        rules.insert(libc::SYS_tgkill, vec![when(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, me)?]);
        refuse(rules, libc::EPERM)
    }

    type Rules = BTreeMap<i64, Vec<SeccompRule>>;

    fn when(argument: u8, len: SeccompCmpArgLen, compare: SeccompCmpOp, value: u64) -> Result<SeccompRule, seccompiler::BackendError> {
        SeccompRule::new(vec![SeccompCondition::new(argument, len, compare, value)?])
    }

    fn refuse(rules: Rules, errno: libc::c_int) -> Result<(), Box<dyn std::error::Error>> {
        let refuse = SeccompAction::Errno(errno as u32);
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, TargetArch::try_from(std::env::consts::ARCH)?)?;
        seccompiler::apply_filter(&BpfProgram::try_from(filter)?)?;
        Ok(())
    }
}
