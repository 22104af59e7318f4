/* The diagram properties that the panel edits, by what carries them; `x.*` is a list of names of one's own.

   The engine keeps the same list in processes/engine/properties.py, and a test compares the two.
   The properties of an event definition stand on the event that holds it. */

export const PROPERTIES = {
  'bpmn:UserTask': ['form', 'assign', 'priority', 'statute', 'deadline', 'countFrom', 'calendar', 'roll', 'pausable', 'legalBasis'],
  'bpmn:AdHocSubProcess': ['assign', 'priority'],
  'bpmn:TimerEventDefinition': ['deadlineFor', 'follows', 'offset', 'statute', 'countFrom', 'calendar', 'roll', 'pausable', 'legalBasis'],
  'bpmn:MessageEventDefinition': ['correlation', 'brings'],
  'bpmn:SignalEventDefinition': ['brings'],
  'bpmn:ReceiveTask': ['correlation', 'brings'],
  'bpmn:BusinessRuleTask': ['resultVariable'],
  'bpmn:CallActivity': ['restartable', 'lane.*', 'in.*', 'out.*'],
  'bpmn:SubProcess': ['restartable', 'survives'],
  'bpmn:Process': ['ownerRole', 'unit', 'startData', 'parameter.*'],
};
