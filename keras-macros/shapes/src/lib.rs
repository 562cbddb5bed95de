//! Shape rules, memory planner and messages of keras, as const fn.
