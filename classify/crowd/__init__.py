"""What many answers together say: numbers in, numbers out. No database, no clock, no random number that was not asked for.

Answers are whole numbers 0..K-1 with K from 2 to 8; which of them means what stands in the policy of a workflow. NumPy and SciPy
only (`marks` also scikit-learn), so that a result can be computed again from an export on any machine.
"""
