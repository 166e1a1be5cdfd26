"""A local stand-in of two banks' APIs, Tochka and T-Bank, over one book of accounts."""
