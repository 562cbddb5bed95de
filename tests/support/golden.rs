//! Numbers of real Keras, from the JSON files in tests/golden.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use serde_json::Value;

/// One case of a file.
#[derive(Clone, Copy)]
pub(crate) struct Case(&'static Value);

/// All cases of a file, in order of their names.
pub(crate) fn file(name: &str) -> Vec<(&'static str, Case)> {
    static FILES: OnceLock<Mutex<HashMap<String, &'static Value>>> = OnceLock::new();
    let mut files = FILES.get_or_init(Mutex::default).lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let value = *files.entry(name.to_string()).or_insert_with(|| {
        let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        Box::leak(Box::new(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))))
    });
    value["cases"].as_object().unwrap().iter().map(|(name, case)| (name.as_str(), Case(case))).collect()
}

/// One case of a file.
pub(crate) fn case(file_name: &str, name: &str) -> Case {
    file(file_name).into_iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no case {name} in {file_name}")).1
}

/// The files with cases of layers.
const LAYERS: [&str; 14] = [
    "attention",
    "cells",
    "layers",
    "convolution",
    "drawn",
    "einsum",
    "lora",
    "normalization",
    "precision",
    "recurrent",
    "sequence",
    "spatial",
    "spectral",
    "ternary",
];

/// The cases `<name>_b<digits>` of a layer or model.
pub(crate) fn batches(name: &str) -> Vec<(&'static str, Case)> {
    let matches = |case: &str| {
        case.strip_prefix(name)
            .and_then(|rest| rest.strip_prefix("_b"))
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let cases: Vec<_> = LAYERS.into_iter().flat_map(file).filter(|(case, _)| matches(case)).collect();
    assert!(!cases.is_empty(), "no case {name}_b… in {LAYERS:?}");
    cases
}

impl Case {
    /// A tensor's numbers, or nothing if the case does not have it.
    pub(crate) fn get(self, field: &str) -> Option<Vec<f64>> {
        let value = self.0.get(field)?;
        if let Some(number) = value.as_f64() {
            return Some(vec![number]);
        }
        let data = value.get("data")?.as_array()?;
        Some(data.iter().map(|x| x.as_f64().unwrap()).collect())
    }

    /// A tensor's numbers.
    pub(crate) fn tensor(self, field: &str) -> Vec<f64> {
        self.get(field).unwrap_or_else(|| panic!("no field {field} in this case"))
    }

    /// A tensor's numbers in f32.
    pub(crate) fn tensor32(self, field: &str) -> Vec<f32> {
        self.tensor(field).into_iter().map(|x| x as f32).collect()
    }

    /// A scalar.
    pub(crate) fn number(self, field: &str) -> Option<f64> {
        self.0.get(field)?.as_f64()
    }

    /// `x`, or `x0`, `x1`, …
    pub(crate) fn list(self, field: &str) -> Vec<Vec<f64>> {
        match self.get(field) {
            Some(only) => vec![only],
            None => (0..).map_while(|i| self.get(&format!("{field}{i}"))).collect(),
        }
    }

    /// Rows of the batch.
    pub(crate) fn rows(self) -> usize {
        let x = self.0.get("x").or_else(|| self.0.get("x0")).unwrap();
        x["shape"][0].as_u64().unwrap() as usize
    }
}
