"""Tests of the documentation: tutorials are followed, links and quotations are checked."""
