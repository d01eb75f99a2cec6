"""JPEG of ISO 10918-1: markers, Huffman tables, and a codec for each of its processes."""
