"""What a person looks at in a browser.

``commaok.web.lab_report.write`` turns a lab ``Result`` into one self-contained HTML file.
"""
