"""Speed and memory of pydcm as ratios against other readers, measured in one run.

``python -m tools.bench --help`` tells the options.
"""
