//! Kernels on the processor: compiled by g++ with the shim, and compared with what their launches mean.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use keras::device::memory::{Elem, Span};
use keras::device::{Device, Host, Launch, Lens, Memory, Program, Watch};

use crate::{models, source};

/// The folder of the kernels.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("keras-kernels/cuda")
}

/// All that programs are made of besides their own text.
fn files() -> String {
    let mut files: Vec<PathBuf> = [folder(), folder().join("shim")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files.into_iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// A C++ compiler, and how it is asked to compile.
#[derive(Clone, Debug)]
pub(crate) struct Gxx {
    flags: Vec<&'static str>,
}

/// A file name that nobody else in this run has.
fn unique(ending: &str) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("{}-{}{ending}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

impl Gxx {
    /// The compiler with these sanitizers (`thread`, or nothing), unless it is not there or they do not work here, which is said.
    pub(crate) fn with(sanitizers: &'static str) -> Option<Gxx> {
        let mut flags =
            vec!["-std=c++20", "-O1", "-g1", "-pthread", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas"];
        if !sanitizers.is_empty() {
            flags.extend([sanitizers, "-fno-sanitize-recover=all"]);
        }
        let gxx = Gxx { flags };
        let compiled = gxx.try_compile("#include <thread>\nint main() { std::jthread([] {}); }\n");
        match compiled.and_then(|program| gxx.try_run(&program, &[]).map(drop)) {
            Ok(()) => Some(gxx),
            Err(said) => {
                println!("skipped, since g++ {sanitizers} compiles nothing that runs here: {said}");
                None
            }
        }
    }

    /// A program from a source, from the disk if it has been compiled before.
    fn try_compile(&self, text: &str) -> Result<PathBuf, String> {
        let mut hash = DefaultHasher::new();
        (&self.flags, text, files()).hash(&mut hash);
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let program = tmp.join(format!("{:016x}", hash.finish()));
        if program.exists() {
            return Ok(program);
        }
        let (file, beside) = (program.with_extension("cpp"), unique(".program"));
        fs::write(&file, text).map_err(|error| error.to_string())?;
        let mut command = Command::new("g++");
        command.args(&self.flags).arg("-I").arg(folder()).arg(&file).arg("-o").arg(&beside);
        let output = command.output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{}\n{}", file.display(), String::from_utf8_lossy(&output.stderr)));
        }
        fs::rename(&beside, &program).map_err(|error| error.to_string())?;
        Ok(program)
    }

    /// Runs a program with what it reads; gives what it wrote.
    fn try_run(&self, program: &Path, input: &[u8]) -> Result<Vec<u8>, String> {
        let (from, to) = (unique(".in"), unique(".out"));
        fs::write(&from, input).map_err(|error| error.to_string())?;
        let output = Command::new(program).arg(&from).arg(&to).output().map_err(|error| error.to_string())?;
        let found = fs::read(&to).unwrap_or_default();
        let _ = (fs::remove_file(&from), fs::remove_file(&to));
        if output.status.success() {
            return Ok(found);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{} ended with {}:\n{said}", program.display(), output.status))
    }

    /// A program from a source.
    pub(crate) fn compile(&self, text: &str) -> PathBuf {
        self.try_compile(text).unwrap_or_else(|said| panic!("{said}"))
    }

    /// What a program writes about what it reads.
    pub(crate) fn run(&self, program: &Path, input: &[u8]) -> Vec<u8> {
        self.try_run(program, input).unwrap_or_else(|said| panic!("{said}"))
    }
}

/// Bytes of a span.
pub(crate) fn bytes(memory: &Memory, span: Span) -> Vec<u8> {
    match span.region.elem() {
        Elem::F32 => memory.f32(span).iter().flat_map(|x| x.to_ne_bytes()).collect(),
        Elem::U32 => memory.u32(span).iter().flat_map(|x| x.to_ne_bytes()).collect(),
        Elem::F64 => memory.f64(span).iter().flat_map(|x| x.to_ne_bytes()).collect(),
    }
}

pub(crate) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|x| f32::from_ne_bytes(*x)).collect()
}

pub(crate) fn set(memory: &mut Memory, span: Span, bytes: &[u8]) {
    match span.region.elem() {
        Elem::F32 => memory.f32_mut(span).copy_from_slice(&floats(bytes)),
        Elem::U32 => {
            let words = bytes.as_chunks().0.iter().map(|x| u32::from_ne_bytes(*x));
            memory.u32_mut(span).iter_mut().zip(words).for_each(|(to, x)| *to = x);
        }
        Elem::F64 => {
            let sums = bytes.as_chunks().0.iter().map(|x| f64::from_ne_bytes(*x));
            memory.f64_mut(span).iter_mut().zip(sums).for_each(|(to, x)| *to = x);
        }
    }
}

/// How far apart numbers of a span may be, relative to its largest: sums may be in another order.
pub(crate) const TOLERANCE: f64 = 1e-5;

/// Says where two lists differ by more than so much of the largest number.
pub(crate) fn compare(found: &[f64], meant: &[f64], tolerance: f64) -> Result<(), String> {
    let finite = meant.iter().filter(|x| x.is_finite());
    let allowed = tolerance * finite.fold(0.0, |most: f64, x| most.max(x.abs()));
    for (i, (found, meant)) in found.iter().zip(meant).enumerate() {
        let same = found == meant || found.is_nan() && meant.is_nan();
        let apart = (found - meant).abs();
        if !same && (apart.is_nan() || apart > allowed) {
            return Err(format!("element {i} is {found} instead of {meant}; {allowed:e} are allowed"));
        }
    }
    Ok(())
}

pub(crate) fn numbers(memory: &Memory, span: Span) -> Vec<f64> {
    match span.region.elem() {
        Elem::F32 => memory.f32(span).iter().map(|x| f64::from(*x)).collect(),
        Elem::U32 => memory.u32(span).iter().map(|x| f64::from(*x)).collect(),
        Elem::F64 => memory.f64(span).to_vec(),
    }
}

/// Whether a kernel gives the very numbers: it copies, draws a mask, adds up in one order, or has only steps that anybody would do in
/// the same way.
fn is_exact(launch: &Launch, span: Span) -> bool {
    let files = ["carried", "concatenate", "embedding", "gather", "gather_rows", "mask", "shaped_dropout"];
    let chain =
        launch.file == "elementwise" && !["Activate", "Noisy"].iter().any(|step| launch.expression().contains(step));
    chain || files.contains(&launch.file) || span.region.elem() == Elem::U32
}

/// Runs programs by the shim. What each launch has written is compared with what it means, given what those before have left.
pub(crate) struct Shim {
    gxx: Gxx,
    programs: Vec<PathBuf>,
}

impl Shim {
    /// A device that runs kernels by this compiler.
    pub(crate) fn device(gxx: Gxx) -> Device {
        Device::with_engine(Box::new(Host::new(Shim { gxx, programs: Vec::new() })))
    }
}

impl Watch for Shim {
    fn load(&mut self, program: &Program, lens: &Lens) {
        self.programs.push(self.gxx.compile(&source::program(program, lens)));
    }

    fn forget(&mut self) {
        self.programs.clear();
    }

    fn run(&mut self, index: usize, program: &Program, lens: &Lens, memory: &mut Memory) {
        let regions: Vec<Span> = lens.iter().map(|(region, &len)| region.span(0, len)).collect();
        let input: Vec<u8> = regions.iter().flat_map(|&span| bytes(memory, span)).collect();
        let output = self.gxx.run(&self.programs[index], &input);
        let mut rest = &output[..];
        let mut next = |span: Span| {
            let bytes;
            (bytes, rest) = rest.split_at(span.len * span.region.elem().size());
            bytes
        };
        for (i, launch) in program.launches.iter().enumerate() {
            launch.run(memory);
            for span in launch.outputs() {
                let meant = numbers(memory, span);
                set(memory, span, next(span));
                let tolerance = if is_exact(launch, span) { 0.0 } else { TOLERANCE };
                if let Err(what) = compare(&numbers(memory, span), &meant, tolerance) {
                    let (count, file) = (program.launches.len(), self.programs[index].display());
                    panic!("launch {i} of {count}, {launch:?}: {span:?}: {what}; see {file}.cpp");
                }
            }
        }
        for span in regions {
            assert!(bytes(memory, span) == next(span), "{span:?} was changed by a launch that does not say so");
        }
        assert!(rest.is_empty());
    }
}

/// Trains a model by the shim.
fn check(model: models::Train, sanitizers: &'static str) {
    if let Some(gxx) = Gxx::with(sanitizers) {
        model(Shim::device(gxx));
    }
}

macro_rules! tests {
    ($($family:ident { $($model:ident)* })*) => {
        $($(
            #[test]
            fn $model() {
                check(models::$model, "");
            }
        )*)*
    };
}
models::each_model!(tests);

/// Threads of a block do not touch what others write without a barrier between them.
#[test]
fn no_races() {
    check(models::tiles, "-fsanitize=thread");
    check(models::few_tiles, "-fsanitize=thread");
    check(models::rows, "-fsanitize=thread");
    check(models::table, "-fsanitize=thread");
}

/// Nothing is read or written beyond a region.
#[test]
fn no_access_beyond_regions() {
    check(models::rows, "-fsanitize=address,undefined");
    check(models::ragged, "-fsanitize=address,undefined");
    check(models::own, "-fsanitize=address,undefined");
}
