"""The demo: an invented company's month of payments, run through a real hub beside a local Bitrix24 and checked."""
