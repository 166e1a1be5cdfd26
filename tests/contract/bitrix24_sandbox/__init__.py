"""Behaviours of the Bitrix24 stand-in, one test a behaviour, over real sockets."""
