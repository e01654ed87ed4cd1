"""`make demo`: five removals from a simulated phone system, step by step, each step checked."""
