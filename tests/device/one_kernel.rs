//! Programs as one kernel, by the shim, which give the very numbers that their launches give.

use std::path::PathBuf;

use keras::device::memory::Span;
use keras::device::{Device, Host, Lens, Memory, Program, Watch};

use crate::shim::{Gxx, bytes, set};
use crate::{models, source};

/// Runs programs by their launches and as one kernel.
struct BothWays {
    gxx: Gxx,
    /// By program, first by its launches.
    programs: Vec<[PathBuf; 2]>,
}

impl Watch for BothWays {
    fn load(&mut self, program: &Program, lens: &Lens) {
        let texts = [source::program(program, lens), source::one(program, lens)];
        self.programs.push(texts.map(|text| self.gxx.compile(&text)));
    }

    fn forget(&mut self) {
        self.programs.clear();
    }

    fn run(&mut self, index: usize, program: &Program, lens: &Lens, memory: &mut Memory) {
        let regions: Vec<Span> = lens.iter().map(|(region, &len)| region.span(0, len)).collect();
        let input: Vec<u8> = regions.iter().flat_map(|&span| bytes(memory, span)).collect();
        let [by_launches, as_one] = &self.programs[index];
        let mut meant = self.gxx.run(by_launches, &input);
        // What each launch has written comes first.
        meant.drain(..meant.len() - input.len());
        let found = self.gxx.run(as_one, &input);
        // Buffers, of which some are read when the program is done.
        program.launches.iter().for_each(|launch| launch.run(memory));
        let mut at = 0;
        for span in regions {
            let len = span.len * span.region.elem().size();
            let [found, meant] = [&found, &meant].map(|all| &all[at..at + len]);
            assert!(found == meant, "{span:?} is not what launches make of it; see {}.cpp", as_one.display());
            set(memory, span, found);
            at += len;
        }
    }
}

fn check(model: models::Train) {
    if let Some(gxx) = Gxx::with("") {
        model(Device::with_engine(Box::new(Host::new(BothWays { gxx, programs: Vec::new() }))).in_one_kernel());
    }
}

macro_rules! tests {
    ($($model:ident)*) => {
        $(
            #[test]
            fn $model() {
                check(models::$model);
            }
        )*
    };
}
models::each_as_one_kernel!(tests);
