//! Kernels compiled by NVRTC, the way a program with a GPU does it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use keras::device::{Device, Host, Launch, Lens, Program, Watch};
use keras::layer::{Backward, Call, Cuda};
use keras::prelude::*;
use keras::{Error, Layer};

use crate::models;

/// A layer whose source has a mistake in its third line.
struct Mistaken;

impl Mistaken {
    const fn new() -> Mistaken {
        Mistaken
    }
}

impl Layer<[f32; 2]> for Mistaken {
    type Output = [f32; 2];
    type Weights = ();
    type Saved = [f32; 0];

    fn forward(&self, _: &Call, _: &(), x: &[[f32; 2]], y: &mut [[f32; 2]], _: &mut [[f32; 0]]) {
        y.copy_from_slice(x);
    }

    fn backward_data(&self, _: &Call, _: &(), _: Backward<'_, [f32; 2], Self>, _: &mut [[f32; 2]]) {}

    fn cuda(&self) -> Option<Cuda> {
        Some(Cuda::new(
            "__device__ void backward_data(const Call&, const Weights&, const Pass&, Input&) {}
             __device__ void forward(const Call&, const Weights&, const Input& x, Output& y, Saved&) {
                 y[0] = of_nobody(x[0]);
             }",
        ))
    }
}

sequential! { struct Broken< Input(2), self::Mistaken::new(), Dense(2) >; }

/// One launch of each kernel, by its name and how its tiles are computed: nvcc compiles them with all constants. Chains of steps are a
/// kernel each.
#[derive(Clone, Default)]
struct Launches(Arc<Mutex<BTreeMap<(String, Option<String>), Launch>>>);

/// How a launch computes tiles of products: the last constant of a kernel that does.
fn tile(launch: &Launch) -> Option<String> {
    launch.constants.last().filter(|last| last.starts_with("Small<") || last.starts_with("Large<")).cloned()
}

impl Watch for Launches {
    fn load(&mut self, program: &Program, _: &Lens) {
        let name = |launch: &Launch| match launch.name {
            "elementwise" => launch.expression(),
            name => name.to_owned(),
        };
        let launches = program.launches.iter().map(|launch| ((name(launch), tile(launch)), launch.clone()));
        self.0.lock().unwrap().extend(launches);
    }
}

/// Compiles the first program of a model, its step of training, as one kernel.
#[derive(Default)]
struct AsOne(bool);

impl Watch for AsOne {
    fn load(&mut self, program: &Program, _: &Lens) {
        if !std::mem::replace(&mut self.0, true) {
            program.compile_as_one("sm_90").unwrap_or_else(|error| panic!("{error}"));
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
    for model in models::AS_ONE_KERNEL {
        model(Device::with_engine(Box::new(Host::new(AsOne::default()))));
    }
    a_mistake_in_a_source();
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

/// Compiles a program that has a layer with a mistake in it.
struct OfOwn;

impl Watch for OfOwn {
    fn load(&mut self, program: &Program, _: &Lens) {
        let Err(Error::Device { reason, .. }) = program.compile("sm_80") else { panic!("it is compiled") };
        if reason.contains("libnvrtc.so cannot be loaded") {
            return;
        }
        let begins = "the CUDA source of the layer `mistaken` (Mistaken) cannot be compiled; ";
        let told = "source of Mistaken(3): error: identifier \"of_nobody\" is undefined";
        assert!(reason.starts_with(begins) && reason.contains(told), "{reason}");
    }
}

fn a_mistake_in_a_source() {
    let model = Broken::seeded(1).compile(Sgd::default(), MeanSquaredError::default(), ()).unwrap();
    let mut model = model.on(Device::with_engine(Box::new(Host::new(OfOwn)))).unwrap();
    model.train_on_batch(&[[0.5; 2]], &[[0.5; 2]]).unwrap();
}

#[test]
fn what_it_refuses_is_an_error() {
    a_mistake_in_a_source();
    models::rows(Device::with_engine(Box::new(Host::new(Refused))));
}
