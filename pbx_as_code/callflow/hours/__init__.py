"""The state of a department at a time: open, closed, break, holiday."""
