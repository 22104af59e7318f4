/* One field a property: its words, its kind, its choices. */

import { is } from 'bpmn-js/lib/util/ModelUtil';

import { choice, text } from './entries.js';
import { eventDefinition, property, setProperty, subjectOf } from './model.js';

const CALENDARS = [['local', 'Calendar days and months'], ['working', 'Working days (Mon–Fri, no public holidays)'], ['weekday', 'Weekdays'], ['clock', 'Clock hours']];
const ROLLS = [['none', 'Stay on the day'], ['forward', 'Forward to the next working day'], ['back', 'Back to the working day before']];
const DURATION = 'ISO 8601 as P14D, P1M or PT24H; an expression begins with =';

/** What each property is called and how it is filled; `choices` come from the catalogue or the diagram. */
const FIELDS = {
  form: { label: 'Form', choices: (context) => named(context.catalogue.forms), read: asCatalogued },
  assign: { label: 'Assigned to', hint: "team = the case's holder of the role; otherwise an expression that gives an account name" },
  priority: { label: 'Priority', hint: '0 to 100; 50 when empty' },
  statute: { label: 'Statutory deadline', hint: 'What it says counts where the fields below are empty; a timer then needs no time of its own', choices: (context) => named(context.catalogue.statutes) },
  deadline: { label: 'Deadline', hint: DURATION },
  countFrom: { label: 'Counted from', hint: 'Now when empty; otherwise an expression, as =endelig_dato' },
  calendar: { label: 'Counted in', unset: 'Calendar days and months (unless said otherwise)', choices: (context) => worded(context, CALENDARS) },
  roll: { label: 'If the day is not a working day', unset: 'Stay on the day (unless said otherwise)', choices: (context) => worded(context, ROLLS) },
  pausable: { label: 'May be paused', unset: 'Yes (unless said otherwise)', choices: (context) => worded(context, [['true', 'Yes'], ['false', 'No, it is laid down by law']]) },
  legalBasis: { label: 'Legal basis' },
  restartable: { label: 'May be begun anew', hint: 'A supervisor begins it anew on a running case, or reopens a closed case with it', unset: 'No (unless said otherwise)', choices: (context) => worded(context, [['true', 'Yes']]) },
  survives: { label: 'Goes on when the case is interrupted', hint: 'An event sub-process that has begun is not ended by another that interrupts', unset: 'No (unless said otherwise)', choices: (context) => worded(context, [['true', 'Yes']]) },
  deadlineFor: { label: 'Is the deadline of', choices: (context) => elements(context, mayHaveDeadline) },
  follows: { label: 'Follows the deadline of', choices: (context) => elements(context, hasDeadline) },
  offset: { label: 'Distance from it', hint: '-P14D before it is due, P14D after it began, 50% of the way' },
  correlation: { label: 'Correlation', hint: "An expression that the message must match; empty is the case itself" },
  brings: { label: 'Data it brings', hint: 'Names, as udfald, dato: date; expressions can use them' },
  startData: { label: 'Data at the start', hint: 'Names, as alder: number, henviser; expressions can use them' },
  resultVariable: { label: 'Store the result as' },
  unit: { label: 'Unit of the cases that events begin', hint: "The unit's id; empty: the sender's unit, or the only one" },
  ownerRole: { label: 'Role that owns the process', choices: (context) => plain(context.catalogue.roles) },
};

export function fieldFor(name, context) {
  const { element, injector, translate } = context;
  const { label, hint, choices, unset = '<none>', read = (value) => value } = FIELDS[name];
  return (choices ? choice : text)({
    id: `vejviser-${name}`,
    label: translate(label),
    description: hint && translate(hint),
    options: choices && (() => [{ value: '', label: translate(unset) }, ...choices(context)]),
    get: () => read(property(subjectOf(element), name)?.value ?? '', context),
    set: (value) => setProperty(injector, element, name, value),
  });
}

/** A form may be named with or without its ending; the catalogue decides which is shown. */
function asCatalogued(value, { catalogue }) {
  const bare = value.replace(/\.form\.json$/, '');
  return [value, bare, `${bare}.form.json`].find((name) => catalogue.forms?.some(({ id }) => id === name)) ?? value;
}

export const named = (list = []) => list.map(({ id, label }) => ({ value: id, label: !label || label.includes(id) ? (label ?? id) : `${label} (${id})` }));
export const plain = (list = []) => list.map((value) => ({ value, label: value }));
const worded = ({ translate }, pairs) => pairs.map(([value, label]) => ({ value, label: translate(label) }));

/** The diagram's elements of a kind, by their words. */
function elements({ element, injector }, fits) {
  return injector.get('elementRegistry')
    .filter((candidate) => candidate !== element && candidate.type !== 'label' && fits(candidate))
    .map(({ businessObject: { id, name } }) => ({ value: id, label: name ? `${name} (${id})` : id }))
    .sort((a, b) => a.label.localeCompare(b.label, 'da'));
}

function mayHaveDeadline(element) {
  return is(element, 'bpmn:Activity') || is(element, 'bpmn:IntermediateCatchEvent');
}

/** Its task has one of its own, or a timer gives it one. */
function hasDeadline(element) {
  const own = property(element.businessObject, 'deadline');
  const given = (element.attachers ?? []).some((timer) => property(timer.businessObject, 'deadlineFor'));
  const timed = eventDefinition(element, 'bpmn:TimerEventDefinition') && property(element.businessObject, 'deadlineFor');
  return Boolean(own || given || timed || mayHaveDeadline(element));
}
