# Converts every workbook of a folder by pyxform, with ODK Validate where there is java; no error and no warning is let through.
import pathlib, shutil, sys
from pyxform.xls2xform import convert

java = shutil.which("java") is not None
taken = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.xlsx")):
    try:
        warnings = convert(str(path), validate=java).warnings
    except Exception as error:
        sys.exit(f"{path.name}: {error}")
    if warnings:
        sys.exit(f"{path.name}: {warnings}")
    taken += 1
print(taken, "forms taken", "by ODK Validate, too" if java else "without ODK Validate")
