//! Against what Keras prints: tests/golden/progress.txt.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use serde_json::Value;

use super::Logger;
use crate::progress::Progbar;

fn golden() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/progress.txt");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn lines_are_those_of_keras() {
    let golden = golden();
    let mut bar = None;
    let mut lines = 0;
    for line in golden.lines() {
        if let Some(timeline) = line.strip_prefix("timeline ") {
            let (rest, verbose) = timeline.rsplit_once(", verbose ").unwrap();
            let target = rest.rsplit_once(", target ").unwrap().1;
            bar = Some(Progbar::new(target.parse().ok(), verbose.parse().unwrap(), 0.0));
        } else if line.starts_with("call") {
            bar = None;
        } else if let Some(bar) = &mut bar {
            // Seconds, step, finalize, values, text.
            let fields: Vec<Value> = serde_json::from_str(&format!("[{line}]")).unwrap();
            let values = fields[3].as_array().unwrap().iter().map(|v| (v[0].as_str().unwrap(), v[1].as_f64().unwrap()));
            let (now, step) = (fields[0].as_f64().unwrap(), fields[1].as_u64().unwrap() as usize);
            let text = bar.update(now, step, values, fields[2].as_bool().unwrap());
            assert_eq!(text, fields[4].as_str().unwrap(), "{line}");
            lines += 1;
        }
    }
    assert!(lines > 50);
}

#[derive(Clone, Default)]
struct Output(Rc<RefCell<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The figures of each line that was drawn, as the text has them.
fn figures(text: &str) -> Vec<Vec<(&str, f64)>> {
    let lines = text.split(['\r', '\n']).filter(|line| line.contains("/step"));
    let figure = |part: &str| -> Option<(usize, f64)> {
        let value = part.split_once(": ")?.1.trim_end_matches([' ', '\x08']).parse().ok()?;
        Some((part.find(": ")?, value))
    };
    lines.map(|line| line.split(" - ").filter_map(|p| figure(p).map(|(at, v)| (&p[..at], v))).collect()).collect()
}

/// Whole calls of `fit`, `evaluate` and `predict`: their lines, from the figures in them.
#[test]
fn calls_print_what_keras_prints() {
    let golden = golden();
    let mut lines = golden.lines();
    let mut calls = 0;
    while let Some(line) = lines.next() {
        let Some(call) = line.strip_prefix("call model.") else { continue };
        let expected: String = serde_json::from_str(lines.next().unwrap()).unwrap();
        let argument = |name: &str| -> Option<usize> {
            let value = call.split_once(&format!("{name}="))?.1;
            value.split([',', ')']).next()?.parse().ok()
        };
        let tick: f64 = call.split_once("), ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
        let (epochs, verbose) = (argument("epochs").unwrap_or(1), argument("verbose").unwrap());
        // Ten samples in batches of four; with a validation split of 0.2 there are eight.
        let steps = if call.contains("validation_split") { 2 } else { 3 };

        let (output, mut now) = (Output::default(), 0.0);
        let clock = move || {
            now += tick;
            now
        };
        let mut logger = Logger::with(verbose as u8, epochs, steps, Box::new(clock), Box::new(output.clone()));
        let mut drawn = figures(&expected).into_iter();
        for epoch in 0..epochs {
            if call.starts_with("fit") {
                logger.epoch(epoch)
            } else {
                logger.begin()
            }
            for step in 0..steps {
                if let Some(now) = logger.is_due(step + 1) {
                    logger.draw(now, step + 1, drawn.next().unwrap().into_iter());
                }
            }
            logger.finish(drawn.next().unwrap().into_iter());
        }
        assert_eq!(String::from_utf8(output.0.take()).unwrap(), expected, "{call}");
        calls += 1;
    }
    assert_eq!(calls, 8);
}
