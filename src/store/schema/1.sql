-- 档案库 1: everything is only ever added. Tables in English, views in plain Chinese words.

-- 日志: each entry's hash covers the one before it.
CREATE TABLE log (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('import', 'decision', 'run')),
  detail TEXT NOT NULL CHECK (json_valid(detail)),
  previous TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
) STRICT;

-- Rule texts (规则文本), each once, by the SHA-256 of what is written in it; and the sets of them that were used together.
CREATE TABLE text (hash TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
CREATE TABLE ruleset (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE ruleset_text (
  ruleset INTEGER NOT NULL REFERENCES ruleset,
  place INTEGER NOT NULL,
  path TEXT NOT NULL,
  text TEXT NOT NULL REFERENCES text,
  PRIMARY KEY (ruleset, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE form (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- One `heng import` (导入).
CREATE TABLE import (
  id INTEGER PRIMARY KEY,
  log INTEGER NOT NULL UNIQUE REFERENCES log DEFERRABLE INITIALLY DEFERRED,
  form INTEGER NOT NULL REFERENCES form,
  title TEXT NOT NULL,
  version TEXT NOT NULL,
  ruleset INTEGER NOT NULL REFERENCES ruleset,
  engine TEXT NOT NULL
) STRICT;
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  import INTEGER NOT NULL REFERENCES import,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL
) STRICT;

-- Submissions (填报); `state` is the one that it came with, later ones are decisions.
CREATE TABLE submission (
  id INTEGER PRIMARY KEY,
  form INTEGER NOT NULL REFERENCES form,
  subject TEXT NOT NULL,
  period TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  state TEXT NOT NULL CHECK (state IN ('draft', 'submitted')),
  import INTEGER NOT NULL REFERENCES import,
  source INTEGER NOT NULL REFERENCES source,
  line INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  content TEXT NOT NULL,
  UNIQUE (form, subject, period, version)
) STRICT;
CREATE INDEX submission_in ON submission (import);
CREATE TABLE decision (
  id INTEGER PRIMARY KEY,
  log INTEGER NOT NULL REFERENCES log DEFERRABLE INITIALLY DEFERRED,
  submission INTEGER NOT NULL REFERENCES submission,
  state TEXT NOT NULL CHECK (state IN ('submitted', 'returned', 'approved')),
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX decision_of ON decision (submission);
CREATE INDEX decision_in ON decision (log);

-- Attachments (附件), each once, by the SHA-256 of its bytes.
CREATE TABLE attachment (hash TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE attached (
  submission INTEGER NOT NULL REFERENCES submission,
  field TEXT NOT NULL,
  name TEXT NOT NULL,
  attachment TEXT NOT NULL REFERENCES attachment,
  PRIMARY KEY (submission, field, name)
) STRICT, WITHOUT ROWID;

-- Runs (评价) with what they rest on and what came of them.
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  log INTEGER NOT NULL UNIQUE REFERENCES log DEFERRABLE INITIALLY DEFERRED,
  ruleset INTEGER NOT NULL REFERENCES ruleset,
  engine TEXT NOT NULL,
  rubric TEXT NOT NULL,
  title TEXT NOT NULL,
  day TEXT NOT NULL,
  period TEXT,
  lang TEXT NOT NULL,
  results TEXT NOT NULL,
  derivations TEXT NOT NULL
) STRICT;
CREATE TABLE run_submission (
  run INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
  submission INTEGER NOT NULL REFERENCES submission,
  PRIMARY KEY (run, submission)
) STRICT, WITHOUT ROWID;
CREATE TABLE result (
  run INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
  place INTEGER NOT NULL,
  rubric TEXT NOT NULL,
  level TEXT NOT NULL,
  subject TEXT NOT NULL,
  "group" TEXT NOT NULL,
  code TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL,
  value TEXT NOT NULL,
  unit TEXT NOT NULL,
  target TEXT NOT NULL,
  attainment TEXT NOT NULL,
  met TEXT NOT NULL,
  score TEXT NOT NULL,
  points TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (run, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_of ON result (subject, run);
CREATE TABLE derivation (
  run INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
  part INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (run, part)
) STRICT;

-- The state of each version now, and the version of each subject and period that counts (有效): the latest that was handed in, unless it
-- was returned; then one that was approved before.
CREATE VIEW state_now AS
SELECT id, form, subject, period, version, line, source,
  coalesce((SELECT state FROM decision WHERE submission = submission.id ORDER BY decision.id DESC LIMIT 1), state) AS state
FROM submission;
CREATE VIEW counted AS
SELECT s.id, s.form, s.subject, s.period, s.version, s.state FROM state_now AS s
WHERE s.state = 'submitted' AND NOT EXISTS (
    SELECT 1 FROM state_now AS t
    WHERE t.form = s.form AND t.subject = s.subject AND t.period = s.period AND t.version > s.version AND t.state <> 'draft')
  OR s.state = 'approved' AND NOT EXISTS (
    SELECT 1 FROM state_now AS t
    WHERE t.form = s.form AND t.subject = s.subject AND t.period = s.period AND t.version > s.version
      AND t.state IN ('submitted', 'approved'));

CREATE VIEW 填报 AS
SELECT s.id AS 填报编号, form.name AS 填报表, s.subject AS 对象代码, s.period AS 周期, s.version AS 版次,
  CASE n.state WHEN 'draft' THEN '草稿' WHEN 'submitted' THEN '已报送' WHEN 'returned' THEN '已退回' ELSE '已通过' END AS 状态,
  iif(c.id IS NULL, '否', '是') AS 有效, log.at AS 导入时间, log.who AS 导入人, source.path AS 来源文件, s.line AS 行号,
  source.hash AS 文件校验值, lower(hex(s.hash)) AS 内容校验值, s.content AS 内容
FROM submission AS s JOIN state_now AS n ON n.id = s.id JOIN form ON form.id = s.form JOIN import ON import.id = s.import
  JOIN log ON log.id = import.log JOIN source ON source.id = s.source LEFT JOIN counted AS c ON c.id = s.id;
CREATE VIEW 填报值 AS
SELECT s.id AS 填报编号, form.name AS 填报表, s.subject AS 对象代码, s.period AS 周期, s.version AS 版次, cell.key AS 填报项, cell.value AS 值
FROM submission AS s JOIN form ON form.id = s.form, json_each(s.content) AS cell;
CREATE VIEW 审核 AS
SELECT d.id AS 审核编号, s.id AS 填报编号, form.name AS 填报表, s.subject AS 对象代码, s.period AS 周期, s.version AS 版次,
  CASE d.state WHEN 'submitted' THEN '报送' WHEN 'returned' THEN '退回' ELSE '通过' END AS 结果, d.reason AS 原因,
  log.at AS 时间, log.who AS 经办人
FROM decision AS d JOIN submission AS s ON s.id = d.submission JOIN form ON form.id = s.form JOIN log ON log.id = d.log;
CREATE VIEW 评价 AS
SELECT run.id AS 评价编号, run.rubric AS 评价体系, run.title AS 标题, run.day AS 评价日, run.period AS 周期, log.at AS 时间, log.who AS 经办人,
  run.engine AS 程序版本, run.ruleset AS 规则编号, run.results AS 结果校验值
FROM run JOIN log ON log.id = run.log;
CREATE VIEW 评价结果 AS
SELECT run AS 评价编号, place AS 序号, rubric AS 评价体系, level AS 对象类别, subject AS 对象代码, "group" AS 分组, code AS 指标编号, title AS 指标,
  state AS 状态, value AS 值, unit AS 单位, target AS 目标, attainment AS 达成度, met AS 达标, score AS 得分, points AS 分值, note AS 说明
FROM result;
CREATE VIEW 评价依据 AS
SELECT r.run AS 评价编号, s.id AS 填报编号, form.name AS 填报表, s.subject AS 对象代码, s.period AS 周期, s.version AS 版次
FROM run_submission AS r JOIN submission AS s ON s.id = r.submission JOIN form ON form.id = s.form;
CREATE VIEW 规则文本 AS
SELECT r.ruleset AS 规则编号, r.path AS 路径, r.text AS 校验值, text.content AS 全文 FROM ruleset_text AS r JOIN text ON text.hash = r.text;
CREATE VIEW 日志 AS
SELECT id AS 序号, at AS 时间, who AS 经办人, CASE action WHEN 'import' THEN '导入' WHEN 'run' THEN '评价' ELSE '审核' END AS 事项, detail AS 内容,
  previous AS 前一校验值, hash AS 校验值
FROM log;

-- Nothing is changed or taken away.
CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER text_no_update BEFORE UPDATE ON text BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER text_no_delete BEFORE DELETE ON text BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER ruleset_no_update BEFORE UPDATE ON ruleset BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER ruleset_no_delete BEFORE DELETE ON ruleset BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER ruleset_text_no_update BEFORE UPDATE ON ruleset_text BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER ruleset_text_no_delete BEFORE DELETE ON ruleset_text BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER form_no_update BEFORE UPDATE ON form BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER form_no_delete BEFORE DELETE ON form BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER import_no_update BEFORE UPDATE ON import BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER import_no_delete BEFORE DELETE ON import BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER source_no_update BEFORE UPDATE ON source BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER source_no_delete BEFORE DELETE ON source BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER submission_no_update BEFORE UPDATE ON submission BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER submission_no_delete BEFORE DELETE ON submission BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER attachment_no_update BEFORE UPDATE ON attachment BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER attachment_no_delete BEFORE DELETE ON attachment BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER attached_no_update BEFORE UPDATE ON attached BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER attached_no_delete BEFORE DELETE ON attached BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER run_no_update BEFORE UPDATE ON run BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER run_no_delete BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER run_submission_no_update BEFORE UPDATE ON run_submission BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER run_submission_no_delete BEFORE DELETE ON run_submission BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER result_no_update BEFORE UPDATE ON result BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER result_no_delete BEFORE DELETE ON result BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER derivation_no_update BEFORE UPDATE ON derivation BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
CREATE TRIGGER derivation_no_delete BEFORE DELETE ON derivation BEGIN SELECT RAISE(ABORT, '档案只增不改 (nothing in an archive is changed)'); END;
