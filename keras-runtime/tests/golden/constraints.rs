use std::cell::Cell;

use keras_runtime::constraint::project;
use keras_runtime::model::graph::Constraint;

use crate::file::{Case, each_case};

#[test]
fn projections() {
    let checked = Cell::new(0);
    let test = |case: &Case| {
        if !case.name.starts_with("constraint_") {
            return;
        }
        let call = case.call("keras.constraints.");
        // A number, or a list of them.
        let axes = case.python().split_once("axis=").map_or("0", |(_, rest)| rest.split([']', ')']).next().unwrap());
        let axes = axes.trim_start_matches('[').split(',').map(|axis| axis.trim().parse().unwrap());
        let axis: &'static [i32] = Vec::leak(axes.collect());
        let constraint = match call.class.as_str() {
            "MaxNorm" => Constraint::MaxNorm { max_value: call.float("0").unwrap_or(2.0), axis },
            "NonNeg" => Constraint::NonNeg,
            "UnitNorm" => Constraint::UnitNorm { axis },
            "MinMaxNorm" => Constraint::MinMaxNorm {
                min_value: call.float("0").unwrap_or(0.0),
                max_value: call.float("1").unwrap_or(1.0),
                rate: call.float("rate").unwrap_or(1.0),
                axis,
            },
            other => panic!("no constraint {other}"),
        };
        let mut weights = case.floats("before");
        project(&constraint, &case.shape("before"), &mut weights);
        case.check("the weights", "after", &weights);
        checked.set(checked.get() + 1);
    };
    each_case("layers", test);
    each_case("spatial", test);
    assert!(checked.get() > 20);
}
