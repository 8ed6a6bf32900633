"""What each page says, as plain JSON values: the answer at its address with `.json`.

One file a page; each is a function of a connection and what was asked, without HTML.
"""
