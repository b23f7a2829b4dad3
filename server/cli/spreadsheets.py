"""Tables of rows in CSV and Excel files, one row at a time, so that a file may be larger than the memory."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from server.messages import LendloomError, Message

_EXCEL_DIGITS: Final = 15
"""Excel keeps binary doubles; a number with more digits would come back as another one, so it is written as text."""

Row = Sequence[Any]


class SpreadsheetError(LendloomError):
    """A file that is no table of rows."""


def read_rows(path: Path) -> Iterator[list[Any]]:
    """The rows of a file, the headings first. Cells of a CSV file are texts, those of Excel also numbers (as int or
    Decimal), booleans, dates and times; an empty cell is None."""
    match path.suffix.lower():
        case ".csv":
            return _read_csv(path)
        case ".xlsx":
            return _read_xlsx(path)
        case _:
            raise _unknown_kind(path)


@contextmanager
def written_rows(path: Path) -> Iterator[Callable[[Row], None]]:
    """Gives a function that writes rows; the file appears when the block has ended well."""
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    match path.suffix.lower():
        case ".csv":
            # With a byte order mark Excel knows that the text is UTF-8.
            with part.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                yield lambda row: writer.writerow([_text(value) for value in row])
        case ".xlsx":
            book = Workbook(write_only=True)
            sheet = book.create_sheet("results")
            yield lambda row: sheet.append([_cell(sheet, value) for value in row])
            book.save(part)
        case _:
            raise _unknown_kind(path)
    part.replace(path)


def _read_csv(path: Path) -> Iterator[list[Any]]:
    with path.open(encoding=_encoding(path), newline="") as file:
        try:
            for row in csv.reader(file, strict=True):
                yield [text or None for text in row]
        except csv.Error as error:
            raise _broken(path, str(error)) from error


def _encoding(path: Path) -> str:
    """UTF-8, or what a Chinese Excel writes."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def _read_xlsx(path: Path) -> Iterator[list[Any]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, OSError, KeyError, ValueError) as error:
        raise _broken(path, str(error)) from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        for row in sheet.iter_rows(values_only=True) if sheet is not None else ():
            yield [_value(value) for value in row]
    finally:
        book.close()


def _value(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))
    return None if value == "" else value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        digits = len(Decimal(value).normalize().as_tuple().digits)
        if digits <= _EXCEL_DIGITS:
            return value
    elif value is None or isinstance(value, bool | dt.datetime | dt.date | dt.time):
        return value
    cell = WriteOnlyCell(sheet, _text(value))
    # A text that begins with = would otherwise become a formula.
    cell.data_type = "s"
    return cell


def _unknown_kind(path: Path) -> SpreadsheetError:
    return SpreadsheetError(
        Message(
            "cli.spreadsheet.kind",
            f"{path} 不是 .csv 或 .xlsx 文件；请另存为其中一种。",
            f"{path} is neither a .csv nor a .xlsx file; save it as one of these.",
        )
    )


def _broken(path: Path, why: str) -> SpreadsheetError:
    return SpreadsheetError(
        Message("cli.spreadsheet.broken", f"无法读取 {path}：{why}。", f"{path} cannot be read: {why}.")
    )
