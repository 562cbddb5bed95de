//! What `fit`, `evaluate` and `predict` print.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use super::Progbar;

/// Prints progress lines.
pub(crate) struct Logger {
    verbose: u8,
    epochs: usize,
    steps: usize,
    bar: Option<Progbar>,
    clock: Box<dyn FnMut() -> f64>,
    out: Box<dyn Write>,
}

impl Logger {
    /// One that prints to standard output; none if nothing is to be printed.
    pub(crate) fn new(verbose: u8, epochs: usize, steps: usize) -> Option<Logger> {
        let out = std::io::stdout();
        // A line that is drawn again and again is of no use in a file.
        let verbose = if out.is_terminal() { verbose } else { (verbose * 2).min(2) };
        let begin = Instant::now();
        let clock = Box::new(move || begin.elapsed().as_secs_f64());
        (verbose > 0).then(|| Logger::with(verbose, epochs, steps, clock, Box::new(out)))
    }

    fn with(verbose: u8, epochs: usize, steps: usize, clock: Box<dyn FnMut() -> f64>, out: Box<dyn Write>) -> Logger {
        Logger { verbose, epochs, steps, bar: None, clock, out }
    }

    /// An epoch of `fit` begins.
    pub(crate) fn epoch(&mut self, epoch: usize) {
        self.begin();
        if self.epochs > 1 {
            self.print(&format!("Epoch {}/{}\n", epoch + 1, self.epochs));
        }
    }

    /// The only line begins.
    pub(crate) fn begin(&mut self) {
        self.bar = Some(Progbar::new(Some(self.steps), self.verbose, (self.clock)()));
    }

    /// After so many batches: the time, if a line is to be drawn.
    #[inline]
    pub(crate) fn is_due(&mut self, seen: usize) -> Option<f64> {
        if self.verbose != 1 {
            return None;
        }
        let now = (self.clock)();
        self.bar.as_mut().is_some_and(|bar| bar.is_due(now, seen)).then_some(now)
    }

    /// Draws the line that is due.
    pub(crate) fn draw<'v>(&mut self, now: f64, seen: usize, figures: impl Iterator<Item = (&'v str, f64)>) {
        if let Some(mut bar) = self.bar.take() {
            self.print(bar.draw(now, seen, figures, false));
            self.bar = Some(bar);
        }
    }

    /// Ends the line.
    pub(crate) fn finish<'v>(&mut self, figures: impl Iterator<Item = (&'v str, f64)>) {
        let now = (self.clock)();
        if let Some(mut bar) = self.bar.take() {
            self.print(bar.draw(now, self.steps, figures, true));
        }
    }

    /// What cannot be printed (to a pipe that was closed, say) is no reason to end a training.
    fn print(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

#[cfg(test)]
#[path = "logger_tests.rs"]
mod tests;
