//! Tables as the Python library `rich` draws them, which Keras draws its summaries with.

/// Draws a table of `length` characters' width whose columns end at `positions`, as shares of it. The third column is
/// aligned to the right, and `Trainable` is centred.
pub(super) fn draw(text: &mut String, header: &[&str], positions: &[f64], length: usize, rows: &[Vec<String>]) {
    let columns: Vec<Column> = header
        .iter()
        .zip(widths(positions, length))
        .enumerate()
        .map(|(i, (&name, width))| {
            let align = match (i, name) {
                (2, _) => Align::Right,
                (_, "Trainable") => Align::Centre,
                _ => Align::Left,
            };
            Column { width, align }
        })
        .collect();
    let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
    rule(text, &columns, ['┏', '┳', '┓'], '━');
    row(text, &columns, &header, '┃');
    rule(text, &columns, ['┡', '╇', '┩'], '━');
    for (i, cells) in rows.iter().enumerate() {
        if i > 0 {
            rule(text, &columns, ['├', '┼', '┤'], '─');
        }
        row(text, &columns, cells, '│');
    }
    rule(text, &columns, ['└', '┴', '┘'], '─');
}

struct Column {
    /// Characters of text; a space on either side comes in addition.
    width: usize,
    align: Align,
}

enum Align {
    Left,
    Right,
    Centre,
}

/// The widths that Keras asks for leave no room for borders and spaces; `rich` takes what is missing from all columns
/// evenly.
fn widths(positions: &[f64], length: usize) -> Vec<usize> {
    let ends: Vec<usize> = positions.iter().map(|p| (p * length as f64) as usize).collect();
    let begins = core::iter::once(0).chain(ends.iter().copied());
    let borders = ends.len() + 1;
    let mut missing = ends.last().map_or(0, |end| end + 2 * ends.len() + borders).saturating_sub(length);
    let mut columns = ends.len();
    let mut widths = Vec::new();
    for (begin, end) in begins.zip(&ends) {
        let less = (missing as f64 / columns as f64).round_ties_even() as usize;
        missing -= less;
        columns -= 1;
        widths.push((end - begin).saturating_sub(less));
    }
    widths
}

fn rule(text: &mut String, columns: &[Column], [left, between, right]: [char; 3], line: char) {
    for (i, column) in columns.iter().enumerate() {
        text.push(if i == 0 { left } else { between });
        text.extend(core::iter::repeat_n(line, column.width + 2));
    }
    text.push(right);
    text.push('\n');
}

fn row(text: &mut String, columns: &[Column], cells: &[String], bar: char) {
    let cells: Vec<Vec<String>> = cells.iter().zip(columns).map(|(cell, column)| wrap(cell, column.width)).collect();
    for i in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
        for (lines, Column { width, align }) in cells.iter().zip(columns) {
            let line = lines.get(i).map_or("", String::as_str);
            text.push(bar);
            text.push(' ');
            text.push_str(&match align {
                Align::Left => format!("{line:<width$}"),
                Align::Right => format!("{line:>width$}"),
                Align::Centre => format!("{line:^width$}"),
            });
            text.push(' ');
        }
        text.push(bar);
        text.push('\n');
    }
}

/// The lines of a cell. Words that are too long for a line lose their ends.
fn wrap(cell: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in cell.split_inclusive(' ') {
        let len = word.trim_end().chars().count();
        if used > 0 && used + len > width {
            lines.push(String::new());
            used = 0;
        }
        used += word.chars().count();
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    for line in &mut lines {
        *line = line.trim_end().to_owned();
        if line.chars().count() > width {
            *line = line.chars().take(width.saturating_sub(1)).chain(['…']).collect();
        }
    }
    lines
}
