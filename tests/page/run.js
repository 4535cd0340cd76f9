// Runs the engine of a page alone: reads entries from a file, writes what the page makes of each.

const fs = require("node:fs");
const vm = require("node:vm");

const [, , page, entries] = process.argv;
const html = fs.readFileSync(page, "utf8");
const part = (open) => html.split(open)[1].split("</script>")[0];
const data = JSON.parse(part('<script type="application/json" id="data">'));
vm.runInThisContext(`${part('<script id="engine">')}\nglobalThis.heng = { judge, fileOf, entryOf, emptyEntry, tidied, isGap };`);
const { judge, fileOf, entryOf, emptyEntry, tidied, isGap } = globalThis.heng;

// Entries come by the names of fields; rows of tables beside them.
function entryFrom(form, { texts, tables }) {
  const entry = emptyEntry(form);
  form.fields.forEach((field, at) => { entry.texts[at] = texts[field.name] ?? ""; });
  form.tables.forEach((table, at) => { entry.tables[at] = (tables?.[table.name] ?? []).map((row) => entryFrom(table.form, row)); });
  return entry;
}

function told(form, judged) {
  const found = judged.found.map(({ code, text, field }) => [code, field === null ? "" : form.fields[field].name, text]);
  const rows = judged.tables.flatMap((rows, at) => rows.flatMap((row) => told(form.tables[at].form, row).found));
  const computed = judged.computed.map((cell) => (isGap(cell) ? null : typeof cell === "boolean" ? (cell ? "是" : "否") : String(cell)));
  return { found: [...found, ...rows], computed };
}

const results = JSON.parse(fs.readFileSync(entries, "utf8")).map((given) => {
  const entry = entryFrom(data.form, given);
  const first = told(data.form, judge(data.form, entry));
  const file = fileOf(data, entry);
  // Tidied, saved and opened again it means the same.
  const tidy = tidied(data.form, structuredClone(entry));
  const again = entryOf(data, fileOf(data, tidy));
  const opened = told(data.form, judge(data.form, tidied(data.form, again.entry)));
  return { ...first, file, tidy: fileOf(data, tidy), opened: opened.computed, openedFound: opened.found.length, unknown: again.unknown };
});
process.stdout.write(JSON.stringify(results));
