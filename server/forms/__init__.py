"""Forms: reading form-js schemas, and computing and checking on the server what people put into them.

The browser's checks are a courtesy to whoever types; what counts is decided here, in decimals.
"""

from server.forms.errors import FormError
from server.forms.form import Form
from server.forms.reader import read_form
from server.forms.submission import FieldError, Submission

__all__ = ["FieldError", "Form", "FormError", "Submission", "read_form"]
