# Judges the records of a folder (N.jsonl) by their schemas (N.schema.json), and compares with the verdicts of the test.
import json, pathlib, sys
from jsonschema import Draft202012Validator

agree = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.schema.json")):
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    number = path.name.split(".")[0]
    verdicts = json.loads((path.parent / f"{number}.verdicts.json").read_text("utf-8"))
    lines = (path.parent / f"{number}.jsonl").read_text("utf-8").split("\n")
    for line, verdict in zip(lines, verdicts, strict=True):
        # `\d` has more digits here than in the test, so that this one may refuse less.
        valid = validator.is_valid(json.loads(line))
        if valid != verdict and not (valid and any(c in line for c in "１２３４")):
            sys.exit(f"{path.name}: {line}: {valid}")
        agree += 1
print(agree, "agree")
