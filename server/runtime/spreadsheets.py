"""Tables of rows in CSV and Excel files, one row at a time, so that a file may be larger than the memory."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from io import TextIOWrapper
from pathlib import PurePath
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from server.messages import Message

from .errors import Refused

_EXCEL_DIGITS: Final = 15
"""Excel keeps binary doubles; a number with more digits would come back as another one, so it is written as text."""

_BROKEN_EXCEL: Final = (
    InvalidFileException,
    BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,  # that of XML
    RuntimeError,  # an archive with a password
)
"""What openpyxl may come upon in a file that only pretends to be one of Excel."""

Row = Sequence[Any]


class SheetKind(StrEnum):
    """The kinds of files that hold tables, by the ending of their names."""

    CSV = "csv"
    XLSX = "xlsx"


class SpreadsheetError(Refused):
    """A file that is no table of rows."""


def kind_of(name: str) -> SheetKind:
    """The kind of the file with this name."""
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in tuple(SheetKind):
        raise SpreadsheetError(
            Message(
                "spreadsheet.kind",
                f"{name} 不是 .csv 或 .xlsx 文件；请另存为其中一种。",
                f"{name} is neither a .csv nor a .xlsx file; save it as one of these.",
            )
        )
    return SheetKind(ending)


def read_rows(file: IO[bytes], name: str, *, largest: int | None = None) -> Iterator[list[Any]]:
    """The rows of a file, the headings first. Cells of a CSV file are texts, those of Excel also numbers (as int or
    Decimal), booleans, dates and times; an empty cell is None.

    An Excel file is packed: ``largest`` says how many bytes it may hold unpacked.
    """
    if kind_of(name) is SheetKind.CSV:
        return _read_csv(file, name)
    return _read_xlsx(file, name, largest)


@contextmanager
def written_rows(file: IO[bytes], kind: SheetKind) -> Iterator[Callable[[Row], None]]:
    """Gives a function that writes rows; the file is complete when the block has ended well."""
    if kind is SheetKind.CSV:
        # With a byte order mark Excel knows that the text is UTF-8.
        text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
        writer = csv.writer(text)
        yield lambda row: writer.writerow([_text(value) for value in row])
        text.detach()
    else:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("results")
        yield lambda row: sheet.append([_cell(sheet, value) for value in row])
        book.save(file)


def _read_csv(file: IO[bytes], name: str) -> Iterator[list[Any]]:
    text = TextIOWrapper(file, encoding=_encoding(file), newline="")
    try:
        for row in csv.reader(text, strict=True):
            yield [cell or None for cell in row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise _broken(name, str(error)) from error
    finally:
        # The file is the caller's: left open here, and perhaps closed before the rows were read to their end.
        if not file.closed:
            text.detach()


def _encoding(file: IO[bytes]) -> str:
    """UTF-8, or what a Chinese Excel writes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    finally:
        file.seek(0)
    return "utf-8-sig"


def _read_xlsx(file: IO[bytes], name: str, largest: int | None) -> Iterator[list[Any]]:
    try:
        with ZipFile(file) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if largest is not None and unpacked > largest:
            raise _too_large(name, largest)
        book = load_workbook(file, read_only=True, data_only=True)
    except _BROKEN_EXCEL as error:
        raise _broken(name, str(error)) from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is not None:
            # What a sheet says of its size may be wrong, and is believed for every row.
            sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True) if sheet is not None else ():
            yield [_value(value) for value in row]
    except _BROKEN_EXCEL as error:
        raise _broken(name, str(error)) from error
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


def _broken(name: str, why: str) -> SpreadsheetError:
    return SpreadsheetError(
        Message("spreadsheet.broken", f"无法读取 {name}：{why}。", f"{name} cannot be read: {why}.")
    )


def _too_large(name: str, largest: int) -> SpreadsheetError:
    size = f"{largest // (1 << 20)} MiB"
    return SpreadsheetError(
        Message(
            "spreadsheet.too-large",
            f"{name} 解压后超过 {size}；请分成几个文件。",
            f"{name} holds more than {size} unpacked; send it in parts.",
        )
    )
