//! The reader of rhai scripts (脚本) and its limits, the same for checking and for running.

use rhai::{Engine, OptimizationLevel};

/// The most operations that one script may take for one subject.
pub const MOST_OPERATIONS: u64 = 20_000;
/// How deep expressions of a script may nest.
pub const DEEPEST_EXPRESSION: usize = 48;
/// How deep functions may call each other.
pub const DEEPEST_CALL: usize = 16;
/// The most digits of a number written in a script.
pub const MOST_DIGITS: usize = 28;
/// The longest text or list that a script may build.
pub const LONGEST: usize = 10_000;

/// A bare engine: it reads scripts, without a single function, module or way to the outside.
pub fn reader() -> Engine {
    let mut engine = Engine::new_raw();
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_max_operations(MOST_OPERATIONS)
        .set_max_expr_depths(DEEPEST_EXPRESSION, DEEPEST_EXPRESSION)
        .set_max_call_levels(DEEPEST_CALL)
        .set_max_variables(200)
        .set_max_functions(50)
        .set_max_string_size(LONGEST)
        .set_max_array_size(LONGEST)
        .set_max_map_size(LONGEST)
        .set_fast_operators(false)
        .set_allow_shadowing(true)
        .set_strict_variables(false);
    engine.disable_symbol("eval").disable_symbol("import").disable_symbol("export");
    engine
}
