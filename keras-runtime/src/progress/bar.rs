//! The text of a progress line.

use std::fmt::Write;

use super::figure;

/// How many cells the bar has.
const WIDTH: usize = 20;
/// A line is drawn again after so many seconds at the earliest.
const INTERVAL: f64 = 0.05;

/// A progress line: `3/10 ━━━━━━━━━━━━━━━━━━━━ 0s 2ms/step - accuracy: 0.5000 - loss: 2.3026`.
///
/// It makes the text and leaves the clock and the writing to its owner.
///
/// ```
/// use keras_runtime::progress::Progbar;
/// let mut bar = Progbar::new(Some(4), 2, 0.0);
/// let text = bar.update(0.4, 4, [("loss", 0.25)], true);
/// assert_eq!(text, "4/4 - 0s - 100ms/step - loss: 0.2500\n");
/// ```
#[derive(Clone, Debug)]
pub struct Progbar {
    target: Option<usize>,
    verbose: u8,
    start: f64,
    after_first: Option<f64>,
    last_update: Option<f64>,
    /// Visible width of the last line.
    width: usize,
    /// In the order in which they first came.
    values: Vec<(String, f64)>,
    text: String,
}

impl Progbar {
    /// A line for `target` steps that begins at a time in seconds. `verbose` is 1 for a line that is drawn again and
    /// again, 2 for a single one at the end.
    #[must_use]
    pub fn new(target: Option<usize>, verbose: u8, start: f64) -> Progbar {
        Progbar {
            target,
            verbose,
            start,
            after_first: None,
            last_update: None,
            width: 0,
            values: Vec::new(),
            text: String::new(),
        }
    }

    /// What to write after step `current`, at the time `now` in seconds, with the figures so far. Nothing if the last
    /// line is too young; `finalize` draws in any case and ends the line.
    pub fn update<'v>(
        &mut self,
        now: f64,
        current: usize,
        values: impl IntoIterator<Item = (&'v str, f64)>,
        finalize: bool,
    ) -> &str {
        if self.is_due(now, current) || finalize { self.draw(now, current, values, finalize) } else { "" }
    }

    /// Whether a line is to be drawn. It must be asked after the first step, whose time is left out of the others'.
    pub(crate) fn is_due(&mut self, now: f64, current: usize) -> bool {
        let due = self.verbose == 1 && self.last_update.is_none_or(|last| now - last >= INTERVAL);
        if current == 1 && !due {
            self.after_first = Some(now);
        }
        due
    }

    pub(crate) fn draw<'v>(
        &mut self,
        now: f64,
        current: usize,
        values: impl IntoIterator<Item = (&'v str, f64)>,
        finalize: bool,
    ) -> &str {
        for (name, value) in values {
            match self.values.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = value,
                None => self.values.push((name.to_owned(), value)),
            }
        }
        let step = self.step_time(now, current);
        self.text.clear();
        match (self.verbose, finalize, self.target) {
            (1, ..) => self.line(now, current, step, finalize),
            (_, true, Some(target)) => self.closing(now, current, target, step),
            _ => {}
        }
        self.last_update = Some(now);
        &self.text
    }

    /// Seconds that a step takes.
    fn step_time(&mut self, now: f64, current: usize) -> f64 {
        let time = match self.after_first {
            _ if current == 0 => return 0.0,
            Some(after_first) if current > 1 => (now - after_first) / (current - 1) as f64,
            _ => (now - self.start) / current as f64,
        };
        if current == 1 {
            self.after_first = Some(now);
        }
        time
    }

    fn line(&mut self, now: f64, current: usize, step: f64, finalize: bool) {
        let (text, elapsed) = (&mut self.text, now - self.start);
        // What is not seen: escape sequences.
        let mut hidden = 0;
        let mut put = |text: &mut String, escape: &str, visible: &str| {
            if escape.is_empty() {
                text.push_str(visible);
            } else {
                let _ = write!(text, "{escape}{visible}\x1b[0m");
                hidden += escape.len() + 4;
            }
        };
        let begin = self.width + 1;
        text.extend(std::iter::repeat_n('\x08', self.width));
        text.push('\r');
        match self.target {
            Some(target) => {
                let digits = target.checked_ilog10().unwrap_or(0) as usize + 1;
                put(text, "\x1b[1m", &format!("{current:digits$}/{target}"));
                text.push(' ');
                let done = WIDTH * current / target.max(1);
                if done > 0 {
                    put(text, "\x1b[32m", &"━".repeat(done));
                }
                put(text, "\x1b[37m", &"━".repeat(WIDTH.saturating_sub(done)));
            }
            None => put(text, "", &format!("{current:7}/Unknown")),
        }
        text.push(' ');
        match self.target {
            Some(target) if !finalize => {
                put(text, "\x1b[1m", &remaining(step * (target as f64 - current as f64)));
            }
            _ => put(text, "\x1b[1m", &format!("{elapsed:.0}s")),
        }
        write_step_time(text, step);
        for (name, value) in &self.values {
            let _ = write!(text, " - {name}: {}", figure(*value, value.abs()));
        }
        let width = text.chars().count() - begin - hidden;
        text.extend(std::iter::repeat_n(' ', self.width.saturating_sub(width)));
        self.width = width;
        if finalize {
            text.push('\n');
        }
    }

    fn closing(&mut self, now: f64, current: usize, target: usize, step: f64) {
        let (text, elapsed) = (&mut self.text, now - self.start);
        let digits = target.checked_ilog10().unwrap_or(0) as usize + 1;
        let _ = write!(text, "{current:digits$}/{target} - {elapsed:.0}s -");
        write_step_time(text, step);
        for (name, value) in &self.values {
            // Unlike the other line this one does not take the absolute value, so negative figures have exponents.
            let _ = write!(text, " - {name}: {}", figure(*value, *value));
        }
        text.push('\n');
    }
}

/// `8s`, `1:05`, `1:02:03`.
fn remaining(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let (hours, minutes, rest) = (whole / 3600, whole % 3600 / 60, whole % 60);
    if seconds > 3600.0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else if seconds > 60.0 {
        format!("{}:{rest:02}", whole / 60)
    } else {
        format!("{whole}s")
    }
}

fn write_step_time(text: &mut String, seconds: f64) {
    let _ = if seconds >= 1.0 || seconds == 0.0 {
        write!(text, " {seconds:.0}s/step")
    } else if seconds >= 1e-3 {
        write!(text, " {:.0}ms/step", seconds * 1e3)
    } else {
        write!(text, " {:.0}us/step", seconds * 1e6)
    };
}
