"""The pages that the team writes: about the project, its rules and papers, terms, privacy.

Texts are rows of PageVersion that are only added; `seeds/` holds the texts that come with the software.
"""
