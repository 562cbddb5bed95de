//! Training, evaluation and prediction, on models that are written by hand.

mod golden;
mod models;
