//! A program as one kernel, whose blocks stay and go from launch to launch: `cuda/one_kernel.cuh`.

use std::fmt::Write;
use std::ops::Range;

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
    for section in sections(program) {
        if section.meets {
            text += "    staying::meet_blocks(arrived);\n";
        }
        for launch in &program.launches[section.launches] {
            let (kernel, [x, y, z], threads) = (launch.expression(), launch.blocks, launch.threads);
            let take = if section.alone { "take_alone" } else { "take_launch" };
            let _ = writeln!(text, "    staying::{take}<{kernel}, {x}, {y}, {z}, {threads}>(arguments + {at});");
            at += launch.args.len();
        }
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

/// Whether a launch may not go beside one before it: if it reads or writes what that has written, or writes what that has read.
fn needs(program: &Program, launch: &Launch, before: &Launch) -> bool {
    let written = before.outputs().any(|a| launch.inputs().chain(launch.outputs()).any(|b| meet(program, a, b)));
    written || before.inputs().any(|a| launch.outputs().any(|b| meet(program, a, b)))
}

/// Launches behind each other.
#[derive(Debug, PartialEq)]
struct Section {
    /// Whether all blocks meet before it.
    meets: bool,
    /// Whether the first block does all of it, without meeting others between its launches.
    alone: bool,
    launches: Range<usize>,
}

/// So many blocks of launches take as long, one after the other, as all blocks take to meet: a guess, which no measurement has
/// corrected yet.
const MEETING: u32 = 3;

/// Launches of more blocks are no work for one.
const FEW: u32 = 8;

/// The launches of a step in sections: those of a few blocks, which need each other, are one block's work.
fn sections(program: &Program) -> Vec<Section> {
    let blocks = |launch: &Launch| launch.blocks.iter().product::<u32>();
    let mut sections = Vec::new();
    // What has been launched since all blocks have met.
    let mut since: Vec<&Launch> = Vec::new();
    let mut at = 0;
    while at < program.launches.len() {
        let few = program.launches[at..].iter().take_while(|launch| blocks(launch) <= FEW).count();
        let few = at..at + few;
        let (mut meetings, mut together) = (0, Vec::<&Launch>::new());
        for launch in &program.launches[few.clone()] {
            if together.iter().any(|before| needs(program, launch, before)) {
                meetings += 1;
                together.clear();
            }
            together.push(launch);
        }
        let turns: u32 = program.launches[few.clone()].iter().map(|launch| blocks(launch).max(1) - 1).sum();
        let alone = meetings > 0 && turns <= meetings * MEETING;
        // Those that are no section by themselves may be launched beside what comes behind them.
        let launches = if alone { few } else { at..at + 1 };
        let own = &program.launches[launches.clone()];
        let meets = own.iter().any(|launch| since.iter().any(|before| needs(program, launch, before)));
        if meets {
            since.clear();
        }
        since.extend(own);
        at = launches.end;
        sections.push(Section { meets, alone, launches });
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(reads: Span, writes: Span) -> Launch {
        Launch::new("gemm", "gemm_data").grid([60, 1, 1], 256).out(writes).reads(reads)
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
        let meets: Vec<bool> = sections(&program).iter().map(|section| section.meets).collect();
        assert_eq!(meets, [false, false, true, false, true, true]);
    }

    #[test]
    fn what_few_blocks_do_one_after_the_other_one_does() {
        let work = |buffer| Region::Work(buffer).span(0, 8);
        let on = |blocks, reads, writes| launch(work(reads), work(writes)).grid([blocks, 1, 1], 256);
        let launches =
            vec![on(60, 0, 1), on(2, 1, 2), on(1, 2, 3), on(3, 3, 4), on(60, 4, 5), on(1, 5, 6), on(1, 5, 7)];
        let program = Program { rows: 1, launches, plan: (0..8).map(|i| i * 64).collect(), work: 512 };
        let section = |meets, alone, launches| Section { meets, alone, launches };
        let all = [
            section(false, false, 0..1),
            section(true, true, 1..4),
            section(true, false, 4..5),
            section(true, false, 5..6),
            section(false, false, 6..7),
        ];
        assert_eq!(sections(&program), all);
    }
}
