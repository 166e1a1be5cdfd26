"""Company rule files and decision tables: loaders that name every fault with its line, shipped defaults."""

from mappings.check import check_against
from mappings.faults import Fault, MappingError, Severity, errors_of
from mappings.propose import propose
from mappings.rules_file import RuleFile, load_rules, parse_rules, read_rules

__all__ = [
    "Fault",
    "MappingError",
    "RuleFile",
    "Severity",
    "check_against",
    "errors_of",
    "load_rules",
    "parse_rules",
    "propose",
    "read_rules",
]
