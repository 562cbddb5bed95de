//! docs/benchmarks.svg: for each work a line, on it a mark for each library, by its time over the limit of one core.
//! Products have a scale of their own, since all of them are near the limit.

use std::fmt::Write;

use super::results::{Results, works};
use super::{ENGINES, OURS, label};
use crate::works::PRODUCTS;

const LEFT: f64 = 330.0;
const WIDTH: f64 = 620.0;
const TOP: f64 = 130.0;
const ROW: f64 = 40.0;
/// Below a panel: its scale, and the title of the next.
const BETWEEN: f64 = 90.0;
const TOTAL: f64 = LEFT + WIDTH + 90.0;
/// Colours and shapes that tell the libraries apart.
const LOOKS: [(&str, Shape); ENGINES.len()] = [
    ("#d62728", Shape::Dot),
    ("#e69f00", Shape::Square),
    ("#56b4e9", Shape::Square),
    ("#999999", Shape::Triangle),
    ("#444444", Shape::Diamond),
    ("#b07cc6", Shape::Triangle),
    ("#8c6d31", Shape::Diamond),
    ("#ee6a2c", Shape::Circle),
    ("#009e73", Shape::Circle),
    ("#0072b2", Shape::Triangle),
    ("#cc79a7", Shape::Diamond),
    ("#222222", Shape::Square),
];

#[derive(Clone, Copy)]
enum Shape {
    /// Larger than the others.
    Dot,
    Circle,
    Square,
    Triangle,
    Diamond,
}

/// A work in words, its marks (number of the engine, times the limit), and what stands at the right.
struct Row {
    words: &'static str,
    marks: Vec<(usize, f64)>,
    /// Ours with two threads, where that makes a difference.
    two: Option<f64>,
    ours: String,
}

/// Where multiples of the limit lie on the horizontal axis.
enum Scale {
    Logarithmic { decades: f64 },
    Linear { most: f64 },
}

impl Scale {
    fn of(rows: &[Row]) -> Scale {
        let most = rows.iter().flat_map(|row| &row.marks).map(|mark| mark.1).fold(1.0, f64::max);
        if most < 5.0 {
            Scale::Linear { most: (most * 4.0).ceil() / 4.0 + 0.1 }
        } else {
            Scale::Logarithmic { decades: most.log10().ceil() }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Scale::Logarithmic { .. } => "logarithmic",
            Scale::Linear { .. } => "linear",
        }
    }

    fn at(&self, ratio: f64) -> f64 {
        const FIRST: f64 = 0.8;
        LEFT + WIDTH
            * match self {
                Scale::Logarithmic { decades } => (ratio.max(FIRST) / FIRST).log10() / (decades - FIRST.log10()),
                Scale::Linear { most } => (ratio.max(FIRST) - FIRST) / (most - FIRST),
            }
    }

    /// Where there are lines, and whether they have a number.
    fn ticks(&self) -> Vec<(f64, bool)> {
        match *self {
            Scale::Logarithmic { decades } => {
                let power = |i: i32| 10f64.powi(i);
                let all = (0..decades as i32).flat_map(|i| (1..10).map(move |n| (f64::from(n) * power(i), n == 1)));
                all.chain([(power(decades as i32), true)]).collect()
            }
            Scale::Linear { most } => (4..=(most * 4.0) as i32).map(|i| (f64::from(i) / 4.0, i % 2 == 0)).collect(),
        }
    }
}

/// The picture.
pub fn draw(results: &Results) -> String {
    let mut svg = String::new();
    // Writing to a string does not fail.
    _ = picture(&mut svg, results);
    svg
}

fn rows(results: &Results) -> (Vec<Row>, Vec<Row>) {
    let row = |(work, words): (&'static str, _)| {
        let limit = results.limit(work, 1)?.median;
        let number = |engine| ENGINES.iter().position(|(name, _)| *name == engine);
        // One thread of ours, the best number of threads of the others, as in the table.
        let peers = results.best(work).into_iter().filter(|(engine, ..)| *engine != OURS);
        let mut marks: Vec<_> =
            peers.filter_map(|(engine, _, time)| Some((number(engine)?, time.median / limit))).collect();
        let ours = results.over_limit(work, 1)?.median;
        marks.push((0, ours));
        let two = results.time(OURS, work, 2).map(|two| two.median / limit);
        let two = two.filter(|two| (two / ours - 1.0).abs() > 0.05);
        let product = PRODUCTS.iter().any(|(_, product)| *product == work);
        Some((product, Row { words, marks, two, ours: format!("{ours:.2} ×") }))
    };
    let (products, models): (Vec<_>, Vec<_>) = works().into_iter().filter_map(row).partition(|(product, _)| *product);
    let rows = |rows: Vec<(bool, Row)>| rows.into_iter().map(|(_, row)| row).collect();
    (rows(models), rows(products))
}

fn picture(svg: &mut String, results: &Results) -> std::fmt::Result {
    let (models, products) = rows(results);
    let second = TOP + ROW * models.len() as f64 + BETWEEN;
    let height = second + ROW * products.len() as f64 + 52.0;
    writeln!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {TOTAL} {height}" width="{TOTAL}" height="{height}" font-family="sans-serif" font-size="13" fill="#222">"##
    )?;
    writeln!(svg, r##"<rect width="{TOTAL}" height="{height}" fill="#fff"/>"##)?;
    writeln!(
        svg,
        r#"<text x="16" y="26" font-size="17" font-weight="bold">Time, in multiples of the arithmetic limit of one core</text>"#
    )?;
    legend(svg, [&models, &products])?;
    panel(svg, TOP, "Models", &models)?;
    panel(svg, second, "Matrix products, one thread", &products)?;
    writeln!(svg, "</svg>")
}

fn panel(svg: &mut String, top: f64, title: &str, rows: &[Row]) -> std::fmt::Result {
    let scale = Scale::of(rows);
    let bottom = top + ROW * rows.len() as f64;
    writeln!(svg, r#"<text x="16" y="{}" font-weight="bold">{title}</text>"#, top - 10.0)?;
    let right = TOTAL - 16.0;
    writeln!(svg, r#"<text x="{right}" y="{}" text-anchor="end" font-weight="bold">keras</text>"#, top - 10.0)?;
    for i in (0..rows.len()).step_by(2) {
        let y = top + ROW * i as f64;
        writeln!(svg, r##"<rect x="0" y="{y}" width="{TOTAL}" height="{ROW}" fill="#f5f5f2"/>"##)?;
    }
    for (ratio, numbered) in scale.ticks() {
        let colour = match (ratio == 1.0, numbered) {
            (true, _) => "#222",
            (_, true) => "#c4c4be",
            (..) => "#e8e8e3",
        };
        let at = scale.at(ratio);
        writeln!(svg, r#"<line x1="{at:.1}" x2="{at:.1}" y1="{top}" y2="{bottom}" stroke="{colour}"/>"#)?;
        if numbered {
            writeln!(svg, r#"<text x="{at:.1}" y="{}" text-anchor="middle">{ratio}</text>"#, bottom + 17.0)?;
        }
    }
    let middle = LEFT + WIDTH / 2.0;
    writeln!(
        svg,
        r#"<text x="{middle}" y="{}" text-anchor="middle">times the limit ({} scale); less is better</text>"#,
        bottom + 38.0,
        scale.name()
    )?;
    for (i, row) in rows.iter().enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        writeln!(svg, r#"<text x="16" y="{:.1}">{}</text>"#, y + 4.5, row.words)?;
        if let Some(two) = row.two {
            ring(svg, scale.at(two), y)?;
        }
        for (engine, x, y) in spread(&row.marks, &scale, y) {
            mark(svg, engine, x, y)?;
        }
        writeln!(svg, r#"<text x="{right}" y="{:.1}" text-anchor="end">{}</text>"#, y + 4.5, row.ours)?;
    }
    Ok(())
}

/// Marks that would cover each other go a little up or down. Ours stays in the middle, and is drawn last.
fn spread(marks: &[(usize, f64)], scale: &Scale, middle: f64) -> Vec<(usize, f64, f64)> {
    let mut placed: Vec<(usize, f64, f64)> = Vec::new();
    let mut marks = marks.to_vec();
    marks.sort_by(|a, b| (a.0 != 0).cmp(&(b.0 != 0)).then(a.1.total_cmp(&b.1)));
    for (engine, ratio) in marks {
        let x = scale.at(ratio);
        let room = |y: f64| placed.iter().map(|mark| (mark.1 - x).abs().max((mark.2 - y).abs())).fold(12.0, f64::min);
        let lanes = [0.0, -13.0, 13.0].map(|lane| middle + lane);
        let lane = lanes.into_iter().fold(lanes[0], |best, lane| if room(lane) > room(best) { lane } else { best });
        placed.push((engine, x, lane));
    }
    placed.reverse();
    placed
}

/// Two lines of marks with their names, only those that are there.
fn legend(svg: &mut String, panels: [&[Row]; 2]) -> std::fmt::Result {
    let there = |engine: usize| panels.into_iter().flatten().any(|row| row.marks.iter().any(|mark| mark.0 == engine));
    let two = panels.into_iter().flatten().any(|row| row.two.is_some());
    let names = (0..ENGINES.len()).filter(|&engine| there(engine));
    let names =
        names.map(|engine| (Some(engine), if engine == 0 { "keras, 1 thread" } else { label(ENGINES[engine].0) }));
    for (i, (engine, name)) in names.chain(two.then_some((None, "keras, 2 threads"))).enumerate() {
        let (x, y) = (24.0 + 146.0 * (i % 7) as f64, 52.0 + 24.0 * (i / 7) as f64);
        match engine {
            Some(engine) => mark(svg, engine, x, y)?,
            None => ring(svg, x, y)?,
        }
        writeln!(svg, r#"<text x="{}" y="{}">{name}</text>"#, x + 12.0, y + 4.5)?;
    }
    Ok(())
}

/// The mark of ours with two threads.
fn ring(svg: &mut String, x: f64, y: f64) -> std::fmt::Result {
    let colour = LOOKS[0].0;
    writeln!(svg, r#"<circle cx="{x:.1}" cy="{y:.1}" r="6.5" fill="none" stroke="{colour}" stroke-width="2"/>"#)
}

fn mark(svg: &mut String, engine: usize, x: f64, y: f64) -> std::fmt::Result {
    let (colour, shape) = LOOKS[engine];
    let polygon = |points: &[(f64, f64)]| {
        let points: Vec<String> = points.iter().map(|(dx, dy)| format!("{:.1},{:.1}", x + dx, y + dy)).collect();
        format!(r#"polygon points="{}""#, points.join(" "))
    };
    let shape = match shape {
        Shape::Dot => format!(r#"circle cx="{x:.1}" cy="{y:.1}" r="7.5""#),
        Shape::Circle => format!(r#"circle cx="{x:.1}" cy="{y:.1}" r="5.8""#),
        Shape::Square => polygon(&[(-5.2, -5.2), (5.2, -5.2), (5.2, 5.2), (-5.2, 5.2)]),
        Shape::Triangle => polygon(&[(0.0, -6.8), (6.4, 4.8), (-6.4, 4.8)]),
        Shape::Diamond => polygon(&[(0.0, -6.8), (6.8, 0.0), (0.0, 6.8), (-6.8, 0.0)]),
    };
    writeln!(svg, r##"<{shape} fill="{colour}" stroke="#fff" stroke-width="0.8"/>"##)
}
