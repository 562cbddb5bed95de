//! A program as one kernel, whose blocks stay and go from launch to launch: `cuda/one_kernel.cuh`.

use std::fmt::Write;

use super::launch::Launch;
use super::memory::{Region, Span};
use super::program::Program;
use super::source;

/// The text of the kernel, in C++. Its name is `one_kernel`.
#[doc(hidden)]
#[must_use]
pub fn source(program: &Program) -> String {
    let mut text = format!("#define ONE_KERNEL_THREADS {}\n#include \"one_kernel.cuh\"\n", threads(program));
    text += &source::text(&program.launches);
    text += "__device__ void one_step(const unsigned long long* arguments, unsigned int* arrived) {\n";
    let mut at = 0;
    for (launch, meets) in program.launches.iter().zip(meetings(program)) {
        if meets {
            text += "    staying::meet_blocks(arrived);\n";
        }
        let (kernel, [x, y, z], threads) = (launch.expression(), launch.blocks, launch.threads);
        let _ = writeln!(text, "    staying::take_launch<{kernel}, {x}, {y}, {z}, {threads}>(arguments + {at});");
        at += launch.args.len();
    }
    // The first launches of the next step find what the last ones of this one have done.
    text += "    staying::meet_blocks(arrived);\n}\n";
    text
}

/// Threads of a block of the kernel.
#[doc(hidden)]
#[must_use]
pub fn threads(program: &Program) -> u32 {
    program.launches.iter().map(|launch| launch.threads).max().unwrap_or(1).next_multiple_of(32)
}

/// Blocks of the kernel beyond which some would never have anything to do.
pub(super) fn blocks(program: &Program) -> u32 {
    program.launches.iter().map(|launch| launch.blocks.iter().product()).max().unwrap_or(1)
}

/// Bytes that the launches of a program share within their blocks, one after the other: as `POOL` in `one_kernel.cuh`.
pub(super) const POOL: u32 = 48 * 1024;

/// Whether two pieces of memory have an element in common.
fn meet(program: &Program, a: Span, b: Span) -> bool {
    let of = |span: Span| match span.region {
        Region::Work(buffer) => (None, program.plan[buffer] + span.at),
        region => (Some(region), span.at),
    };
    let ((of_a, at_a), (of_b, at_b)) = (of(a), of(b));
    of_a == of_b && at_a < at_b + b.len && at_b < at_a + a.len
}

/// Whether the blocks have to meet before each launch: if it reads or writes what a launch since the last meeting has written, or writes
/// what one has read.
fn meetings(program: &Program) -> Vec<bool> {
    let mut since: Vec<&Launch> = Vec::new();
    let needs = |launch: &Launch, before: &Launch| {
        let written = before.outputs().any(|a| launch.inputs().chain(launch.outputs()).any(|b| meet(program, a, b)));
        written || before.inputs().any(|a| launch.outputs().any(|b| meet(program, a, b)))
    };
    let mut meetings = Vec::with_capacity(program.launches.len());
    for launch in &program.launches {
        let meets = since.iter().any(|before| needs(launch, before));
        if meets {
            since.clear();
        }
        since.push(launch);
        meetings.push(meets);
    }
    meetings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(reads: Span, writes: Span) -> Launch {
        Launch::new("gemm", "gemm_data").out(writes).reads(reads)
    }

    #[test]
    fn blocks_meet_where_a_launch_needs_another() {
        let work = |buffer, at, len| Region::Work(buffer).span(at, len);
        let launches = vec![
            launch(Region::Weights.span(0, 8), work(0, 0, 8)),
            // Reads the same.
            launch(Region::Weights.span(4, 8), work(1, 0, 8)),
            // Reads what has been written.
            launch(work(1, 0, 8), work(2, 0, 8)),
            // Writes what has been read before the last meeting.
            launch(work(0, 0, 8), Region::Weights.span(0, 8)),
            // Writes what has been written, in another buffer at the same place.
            launch(work(1, 0, 8), work(3, 0, 4)),
            // Writes what has been read.
            launch(work(2, 0, 8), work(1, 4, 1)),
        ];
        let plan = vec![0, 64, 128, 132];
        let program = Program { rows: 1, launches, plan, work: 192 };
        assert_eq!(meetings(&program), [false, false, true, false, true, true]);
    }
}
