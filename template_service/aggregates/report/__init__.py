"""The reports of a PCN: charts, infographic, slides, workbook and CSVW, all from tidy figures."""
