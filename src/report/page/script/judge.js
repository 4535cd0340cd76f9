// A submission (填报) as a whole: every answer read, conditions in the order in which they depend, checks, computed values.
//
// What is told has the code and the words of the reader of data files, and is found in the same order of steps.

// An entry is `{ texts, tables }`: what is typed in each field, and the entries of the rows of each table.
function emptyEntry(form) {
  return { texts: form.fields.map(() => ""), tables: form.tables.map(() => []) };
}

// What the form says of an entry: `cells` as they count, `asked` of each field (a flag or a gap), `found` in the order of the form,
// `computed` values, and the same of the rows of each table.
//
// * whose: what identifies the submission, in rows of a table.
function judge(form, entry, whose = []) {
  const found = [];
  const tell = (words, slots, more) => found.push({ ...fill(words, form.words.slots, slots), ...more });
  const texts = form.fields.map((field, at) => whose[at] ?? entry.texts[at] ?? "");
  const cells = form.fields.map((field, at) => (field.made ? MISSING : cellOf(form, at, texts[at], tell)));

  const tables = form.tables.map((table, at) => {
    const ofRow = [undefined, texts[form.key], ...(form.period === null ? [] : [texts[form.period]])];
    return entry.tables[at].map((row) => judge(table.form, row, ofRow));
  });
  // A row that a check refuses is left out.
  const taken = tables.map((rows) => rows.filter((row) => !row.refused).map((row) => row.cells));
  const where = { cells, tables: taken };

  form.fields.forEach((field, at) => {
    if (field.made?.option) cells[at] = chosen(cells, form, field.made.option);
    if (field.made?.value && isWhose(form, cells[form.key])) cells[at] = evaluate(field.made.value, where);
  });
  const asked = form.fields.map(() => true);
  // Each behind those of the fields that it reads.
  for (const at of form.conditional) {
    asked[at] = askedOf(form, at, where, tell);
  }

  let refused = false;
  form.checks.forEach((check, at) => {
    if (evaluate(check.if, where) !== false) return;
    refused ||= check.refuses;
    const values = check.fields.filter((field) => !isGap(cells[field])).map((field) => {
      return `${form.fields[field].name} = ${shown(form.fields[field], cells[field])}`;
    });
    const words = form.words.checks[at];
    const text = values.length ? `${words.text} (${values.join(form.words.between)})` : words.text;
    found.push({ ...words, text, field: null, fields: check.fields.filter((field) => !form.fields[field].made), unless: check.unless });
  });
  const computed = form.computed.map((computed) => evaluate(computed.value, where));
  return { cells, asked, found, computed, tables, refused };
}

// Whether a key is that of whom the answers of the period before are.
function isWhose(form, key) {
  return form.previous !== undefined && !isGap(key) && (typeof key === "boolean" ? (key ? "是" : "否") : String(key)) === form.previous;
}

// Whether a field with a condition is asked; what is not asked does not count, and is told where it is filled in all the same.
function askedOf(form, at, where, tell) {
  const { cells } = where;
  const [field, words] = [form.fields[at], form.words.fields[at]];
  const answer = evaluate(field.when, where);
  if (answer === true && field.required && cells[at] === MISSING) tell(words.empty, [""], { field: at, empty: true });
  if (answer === UNSAID && cells[at] !== MISSING) cells[at] = UNSAID;
  if (answer === false || answer === NOT_ASKED) {
    const instead = field.otherwise ? evaluate(field.otherwise, where) : NOT_ASKED;
    const differs = isGap(instead) || order(cells[at], instead) !== 0;
    if (!isGap(cells[at]) && !field.made && differs) tell(words.not_asked, [short(shown(field, cells[at]))], { field: at });
    cells[at] = instead;
  }
  return answer;
}

// The cell of an answer; what is wrong with it is told.
function cellOf(form, at, text, tell) {
  const [field, words] = [form.fields[at], form.words.fields[at]];
  // What says whose a row is was told of the submission.
  if (at < form.whose) tell = () => {};
  const more = { field: at };
  if (at === form.key && isTotal(text)) tell(form.words.total, [short(clean(text))], more);
  const value = read(field, text);
  if (value instanceof Wrong) {
    tell(words[value.key] ?? words.trailing, [short(clean(text)), value.thing, value.number], more);
    return UNDEFINED;
  }
  if (value === null) {
    const needed = at === form.key || at === form.period || (field.required && !field.when);
    if (needed) tell(words.empty, [""], { ...more, empty: true });
    return MISSING;
  }
  if (field.kind === "text" && looksLikeFormula(value)) tell(words.formula, [short(clean(text))], more);
  return value;
}

function chosen(cells, form, [of, place]) {
  const cell = cells[of];
  return isGap(cell) ? cell : cell.options.includes(form.fields[of].options[place]);
}

// A cell as it is shown beside a message, in the field's own terms.
function shown(field, cell) {
  if (field.factor && cell instanceof Fraction) return `${typed(field, cell)} ${field.unit}`;
  return field.kind === "percent" ? `${typed(field, cell)}%` : typed(field, cell);
}

// Words with what is known now in their slots.
function fill(words, slots, values) {
  const put = (text) => text?.replace(/[\ufdd0-\ufddf]/g, (c) => values[slots.indexOf(c)] ?? c);
  return { ...words, text: put(words.text), help: put(words.help) };
}

// Whether a text stands where a row adds up those above it (合计行).
function isTotal(text) {
  const bare = text.replace(/[:： \u3000]+$/u, "");
  if (!/[计lL]$/u.test(bare) || new TextEncoder().encode(bare).length > 60) return false;
  const word = loose(bare);
  return /(合计|总计|小计|共计)$/u.test(word) || ["total", "subtotal", "grandtotal"].includes(word);
}

// Whether a spreadsheet may take a text for a formula that does something.
function looksLikeFormula(text) {
  return /^[=+\-@＝＋－＠]/u.test(text) && /[(|!（｜]/u.test(text.slice(1));
}
