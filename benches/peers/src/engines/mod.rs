//! The libraries, each with the works that it can do.

mod burn;
mod candle;
mod ours;
mod products;

use crate::clock::Clock;

/// What running one may say of itself when it cannot.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Times an engine.
pub fn run(engine: &str, clock: &mut Clock) -> Outcome {
    match engine {
        "ours" => ours::run(clock),
        "burn" => {
            burn::run(clock);
            Ok(())
        }
        "candle" => candle::run(clock),
        "matrixmultiply" | "gemm" | "ndarray" => {
            products::run(engine, clock);
            Ok(())
        }
        _ => Err(format!("no engine {engine}").into()),
    }
}
