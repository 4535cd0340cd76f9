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
/// The longest number that a script may hold, in bits of numerator and denominator together.
pub const MOST_BITS: usize = 20_000;
/// The longest text or list that a script may build.
pub const LONGEST: usize = 10_000;

/// The functions that a script may call besides its own: those of numbers, in both languages, and rhai's of texts, lists
/// and maps. `eval::script` registers them; a test there calls each of the first.
pub const FUNCTIONS: &[&str] = &[
    "abs",
    "绝对值",
    "floor",
    "去尾",
    "ceil",
    "进一",
    "round",
    "四舍五入",
    "min",
    "最小",
    "max",
    "最大",
    "filled",
    "已填",
    // of rhai itself
    "all",
    "append",
    "bits",
    "bytes",
    "call",
    "chars",
    "chop",
    "clear",
    "contains",
    "crop",
    "curry",
    "debug",
    "dedup",
    "drain",
    "end",
    "ends_with",
    "extract",
    "fill_with",
    "filter",
    "find",
    "find_map",
    "for_each",
    "get",
    "index_of",
    "insert",
    "is_def_fn",
    "is_def_var",
    "is_empty",
    "is_exclusive",
    "is_inclusive",
    "keys",
    "len",
    "make_lower",
    "make_upper",
    "map",
    "mixin",
    "order",
    "order_by",
    "order_desc",
    "pad",
    "pop",
    "print",
    "push",
    "range",
    "reduce",
    "reduce_rev",
    "remove",
    "replace",
    "retain",
    "reverse",
    "set",
    "shift",
    "some",
    "sort",
    "sort_by",
    "sort_desc",
    "splice",
    "split",
    "split_rev",
    "start",
    "starts_with",
    "sub_string",
    "to_binary",
    "to_blob",
    "to_chars",
    "to_debug",
    "to_hex",
    "to_int",
    "to_json",
    "to_lower",
    "to_octal",
    "to_string",
    "to_upper",
    "trim",
    "truncate",
    "type_of",
    "values",
    "zip",
    "Fn",
];

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
