//! A program for a device: launches in their order, and the memory that they need.

use super::cuda;
use super::launch::Launch;
use super::memory::Region;
use crate::Result;

/// What a device does for a batch of one size: launches, one after the other.
#[derive(Clone, Debug)]
pub struct Program {
    /// How many rows a batch has.
    pub rows: usize,
    /// In the order in which they run.
    pub launches: Vec<Launch>,
    /// Where each buffer begins, in floats from the beginning of all buffers; multiples of [`ALIGN`].
    pub plan: Vec<usize>,
    /// How many floats all buffers take together.
    pub work: usize,
}

/// Floats between the beginnings of buffers: 256 bytes, what CUDA's own allocations are aligned to.
pub const ALIGN: usize = 64;

impl Program {
    /// A program of these launches. `lens` has the lengths of the buffers; those that are `kept` are read after the program
    /// has run.
    pub(crate) fn new(rows: usize, launches: Vec<Launch>, lens: &[usize], kept: &[usize]) -> Program {
        let mut lives: Vec<Option<[usize; 2]>> = vec![None; lens.len()];
        for (at, launch) in launches.iter().enumerate() {
            for span in launch.inputs().chain(launch.outputs()) {
                if let Region::Work(buffer) = span.region {
                    lives[buffer].get_or_insert([at, at])[1] = at;
                }
            }
        }
        for &buffer in kept {
            lives[buffer].get_or_insert([launches.len(); 2])[1] = launches.len();
        }
        let (plan, work) = place(lens, &lives);
        Program { rows, launches, plan, work }
    }

    /// The kernels in the machine code of an architecture, such as `sm_90`, by NVRTC; no GPU is needed.
    ///
    /// # Errors
    /// If NVRTC is not there or refuses a kernel.
    #[doc(hidden)]
    pub fn compile(&self, arch: &str) -> Result<Vec<u8>> {
        cuda::compile(self, arch)
    }

    /// The program as one kernel, in the machine code of an architecture.
    ///
    /// # Errors
    /// As those of [`Program::compile`].
    #[doc(hidden)]
    pub fn compile_as_one(&self, arch: &str) -> Result<Vec<u8>> {
        cuda::compile_as_one(self, arch)
    }
}

/// A place for each buffer such that those whose lives meet lie apart: the longest first, each in the first gap that is long
/// enough.
fn place(lens: &[usize], lives: &[Option<[usize; 2]>]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..lens.len()).filter(|&i| lives[i].is_some()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(lens[i]), i));
    let mut plan = vec![0; lens.len()];
    let (mut work, mut placed) = (0, Vec::<usize>::new());
    for &i in &order {
        let Some([from, to]) = lives[i] else { continue };
        let meets = |j: &&usize| lives[**j].is_some_and(|[f, t]| f <= to && from <= t);
        let mut others: Vec<usize> = placed.iter().filter(meets).copied().collect();
        others.sort_by_key(|&j| plan[j]);
        let mut at = 0;
        for j in others {
            if plan[j] >= at + lens[i] {
                break;
            }
            at = at.max((plan[j] + lens[j]).next_multiple_of(ALIGN));
        }
        plan[i] = at;
        work = work.max(at + lens[i]);
        placed.push(i);
    }
    (plan, work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_that_live_together_lie_apart() {
        let lens = [100, 64, 1, 100];
        let lives = [Some([0, 2]), Some([1, 3]), Some([2, 2]), Some([3, 4])];
        let (plan, work) = place(&lens, &lives);
        for i in 0..lens.len() {
            for j in 0..i {
                let ([a, b], [c, d]) = (lives[i].unwrap(), lives[j].unwrap());
                if a <= d && c <= b {
                    assert!(plan[i] + lens[i] <= plan[j] || plan[j] + lens[j] <= plan[i], "{i} and {j}: {plan:?}");
                }
            }
        }
        // The first and the last share memory.
        assert_eq!((plan[0], plan[3], work), (0, 0, 193));
    }
}
