//! All kernels that the test's models launch, compiled by nvcc for GPUs that need not be there.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use keras::device::{Device, Host, Launch, Lens, Memory, Program, Watch};
use keras::prelude::*;
use keras_kernels::cuda::SOURCES;

use crate::{models, shim};

/// A launch of each kernel, by what the kernel is but for sizes.
#[derive(Clone, Default)]
struct Kernels(Arc<Mutex<BTreeMap<String, Launch>>>);

/// A kernel without its sizes: a compiler has something else to do for another flag or name, but not for another number.
fn without_sizes(kernel: &str) -> String {
    kernel
        .split_inclusive(['<', ',', '>'])
        .map(|part| part.trim_start_matches([' ', '-']).trim_start_matches(|c: char| c.is_ascii_digit()))
        .collect()
}

impl Watch for Kernels {
    fn load(&mut self, program: &Program, _: &Lens) {
        let launches = program.launches.iter().map(|launch| (without_sizes(&launch.expression()), launch.clone()));
        self.0.lock().unwrap().extend(launches);
    }
}

/// A file that makes a compiler write all kernels of the test's models.
fn all_kernels() -> String {
    let all = Kernels::default();
    for &model in models::ALL {
        model(Device::with_engine(Box::new(Host::new(all.clone()))));
    }
    let launches = &*all.0.lock().unwrap();
    let mut text = keras::device::text(launches.values()) + "extern const void* const kernels[] = {\n";
    for launch in launches.values() {
        let kernel = launch.expression();
        // Products of the models are too small for large tiles.
        let large = kernel.replace("Small<", "Large<");
        if large != kernel && !kernel.contains("<FLOAT32>") {
            let _ = writeln!(text, "    (const void*)&{large},");
        }
        let _ = writeln!(text, "    (const void*)&{kernel},");
    }
    text + "};\n"
}

/// Every file is in the library, and every kernel in the file is launched by a model of the test.
#[test]
fn nothing_is_left_out() {
    let mut files: Vec<String> = std::fs::read_dir(shim::folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".cu") || name.ends_with(".cuh"))
        .collect();
    files.sort();
    assert_eq!(files, SOURCES.iter().map(|(file, _)| *file).collect::<Vec<_>>());

    let all = all_kernels();
    // What makes one kernel of a program is tested in one_kernel.rs.
    for (file, text) in SOURCES.iter().filter(|(file, _)| *file != "one_kernel.cuh") {
        for kernel in text.split("__global__").skip(1) {
            let mut name = kernel.split('(').map(|part| part.rsplit([' ', '\n']).next().unwrap_or_default());
            let name = name.find(|name| !name.is_empty() && *name != "__launch_bounds__").unwrap();
            let is_launched = [format!("&{name}<"), format!("&{name},")].iter().any(|use_of| all.contains(use_of));
            assert!(is_launched, "`{name}` of {file} is not launched");
        }
    }
    let (_, elementwise) = SOURCES.iter().find(|(file, _)| *file == "elementwise.cu").unwrap();
    let (_, steps) = elementwise.split_once("namespace step").unwrap();
    // What steps work on, and with.
    for name in steps.split("struct ").skip(1).map(|step| step.split([' ', ';', '<']).next().unwrap()) {
        let is_used = [format!("step::{name}<"), format!("step::{name},"), format!("step::{name}>")];
        let is_used = is_used.iter().any(|use_of| all.contains(use_of));
        assert!(is_used || ["Work", "Value"].contains(&name), "no launch has the step `{name}`");
    }
}

/// Has nvcc compile a file.
fn compile(name: &str, text: &str) {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (file, fatbin) = (tmp.join(format!("{name}.cu")), tmp.join(format!("{name}.fatbin")));
    std::fs::write(&file, text).unwrap();
    let output = Command::new(shim::folder().join("compile.sh")).arg(&file).arg(&fatbin).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => assert!(std::fs::metadata(&fatbin).unwrap().len() > 0),
        Some(3) => println!("skipped, since there is no nvcc that works, and none from PyPI: {said}"),
        _ => panic!("nvcc refuses {}: {said}", file.display()),
    }
}

#[test]
fn compiles_for_gpus() {
    compile("kernels", &all_kernels());
}

/// The steps of recurrent layers, of programs that are not run.
#[derive(Clone, Default)]
struct Steps(Arc<Mutex<BTreeMap<String, Launch>>>);

impl Watch for Steps {
    fn load(&mut self, program: &Program, _: &Lens) {
        let steps = program.launches.iter().filter(|launch| launch.file == "recurrent");
        self.0.lock().unwrap().extend(steps.map(|launch| (launch.expression(), launch.clone())));
    }

    fn run(&mut self, _: usize, _: &Program, _: &Lens, _: &mut Memory) {}
}

/// Has a model of one recurrent layer, of kernels that begin as 0, made into programs for a batch of this device.
macro_rules! steps_of {
    ($steps:ident: $($layer:ident($units:literal $(, $argument:ident)*))*) => {
        $({
            sequential! {
                struct Large<
                    Input(2, 1),
                    $layer($units, kernel_initializer = zeros, recurrent_initializer = zeros $(, $argument = false)*),
                    Dense(1),
                >;
            }
            let model = Large::seeded(1).compile(Sgd::new(0.1), MeanSquaredError::default(), ()).unwrap();
            let mut model = model.on(Device::with_engine(Box::new(Host::new($steps.clone())))).unwrap();
            model.train_on_batch(&[[[0.5]; 2]; 5], &[[0.5]; 5]).unwrap();
        })*
    };
}

/// Blocks of recurrent layers have all the shared memory that there is, to the byte, at these sizes: the last of each are the largest.
#[test]
fn largest_recurrent_layers_compile() {
    let steps = Steps::default();
    steps_of! { steps:
        LSTM(1024) LSTM(2048)
        GRU(768) GRU(1024) GRU(1536) GRU(3072)
        GRU(768, reset_after) GRU(1024, reset_after) GRU(2048, reset_after) GRU(3072, reset_after)
        SimpleRNN(1536) SimpleRNN(3072) SimpleRNN(6144)
    }
    let launches = &*steps.0.lock().unwrap();
    let mut text = keras::device::text(launches.values()) + "extern const void* const kernels[] = {\n";
    for launch in launches.values() {
        let _ = writeln!(text, "    (const void*)&{},", launch.expression());
    }
    text += "};\n";
    assert_eq!(text.matches("&recurrent_").count(), 2 * 13, "{text}");
    if let Some(gxx) = shim::Gxx::with("") {
        gxx.compile(&format!("#include \"shim/cuda_cpu.h\"\n{text}int main() {{}}\n"));
    }
    compile("largest", &text);
}
