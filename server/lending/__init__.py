"""The loan business: contracts, the loan book, repayments, collection cases, and the job handlers of the processes."""
