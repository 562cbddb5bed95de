//! Foretells how many people fly in a month from the twelve months before it.
//!
//!     cargo run --release --example 12_timeseries -- [folder with flights.csv: year,month,passengers]
//!
//! Without an argument the folder is `$KERAS_TEST_DATA/tabular`; without that either, the example says so and ends.

mod support;

use keras::prelude::*;

const MONTHS: usize = 12;
/// The last two years are kept back.
const TEST: usize = 24;

sequential! { struct Forecast< Input(12, 1), LSTM(32), Dense(1) >; }

fn main() -> keras::Result<()> {
    let Some(text) = support::text("tabular", "flights.csv") else {
        return Ok(());
    };
    let passengers: Vec<f32> = text.lines().filter_map(|line| line.rsplit(',').next()?.trim().parse().ok()).collect();
    // By how much each month differs from the last one that is known: growth does not matter then.
    let change = |from: f32, to: f32| 4.0 * (to / from).ln();
    let (x, y): (Vec<[[f32; 1]; MONTHS]>, Vec<[f32; 1]>) = passengers
        .windows(MONTHS + 1)
        .map(|year| {
            let last = year[MONTHS - 1];
            (std::array::from_fn(|i| [change(last, year[i])]), [change(last, year[MONTHS])])
        })
        .unzip();
    let train = x.len() - TEST;

    let mut model = Forecast::seeded(1).compile(Adam::new(0.005), MeanSquaredError::default(), ())?.seed(1);
    let history = model.fit(&x[..train], &y[..train], Fit::epochs(200).batch_size(16).verbose(0))?;
    let losses = history.get("loss");
    println!("loss: {:.4} in the first epoch, {:.4} in the last", losses[0], losses[losses.len() - 1]);

    let known = passengers.len() - TEST;
    let (mut ours, mut repeated) = (0.0, 0.0);
    for (i, [found]) in model.predict(&x[train..], 32)?.into_iter().enumerate() {
        let (last, now, year_ago) = (passengers[known + i - 1], passengers[known + i], passengers[known + i - MONTHS]);
        ours += (last * (found / 4.0).exp() - now).powi(2);
        repeated += (year_ago - now).powi(2);
    }
    let off = |sum: f32| (sum / TEST as f32).sqrt();
    println!(
        "two years not seen before: {:.1} thousand passengers off, {:.1} by the same month of the year before",
        off(ours),
        off(repeated)
    );
    Ok(())
}
