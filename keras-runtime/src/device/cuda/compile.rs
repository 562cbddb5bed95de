//! Kernels compiled by NVRTC for one architecture.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString, c_char};
use std::ptr;

use cudarc::nvrtc::result::NvrtcError;
use cudarc::nvrtc::sys;
use keras_kernels::cuda::SOURCES;

use crate::device::launch::Launch;
use crate::device::one_kernel;
use crate::device::program::Program;
use crate::device::source;
use crate::{Error, Result};

/// Compiled kernels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Compiled {
    /// The name that each kernel has in the binary, by its expression in C++.
    pub(super) names: BTreeMap<String, String>,
    /// The binary.
    pub(super) cubin: Vec<u8>,
}

/// The options of all compilations for an architecture.
pub(super) fn options(arch: &str) -> [String; 2] {
    [format!("--gpu-architecture={arch}"), "--std=c++17".to_owned()]
}

/// What is compiled.
pub(super) struct Text<'p> {
    /// What it is the text of.
    launches: &'p [Launch],
    /// The source.
    pub(super) source: String,
    /// The kernels whose names in the binary are wanted, each once.
    pub(super) expressions: BTreeSet<String>,
}

impl<'p> Text<'p> {
    /// The kernels of a program.
    pub(super) fn kernels(program: &'p Program) -> Text<'p> {
        let expressions = program.launches.iter().map(Launch::expression).collect();
        Text { launches: &program.launches, source: source::text(&program.launches), expressions }
    }

    /// A program as one kernel, whose name in the binary is its name.
    pub(super) fn one_kernel(program: &'p Program) -> Text<'p> {
        Text { launches: &program.launches, source: one_kernel::source(program), expressions: BTreeSet::new() }
    }
}

/// Whether a driver, by the version of CUDA that it is for, takes what NVRTC makes: machine code of a later major version it does not.
pub(super) fn fits(driver: i32) -> Result<()> {
    let (mut major, mut minor) = (0, 0);
    // SAFETY: it writes two numbers.
    let known = unsafe { sys::nvrtcVersion(&raw mut major, &raw mut minor) }.result();
    known.map_err(|error| refused("a GPU", &error, ""))?;
    if major <= driver / 1000 {
        return Ok(());
    }
    let [of, part] = [driver / 1000, driver % 1000 / 10];
    let reason = format!(
        "it is that of CUDA {major}.{minor}, and the driver, which is for CUDA {of}.{part}, does not take machine code of a later major \
         version; a newer driver does, or an NVRTC of CUDA {of}, such as the Python package nvidia-cuda-nvrtc-cu{of}, whose folder comes \
         first in LD_LIBRARY_PATH"
    );
    Err(Error::Device { device: "NVRTC".into(), reason })
}

/// Compiles for an architecture.
pub(super) fn compile(Text { launches, source, expressions }: &Text<'_>, arch: &str) -> Result<Compiled> {
    let text = |text: &str| CString::new(text).map_err(Error::other);
    let source = text(source)?;
    let headers = SOURCES.iter().map(|(_, source)| text(source)).collect::<Result<Vec<_>>>()?;
    let names = SOURCES.iter().map(|(name, _)| text(name)).collect::<Result<Vec<_>>>()?;
    let expressions: Vec<(String, CString)> =
        expressions.iter().map(|e| Ok((e.clone(), text(e)?))).collect::<Result<_>>()?;
    let options = options(arch).iter().map(|option| text(option)).collect::<Result<Vec<_>>>()?;
    let unit = Unit::new(&source, &headers, &names).map_err(|error| refused(arch, &error, ""))?;
    for (_, expression) in &expressions {
        // SAFETY: the unit is alive and not yet compiled, the text ends with 0.
        let added = unsafe { sys::nvrtcAddNameExpression(unit.0, expression.as_ptr()) };
        added.result().map_err(|error| refused(arch, &error, ""))?;
    }
    let pointers = pointers(&options);
    // SAFETY: the unit is alive; the options are as many as is said, and end with 0.
    let compiled = unsafe { sys::nvrtcCompileProgram(unit.0, pointers.len() as i32, pointers.as_ptr()) };
    if let Err(error) = compiled.result() {
        let log = unit.log();
        return Err(source::mistake(*launches, &log).unwrap_or_else(|| refused(arch, &error, &log)));
    }
    let failed = |error: NvrtcError| refused(arch, &error, "");
    let name = |(expression, text): &(String, CString)| Ok((expression.clone(), unit.lowered(text).map_err(failed)?));
    Ok(Compiled { names: expressions.iter().map(name).collect::<Result<_>>()?, cubin: unit.cubin().map_err(failed)? })
}

/// What NVRTC says of an architecture and a text.
fn refused(arch: &str, error: &NvrtcError, log: &str) -> Error {
    let hint = match error.0 {
        sys::nvrtcResult::NVRTC_ERROR_INVALID_OPTION => ", which a newer NVRTC may know",
        _ => "",
    };
    let reason = format!("kernels cannot be compiled for {arch}{hint}: {error}\n{log}");
    Error::Device { device: "NVRTC".into(), reason: reason.trim_end().to_owned() }
}

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).collect()
}

/// A program of NVRTC.
struct Unit(sys::nvrtcProgram);

impl Drop for Unit {
    fn drop(&mut self) {
        // SAFETY: it was created and is not used again; what this returns changes nothing.
        let _ = unsafe { sys::nvrtcDestroyProgram(&raw mut self.0) };
    }
}

impl Unit {
    /// A source and the files that it may include. NVRTC copies all of them.
    fn new(source: &CStr, headers: &[CString], names: &[CString]) -> Result<Unit, NvrtcError> {
        let mut unit = ptr::null_mut();
        let (headers, names) = (pointers(headers), pointers(names));
        let count = headers.len() as i32;
        // SAFETY: all texts end with 0 and live until the call returns; there are `count` headers and names.
        unsafe {
            sys::nvrtcCreateProgram(
                &raw mut unit,
                source.as_ptr(),
                c"program.cu".as_ptr(),
                count,
                headers.as_ptr(),
                names.as_ptr(),
            )
        }
        .result()?;
        Ok(Unit(unit))
    }

    /// What the compiler said.
    fn log(&self) -> String {
        let mut len = 0;
        // SAFETY: the unit is alive; it writes one number.
        if unsafe { sys::nvrtcGetProgramLogSize(self.0, &raw mut len) }.result().is_err() {
            return String::new();
        }
        let mut log = vec![0u8; len];
        // SAFETY: there is room for as many bytes as it said.
        if unsafe { sys::nvrtcGetProgramLog(self.0, log.as_mut_ptr().cast()) }.result().is_err() {
            return String::new();
        }
        String::from_utf8_lossy(&log).trim_end_matches('\0').to_owned()
    }

    /// The name of a kernel in the binary.
    fn lowered(&self, expression: &CStr) -> Result<String, NvrtcError> {
        let mut name = ptr::null();
        // SAFETY: the unit has been compiled with this expression; the name that it writes lives as long as the unit.
        let name = unsafe {
            sys::nvrtcGetLoweredName(self.0, expression.as_ptr(), &raw mut name).result()?;
            CStr::from_ptr(name)
        };
        Ok(name.to_string_lossy().into_owned())
    }

    /// The binary.
    fn cubin(&self) -> Result<Vec<u8>, NvrtcError> {
        let mut len = 0;
        // SAFETY: the unit has been compiled; it writes one number.
        unsafe { sys::nvrtcGetCUBINSize(self.0, &raw mut len) }.result()?;
        let mut cubin = vec![0u8; len];
        // SAFETY: there is room for as many bytes as it said.
        unsafe { sys::nvrtcGetCUBIN(self.0, cubin.as_mut_ptr().cast()) }.result()?;
        Ok(cubin)
    }
}
