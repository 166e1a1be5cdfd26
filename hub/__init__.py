"""The hub: listens to CRMs, banks and accounting, matches money to invoices and moves deals."""
