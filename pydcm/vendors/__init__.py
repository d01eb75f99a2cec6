"""What scanners' makers write into private elements.

One module for each maker. Private elements are found through their private
creator (PS3.5 7.8.1), never by a fixed tag: the same element may lie in another
block of each file.
"""
