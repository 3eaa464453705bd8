"""PyTorch's CPU random streams, one family of distributions a file.

Every function takes a :class:`~torchlike._streams.twister.Twister` first and returns
a NumPy array. ``Generator`` holds the lock; nothing here is safe without it. The inner
loops are in C where that was built (``native``); the Python beside them defines what is
drawn.
"""
