"""What makes a PBX be as its files declare it: comparing, ordering, consent, and how a plan is shown and kept."""
