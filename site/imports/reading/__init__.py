"""Reading spreadsheets: what staff have, safely, cell by cell.

``workbook.read`` opens a file in a limited child process and gives its rows; ``layout`` finds headers, totals
and notes in rows; ``normalise`` turns a cell into a number, a day, a yes or ticked choices. The child
knows no Django.
"""
