//! Programs as C++ that runs on the processor, by the kernels' shim.

use std::fmt::Write;

use keras::device::memory::{Region, Span};
use keras::device::one_kernel;
use keras::device::{Arg, Lens, Program};

/// Where a region is among the variables: all but buffers, in order.
fn number(lens: &Lens, region: Region) -> usize {
    lens.keys().position(|other| *other == region).unwrap_or_else(|| panic!("no {region:?}"))
}

/// The address of a span.
fn address(program: &Program, lens: &Lens, Span { region, at, .. }: Span) -> String {
    match region {
        Region::Work(buffer) => format!("work + {}", program.plan[buffer] + at),
        _ => format!("r{} + {at}", number(lens, region)),
    }
}

fn argument(program: &Program, lens: &Lens, arg: &Arg) -> String {
    match *arg {
        Arg::In(span) | Arg::Out(span) => address(program, lens, span),
        Arg::Null => "nullptr".to_owned(),
        Arg::Int(n) => n.to_string(),
        Arg::Word(n) => format!("{n}u"),
        // To the bit.
        Arg::Float(x) => format!("__uint_as_float({:#x}u)", x.to_bits()),
    }
}

fn kind(arg: &Arg) -> String {
    match arg {
        Arg::In(span) => format!("const {}*", span.region.elem().name()),
        Arg::Out(span) => format!("{}*", span.region.elem().name()),
        Arg::Null => "shim::Null".to_owned(),
        Arg::Int(_) => "int".to_owned(),
        Arg::Word(_) => "unsigned int".to_owned(),
        Arg::Float(_) => "float".to_owned(),
    }
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

/// The beginning of a file: arrays that are read from the first argument's file, and written to the second's.
pub(crate) const PRELUDE: &str = r#"#include "shim/cuda_cpu.h"
#include <algorithm>
#include <fstream>
static std::ifstream in;
static std::ofstream out;
template <class T> static T* load(std::size_t len) {
    T* to = new T[len];
    in.read(reinterpret_cast<char*>(to), std::streamsize(len * sizeof(T)));
    return to;
}
template <class T> static void store(const T* from, std::size_t len) {
    out.write(reinterpret_cast<const char*>(from), std::streamsize(len * sizeof(T)));
}
static void open(char** files) {
    in.open(files[1], std::ios::binary);
    out.open(files[2], std::ios::binary);
    in.exceptions(std::ios::failbit | std::ios::badbit);
    out.exceptions(std::ios::failbit | std::ios::badbit);
}
"#;

/// The regions of a program as variables, from what a `main` reads.
fn regions(program: &Program, lens: &Lens) -> String {
    let mut text = String::new();
    for (i, (region, len)) in lens.iter().enumerate() {
        let _ = writeln!(text, "    auto* const r{i} = load<{}>({len});  // {region:?}", region.elem().name());
    }
    let _ = writeln!(text, "    auto* const work = new float[{}];", program.work.max(1));
    let _ = writeln!(text, "    std::fill_n(work, {}, __uint_as_float(0x7fc00000u));", program.work);
    text
}

/// What ends such a `main`: all regions are written.
fn end(lens: &Lens) -> String {
    let mut text = String::new();
    for (i, len) in lens.values().enumerate() {
        let _ = writeln!(text, "    store(r{i}, {len});\n    delete[] r{i};");
    }
    text + "    delete[] work;\n    out.close();\n}\n"
}

/// A program as a `main`. It reads all regions in their order, and writes what each launch has written, and at the end all regions.
pub(crate) fn program(program: &Program, lens: &Lens) -> String {
    let mut text = PRELUDE.to_owned() + &keras::device::text(&program.launches);
    text += "int main(int, char** files) {\n    open(files);\n";
    text += &regions(program, lens);
    for (i, launch) in program.launches.iter().enumerate() {
        let (kernel, [x, y, z]) = (launch.expression(), launch.blocks);
        let types = list(launch.args.iter().map(kind));
        let args = list(launch.args.iter().map(|arg| argument(program, lens, arg)));
        let _ = writeln!(text, "    // {i}");
        let _ = writeln!(text, "    static_assert(shim::takes<{types}>({kernel}));");
        let _ = writeln!(text, "    shim::launch({{{x}, {y}, {z}}}, {}, [=] {{ {kernel}({args}); }});", launch.threads);
        for span in launch.outputs() {
            let _ = writeln!(text, "    store({}, {});", address(program, lens, span), span.len);
        }
    }
    text + &end(lens)
}

/// A program as a `main` that runs it as one kernel. It reads all regions in their order and writes them.
pub(crate) fn one(program: &Program, lens: &Lens) -> String {
    let mut text = PRELUDE.to_owned() + &one_kernel::source(program);
    text += "inline unsigned long long word(const void* to) { return reinterpret_cast<unsigned long long>(to); }\n";
    text += "inline unsigned long long word(int n) { return static_cast<unsigned int>(n); }\n";
    text += "inline unsigned long long word(unsigned int n) { return n; }\n";
    text += "inline unsigned long long word(float x) { return std::bit_cast<unsigned int>(x); }\n";
    text += "int main(int, char** files) {\n    open(files);\n";
    text += &regions(program, lens);
    text += "    const unsigned long long arguments[] = {\n";
    for arg in program.launches.iter().flat_map(|launch| &launch.args) {
        let _ = writeln!(text, "        word({}),", argument(program, lens, arg));
    }
    text += "    };\n    unsigned int arrived = 0;\n";
    let threads = one_kernel::threads(program);
    let _ = writeln!(text, "    shim::launch({{}}, {threads}, [&] {{ one_kernel(arguments, &arrived, 1); }});");
    text + &end(lens)
}
