"""The course of a request: its address, the sign-in, the steps a client carries out, and what an answer means."""
