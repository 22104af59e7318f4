"""Small diagrams as text, of which a test draws only what it is about."""

from __future__ import annotations

from itertools import pairwise

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="definitions" targetNamespace="https://example.org">'
)


def diagram(
    key: str,
    *elements: str,
    flow: str,
    lanes: dict[str, str] | None = None,
    beside: str = "",
    **properties: str,
) -> str:
    """A BPMN file of one process: `flow` is `a>b>c; b>d`, `lanes` role to element ids."""
    ways = [pair for way in flow.split(";") for pair in pairwise(way.strip().split(">"))]
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>'
        for n, (a, b) in enumerate(ways)
    )
    drawn = "".join(
        f'<bpmn:lane id="lane{n}" name="{role}">'
        + "".join(f"<bpmn:flowNodeRef>{id_}</bpmn:flowNodeRef>" for id_ in ids.split())
        + "</bpmn:lane>"
        for n, (role, ids) in enumerate((lanes or {}).items())
    )
    lane_set = f'<bpmn:laneSet id="lanes">{drawn}</bpmn:laneSet>' if drawn else ""
    return (
        f'{HEAD}{beside}<bpmn:process id="{key}" name="{key.capitalize()}" isExecutable="true">'
        f"{told(properties)}{lane_set}{''.join(elements)}{flows}"
        "</bpmn:process></bpmn:definitions>"
    )


def start(id_: str = "begynd") -> str:
    return f'<bpmn:startEvent id="{id_}"/>'


def end(id_: str = "slut") -> str:
    return f'<bpmn:endEvent id="{id_}"/>'


def user_task(id_: str, **properties: str) -> str:
    return f'<bpmn:userTask id="{id_}" name="{id_.capitalize()}">{told(properties)}</bpmn:userTask>'


def service_task(id_: str, operation: str, result: str = "", **parameters: str) -> str:
    given = "".join(
        f'<spiffworkflow:parameter id="{name}" type="str" value="{_quoted(value)}"/>'
        for name, value in parameters.items()
    )
    kept = f' resultVariable="{result}"' if result else ""
    return (
        f'<bpmn:serviceTask id="{id_}" name="{id_.capitalize()}"><bpmn:extensionElements>'
        f'<spiffworkflow:serviceTaskOperator id="{operation}"{kept}><spiffworkflow:parameters>'
        f"{given}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
        "</bpmn:extensionElements></bpmn:serviceTask>"
    )


def timer(id_: str, duration: str, **properties: str) -> str:
    return (
        f'<bpmn:intermediateCatchEvent id="{id_}">{told(properties)}<bpmn:timerEventDefinition'
        f' id="{id_}_ur"><bpmn:timeDuration>{duration}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )


def message_catch(id_: str, message: str, **properties: str) -> str:
    return (
        f'<bpmn:intermediateCatchEvent id="{id_}">{told(properties)}<bpmn:messageEventDefinition'
        f' id="{id_}_besked" messageRef="{message}"/></bpmn:intermediateCatchEvent>'
    )


def message_throw(id_: str, message: str, **properties: str) -> str:
    return (
        f'<bpmn:intermediateThrowEvent id="{id_}">{told(properties)}<bpmn:messageEventDefinition'
        f' id="{id_}_besked" messageRef="{message}"/></bpmn:intermediateThrowEvent>'
    )


def message(id_: str) -> str:
    """Declared beside the process."""
    return f'<bpmn:message id="{id_}" name="{id_}"/>'


def parallel(id_: str) -> str:
    return f'<bpmn:parallelGateway id="{id_}"/>'


def told(properties: dict[str, str]) -> str:
    """The properties as an extension element."""
    if not properties:
        return ""
    rows = "".join(
        f'<spiffworkflow:property name="{name.replace("__", ".")}" value="{_quoted(value)}"/>'
        for name, value in properties.items()
    )
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f"{rows}</spiffworkflow:properties></bpmn:extensionElements>"
    )


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
