//! The files of golden numbers, and the lines of Python in them.

use serde_json::{Map, Value};

/// Runs a test on each case of `tests/golden/<name>.json`.
pub(crate) fn each_case(name: &str, mut test: impl FnMut(&Case)) {
    let path = format!("{}/../tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let file: Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_object().unwrap();
    assert!(!cases.is_empty());
    for (name, fields) in cases {
        test(&Case { name: name.clone(), fields: fields.as_object().unwrap().clone() });
    }
}

/// One case.
pub(crate) struct Case {
    pub(crate) name: String,
    fields: Map<String, Value>,
}

impl Case {
    pub(crate) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    pub(crate) fn python(&self) -> &str {
        self.fields["python"].as_str().unwrap()
    }

    pub(crate) fn number(&self, field: &str) -> f64 {
        self.fields[field].as_f64().unwrap_or_else(|| panic!("{}: {field}", self.name))
    }

    fn data(&self, field: &str) -> Vec<f64> {
        let values = self.fields[field]["data"].as_array().unwrap_or_else(|| panic!("{}: {field}", self.name));
        values.iter().map(|v| v.as_f64().unwrap()).collect()
    }

    pub(crate) fn shape(&self, field: &str) -> Vec<usize> {
        let dims = self.fields[field]["shape"].as_array().unwrap();
        dims.iter().map(|d| d.as_u64().unwrap() as usize).collect()
    }

    /// A tensor that is exact in `f32`.
    pub(crate) fn floats(&self, field: &str) -> Vec<f32> {
        self.data(field).iter().map(|&v| v as f32).collect()
    }

    pub(crate) fn labels(&self, field: &str) -> Vec<u32> {
        self.data(field).iter().map(|&v| v as u32).collect()
    }

    /// Compares a tensor or a number with Keras's: the largest error is at most 1e-5 of the largest value.
    pub(crate) fn check(&self, what: &str, field: &str, ours: &[f32]) {
        let keras = if self.fields[field].is_object() { self.data(field) } else { vec![self.number(field)] };
        assert_eq!(ours.len(), keras.len(), "{}: {what}", self.name);
        let largest = keras.iter().fold(0.0, |max: f64, v| max.max(v.abs()));
        for (i, (&ours, keras)) in ours.iter().zip(&keras).enumerate() {
            let error = (f64::from(ours) - keras).abs();
            assert!(
                error <= 1e-5 * largest,
                "{}: {what}[{i}] is {ours}, in Keras {keras} (largest {largest})\n{}",
                self.name,
                self.python()
            );
        }
    }

    /// The first call in the Python line of something in a module: `keras.optimizers.SGD(0.1, momentum=0.9)`.
    pub(crate) fn call(&self, module: &str) -> Call {
        let (_, rest) = self.python().split_once(module).unwrap_or_else(|| panic!("{}", self.python()));
        let (class, rest) = rest.split_once('(').unwrap();
        let (arguments, _) = rest.split_once(')').unwrap();
        let arguments = arguments.split(',').map(str::trim).filter(|a| !a.is_empty());
        let arguments = arguments.enumerate().map(|(i, argument)| match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (i.to_string(), argument.to_owned()),
        });
        Call { class: class.to_owned(), arguments: arguments.collect() }
    }
}

/// A call in Python. Positional arguments are named by their position.
pub(crate) struct Call {
    pub(crate) class: String,
    pub(crate) arguments: Vec<(String, String)>,
}

impl Call {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn float(&self, name: &str) -> Option<f32> {
        self.get(name).map(|value| value.parse().unwrap())
    }

    pub(crate) fn truth(&self, name: &str) -> bool {
        self.get(name) == Some("True")
    }
}
