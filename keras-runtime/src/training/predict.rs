//! `predict` with callbacks and a progress line.

use super::hooks::Hooks;
use super::options::{check_positive, check_verbose};
use super::{Predicting, rows};
use crate::Result;
use crate::compile::Compiled;
use crate::model::{Model, Samples};
use crate::optimizer::Optimizer;
use crate::predict::infer;
use crate::progress::Logger;

impl<M, O, L, Ms, Ws> Compiled<M, O, L, Ms, Ws>
where
    M: Model,
    O: Optimizer,
{
    /// The predictions for many samples, with callbacks and a progress line; without them there is
    /// [`Predict::predict`](crate::Predict::predict). With [`Predicting::steps`] it gives only those of so many batches.
    ///
    /// # Errors
    /// If there are no samples or inputs differ in length; if an argument makes no sense; or if a callback fails.
    pub fn predict_with<'a>(
        &mut self,
        x: <M::Input as Samples>::Batch<'_>,
        options: impl Into<Predicting<'a>>,
    ) -> Result<<M::Output as Samples>::Vecs> {
        let Predicting { batch_size, verbose, callbacks, steps } = options.into();
        check_verbose(verbose)?;
        check_positive("steps", steps)?;
        check_positive("batch_size", Some(batch_size))?;
        let rows = rows::<M::Input>("predict", M::GRAPH, x)?;
        let steps = steps.unwrap_or(usize::MAX).min(rows.div_ceil(batch_size));
        let rows = rows.min(steps * batch_size);
        let mut y = M::Output::zeros(rows);
        let mut hooks = Hooks::new(callbacks, false, 1, steps);
        let mut progress = Logger::new(verbose, 1, steps);
        if let Some(progress) = &mut progress {
            progress.begin();
        }
        self.call(&mut hooks, &mut |c, t, _| c.on_predict_begin(t))?;
        for step in 0..steps {
            self.call(&mut hooks, &mut |c, t, _| c.on_predict_batch_begin(t, step))?;
            let batch = step * batch_size..rows.min((step + 1) * batch_size);
            infer::<M>(&self.model, x, batch, &mut M::Output::batch_mut(&mut y), batch_size);
            self.call(&mut hooks, &mut |c, t, _| c.on_predict_batch_end(t, step))?;
            if let Some(progress) = &mut progress
                && let Some(now) = progress.is_due(step + 1)
            {
                progress.draw(now, step + 1, std::iter::empty());
            }
        }
        self.call(&mut hooks, &mut |c, t, _| c.on_predict_end(t))?;
        if let Some(progress) = &mut progress {
            progress.finish(std::iter::empty());
        }
        Ok(y)
    }
}
