//! What it ran on.

use std::process::Command;

/// The cores that this process may use.
pub fn cores() -> Vec<usize> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or("0");
    let range = |part: &str| -> Option<Vec<usize>> {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some((first.trim().parse().ok()?..=last.trim().parse().ok()?).collect())
    };
    list.split(',').filter_map(range).flatten().collect()
}

/// A line on processor, memory and system.
pub fn describe() -> String {
    let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        text.lines()
            .find(|line| line.starts_with(key))
            .and_then(|line| line.split(':').nth(1))
            .map(|v| v.trim().to_owned())
    };
    let cpu = file("/proc/cpuinfo");
    let flags = value(&cpu, "flags").unwrap_or_default();
    let isa =
        ["avx512f", "avx2"].into_iter().find(|isa| flags.split(' ').any(|flag| flag == *isa)).unwrap_or("no AVX2");
    let memory = value(&file("/proc/meminfo"), "MemTotal").and_then(|kb| kb.split(' ').next()?.parse::<f64>().ok());
    format!(
        "{} ({isa}), {} cores, {:.0} GB, {}",
        value(&cpu, "model name").unwrap_or_else(|| "unknown processor".into()),
        cores().len(),
        memory.unwrap_or_default() / 1e6,
        said(&["uname", "-sr"])
    )
}

/// The first line that a command says.
pub fn said(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}

/// The version of a crate that this program was built with.
pub fn version(name: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    let package = format!("name = \"{name}\"\nversion = \"");
    // The latest of several: the one that Cargo.toml names.
    lock.match_indices(&package).last().and_then(|(at, _)| lock[at + package.len()..].split('"').next()).unwrap_or("?")
}
