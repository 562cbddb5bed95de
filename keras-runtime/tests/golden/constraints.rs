use keras_runtime::constraint::project;
use keras_runtime::model::graph::Constraint;

use crate::file::each_case;

#[test]
fn projections() {
    let mut checked = 0;
    each_case("layers", |case| {
        // Norms over several dimensions at once have no counterpart here.
        if !case.name.starts_with("constraint_") || case.python().contains("axis=[") {
            return;
        }
        let call = case.call("keras.constraints.");
        let axis = call.get("axis").map_or(0, |axis| axis.parse().unwrap());
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
        checked += 1;
    });
    assert!(checked > 10);
}
