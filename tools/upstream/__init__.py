"""pydicom's own tests, run on pydcm: what existing code relies on, told by others.

The tests come with pydicom's source distribution and are fetched from the package
index each time. A test counts if it passes on pydicom in the same environment.
"""
