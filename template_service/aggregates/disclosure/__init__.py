"""The attacker every release must withstand: what published counts betray of the cells beneath.

`published` says what an attacker sees and may infer of each figure, `attack` finds out what follows
for every cell beneath, `differencing` plays the game of finding one person by many questions.
Only `membership` knows how counts are rounded: it plays that game against our own rounding.
"""
