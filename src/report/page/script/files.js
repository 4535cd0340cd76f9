// The file of a submission (填报文件): JSON that `heng` reads as it is, and that this page opens again.

// The text of the file. What is right stands as numbers, flags, days and lists; what is not, as it was typed.
function fileOf(data, entry) {
  const judged = judge(data.form, entry);
  const draft = judged.found.some((found) => found.error) || judged.tables.flat().some((row) => row.found.some((found) => found.error));
  const head = { form: data.form.name, version: data.version, ...(draft ? { draft } : {}) };
  const pairs = Object.entries(head).filter(([, value]) => value != null);
  const lines = pairs.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`).join("");
  return `{\n${lines}  "rows": [\n    ${record(data.form, entry, "    ")}\n  ]\n}\n`;
}

function record(form, entry, margin = "") {
  const inner = `${margin}  `;
  const members = [];
  form.fields.forEach((field, at) => {
    if (!field.made && at >= form.whose) members.push([field.name, valueOf(field, entry.texts[at])]);
  });
  form.tables.forEach((table, at) => {
    const rows = entry.tables[at].map((row) => `${inner}  ${record(table.form, row, `${inner}  `)}`);
    members.push([table.name, rows.length ? `[\n${rows.join(",\n")}\n${inner}]` : "[]"]);
  });
  return `{\n${members.map(([name, value]) => `${inner}${JSON.stringify(name)}: ${value}`).join(",\n")}\n${margin}}`;
}

// An answer as JSON; a number keeps all its digits.
function valueOf(field, text) {
  const value = read(field, text);
  if (value === null) return "null";
  // A text, or files, may not read the same once they are tidied.
  if (value instanceof Wrong || field.kind === "text" || field.kind === "files") return JSON.stringify(text);
  if (value instanceof Chosen) return JSON.stringify(value.options);
  if (value instanceof Fraction) return typed(field, value);
  return JSON.stringify(typeof value === "boolean" ? value : String(value));
}

// The entry of a file's first submission, what it is of, which names the form does not have, how many there are; `null` where it is
// no such file.
function entryOf(data, text) {
  let content;
  try {
    JSON.parse(text);
    // Numbers as texts, so that they keep their digits.
    content = JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g, (c) => (c[0] === '"' ? c : `"${c}"`)));
  } catch {
    return null;
  }
  const rows = Array.isArray(content) ? content : content?.rows;
  const [first] = Array.isArray(rows) ? rows : [];
  if (first === null || typeof first !== "object" || Array.isArray(first)) return null;
  const unknown = [];
  const entry = entered(data.form, first, unknown);
  return { entry, unknown, of: Array.isArray(content) ? null : content.form ?? null, many: rows.length };
}

function entered(form, row, unknown) {
  const entry = emptyEntry(form);
  const asked = form.fields.map((field, at) => [field, at]).filter(([field]) => !field.made);
  for (const [name, value] of Object.entries(row)) {
    const table = form.tables.findIndex((table) => loose(table.name) === loose(name));
    if (table >= 0) {
      const rows = Array.isArray(value) ? value.filter((row) => row && typeof row === "object") : [];
      entry.tables[table] = rows.map((row) => entered(form.tables[table].form, row, unknown));
      continue;
    }
    const bare = loose(name).replace(/^\*+|\*+$/g, "").replace(/\(.*\)$/, "");
    const named = (key) => asked.find(([field]) => loose(field[key]) === loose(name)) ?? asked.find(([field]) => bare && loose(field[key]) === bare);
    const [, at] = named("name") ?? named("label") ?? [];
    if (at === undefined) unknown.push(name);
    else entry.texts[at] = textOf(form.fields[at], value);
  }
  return entry;
}

function textOf(field, value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "是" : "否";
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.length || field.kind !== "several" ? value.join("、") : NOTHING_CHOSEN;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

// Whether something is an entry of a form: what was kept may be of another one of the same name.
function isEntry(form, entry) {
  const { texts, tables } = entry ?? {};
  if (!Array.isArray(texts) || texts.length !== form.fields.length || !texts.every((text) => typeof text === "string")) return false;
  const isTable = (table, at) => Array.isArray(tables[at]) && tables[at].every((row) => isEntry(table.form, row));
  return Array.isArray(tables) && tables.length === form.tables.length && form.tables.every(isTable);
}

// What the file is called: form, subject and period, and that it is a draft as long as something is wrong.
function fileName(data, entry, draft) {
  const { form, words } = data;
  const parts = [form.name.split("/").pop(), clean(entry.texts[form.key]), form.period === null ? "" : clean(entry.texts[form.period]), draft ? words.draft : ""];
  const safe = parts.filter(Boolean).map((part) => part.replace(/[\\/:*?"<>|\u0000-\u001f]/g, "_").slice(0, 60));
  return `${safe.join("-")}.json`;
}

// The answers as one types them best.
function tidied(form, entry) {
  form.fields.forEach((field, at) => { entry.texts[at] = tidy(field, entry.texts[at] ?? ""); });
  form.tables.forEach((table, at) => entry.tables[at].forEach((row) => tidied(table.form, row)));
  return entry;
}

function tidy(field, text) {
  const value = read(field, text);
  if (value === null) return "";
  if (value instanceof Wrong || field.kind === "files") return text;
  const tidy = typed(field, value);
  // Never something that means anything else.
  return field.kind !== "text" || read(field, tidy) === value ? tidy : text;
}
