//! Kernels compiled by NVRTC, the way a program with a GPU does it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use keras::Error;
use keras::device::{Device, Host, Launch, Lens, Program, Watch};

use crate::models;

/// One launch of each kernel, by its name: nvcc compiles them with all constants.
#[derive(Clone, Default)]
struct Launches(Arc<Mutex<BTreeMap<&'static str, Launch>>>);

impl Watch for Launches {
    fn load(&mut self, program: &Program, _: &Lens) {
        let launches = program.launches.iter().map(|launch| (launch.name, launch.clone()));
        self.0.lock().unwrap().extend(launches);
    }
}

/// Compiles each program as one kernel.
struct AsOne;

impl Watch for AsOne {
    fn load(&mut self, program: &Program, _: &Lens) {
        for arch in ["sm_80", "sm_90"] {
            program.compile_as_one(arch).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

/// The folder of NVRTC in the virtual environment that compile.sh makes.
fn libraries() -> Option<PathBuf> {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent()?.join("cuda-venv");
    let venv = std::env::var_os("CUDA_VENV").map_or(target, PathBuf::from);
    let python = |entry: std::fs::DirEntry| entry.path().join("site-packages/nvidia/cu13/lib");
    let mut all = std::fs::read_dir(venv.join("lib")).ok()?.filter_map(|entry| entry.ok().map(python));
    all.find(|folder| folder.join("libnvrtc.so.13").exists())
}

/// A process looks for libraries where it was told to when it began, so that this is another one.
#[test]
fn compiles_programs() {
    let Some(folder) = libraries() else {
        return println!(
            "skipped, since there is no NVRTC in target/cuda-venv; keras-kernels/cuda/compile.sh makes it"
        );
    };
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "nvrtc::in_a_process_that_finds_it", "--ignored", "--nocapture"]);
    let output = command.env("LD_LIBRARY_PATH", folder).output().unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "compiles_programs runs it with NVRTC in the path of libraries"]
fn in_a_process_that_finds_it() {
    let all = Launches::default();
    for &model in models::ALL {
        model(Device::with_engine(Box::new(Host::new(all.clone()))));
    }
    let launches = all.0.lock().unwrap().values().cloned().collect();
    let program = Program { rows: 0, launches, plan: Vec::new(), work: 0 };
    for arch in ["sm_80", "sm_90"] {
        let cubin = program.compile(arch).unwrap_or_else(|error| panic!("{error}"));
        assert!(cubin.starts_with(b"\x7fELF"), "{arch}: {} bytes that are no machine code", cubin.len());
    }
    models::clipped_together(Device::with_engine(Box::new(Host::new(AsOne))));
}

/// Compiles for no architecture that there is.
struct Refused;

impl Watch for Refused {
    fn load(&mut self, program: &Program, _: &Lens) {
        match program.compile("sm_1") {
            Err(Error::Device { reason, .. }) => {
                let known = ["libnvrtc.so cannot be loaded", "cannot be compiled for sm_1"];
                assert!(known.iter().any(|known| reason.contains(known)), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_it_refuses_is_an_error() {
    models::rows(Device::with_engine(Box::new(Host::new(Refused))));
}
