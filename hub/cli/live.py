"""What a live CRM says of a connection: access, rights, clock, stages of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from hub.domain.errors import ConnectorError
from hub.domain.models import Pipeline
from hub.ports.crm import CrmPort, Probe
from mappings import Fault, RuleFile, Severity, check_against
from mappings.faults import unknown_name

MAX_SKEW_S: Final = 60.0
#: Stands for the field of the settings that holds the access, whatever the system calls it.
ACCESS: Final = "access"
FaultAt = Callable[[str, str], Fault]


def live_faults(crm: CrmPort, rules: RuleFile, watched: Iterable[str], fault_at: FaultAt) -> list[Fault]:
    """Ask the CRM and compare; only reads.

    Args:
        crm: the connection's port.
        rules: its rule file.
        watched: pipeline ids that the settings name.
        fault_at: makes a fault of the settings file from a field of the connection (or `ACCESS`) and a message.
    """
    try:
        probe = crm.probe()
        pipelines = crm.pipelines()
    except ConnectorError as error:
        return [fault_at("", error.for_person)]
    faults = [*_access(probe, fault_at), *_watched(watched, pipelines, fault_at)]
    return [*faults, *check_against(rules, pipelines)]


def _access(probe: Probe, fault_at: FaultAt) -> Iterable[Fault]:
    if probe.missing_rights:
        yield fault_at(ACCESS, f"не хватает прав: {', '.join(probe.missing_rights)}")
    for fault in probe.unfit_fields:
        field, _, message = fault.partition(": ")
        yield fault_at(field, message)
    if abs(probe.clock_skew_s) > MAX_SKEW_S:
        message = f"часы CRM и этого компьютера расходятся на {probe.clock_skew_s:+.0f} с: проверьте время здесь"
        yield replace(fault_at("", message), severity=Severity.WARNING)


def _watched(watched: Iterable[str], pipelines: Iterable[Pipeline], fault_at: FaultAt) -> Iterable[Fault]:
    known = [pipeline.id for pipeline in pipelines]
    for pipeline_id in watched:
        if pipeline_id not in known:
            yield fault_at("pipelines", f"воронки {pipeline_id} в CRM нет: {unknown_name(pipeline_id, known)}")
