/* The panel's groups: what an element of each kind asks of the process owner. */

import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';

import { PROPERTIES } from '../properties.js';
import { area, choice, pairList, text } from './entries.js';
import { fieldFor, named, plain } from './fields.js';
import {
  Change, definitionsOf, eventDefinition, extension, prefixed, setPlain, setPrefixed, setText, subjectOf,
} from './model.js';

const NEW_MESSAGE = '+';
const FEEL_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const LISTS = {
  'parameter.': { label: 'Parameters', nameLabel: 'Name', valueLabel: 'Value', fresh: 'ny_parameter' },
  'lane.': { label: 'Lanes and roles', nameLabel: 'Lane in the called process', valueLabel: 'Role', fresh: 'Bane' },
  'in.': { label: 'Into the called process', nameLabel: 'Name there', valueLabel: 'Expression here', fresh: 'navn' },
  'out.': { label: 'Back from the called process', nameLabel: 'Name here', valueLabel: 'Expression there', fresh: 'navn' },
};

/** Every group that fits the element, the most used first. */
export function groupsFor(context) {
  return [
    task, adHoc, timer, message, event, condition, script, operation, decision, call, supervision, repetition, process,
  ].flatMap((make) => make(context)).filter(({ entries, items }) => items || entries?.length);
}

const group = (context, id, label, entries) => ({ id: `vejviser-${id}`, label: context.translate(label), entries });

/** The fields of the properties that PROPERTIES names for a type; lists are groups of their own. */
const fields = (context, type) => PROPERTIES[type].filter((name) => !name.endsWith('*')).map((name) => fieldFor(name, context));
const lists = (context, type) => PROPERTIES[type].filter((name) => name.endsWith('*')).map((name) => list(context, name.slice(0, -1)));

function task(context) {
  if (!is(context.element, 'bpmn:UserTask')) return [];
  return [
    group(context, 'task', 'Task', [
      ...fields(context, 'bpmn:UserTask'),
      textOf(context, 'spiffworkflow:VariableName', 'Store the answers as', text),
      textOf(context, 'spiffworkflow:InstructionsForEndUser', 'Guidance', area),
    ]),
  ];
}

/** How the activities in an ad hoc sub-process are chosen, and when it is enough. */
function adHoc(context) {
  const { element, injector, translate } = context;
  if (!is(element, 'bpmn:AdHocSubProcess')) return [];
  const attribute = (name, label, options) => choice({
    id: `vejviser-${name}`, label: translate(label),
    options: () => options.map(([value, words]) => ({ value, label: translate(words) })),
    get: () => String(subjectOf(element).get(name) ?? options[0][0]),
    set: (value) => setPlain(injector, element, subjectOf(element), { [name]: name === 'ordering' ? value : value === 'true' }),
  });
  return [group(context, 'ad-hoc', 'Chosen by people', [
    attribute('ordering', 'Activities run', [['Parallel', 'Side by side'], ['Sequential', 'One at a time']]),
    expression(context, subjectOf(element), 'completionCondition', 'Done when', 'A FEEL expression, as plan_klar = true; empty: the person says when it is enough'),
    attribute('cancelRemainingInstances', 'What is still open when it is done', [['true', 'Falls away'], ['false', 'Is finished first']]),
    ...fields(context, 'bpmn:AdHocSubProcess'),
  ])];
}

function timer(context) {
  if (!eventDefinition(context.element, 'bpmn:TimerEventDefinition')) return [];
  return [group(context, 'deadline', 'Deadline', fields(context, 'bpmn:TimerEventDefinition'))];
}

function condition(context) {
  const { element } = context;
  const splits = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:ComplexGateway', 'bpmn:Activity'];
  if (!is(element, 'bpmn:SequenceFlow') || !isAny(element.source, splits)) return [];
  return [group(context, 'condition', 'Condition', [
    expression(context, subjectOf(element), 'conditionExpression', 'Expression', 'A FEEL expression that is true or false, as alder >= 18'),
  ])];
}

function script(context) {
  const { element, injector, translate } = context;
  if (!is(element, 'bpmn:ScriptTask')) return [];
  return [group(context, 'script', 'Script', [area({
    id: 'vejviser-script', label: translate('FEEL context'), monospace: true, rows: 6,
    description: translate('As {alder: 19, voksen: alder >= 18}; the entries are written to the case'),
    get: () => subjectOf(element).get('script') ?? '',
    set: (value) => setPlain(injector, element, subjectOf(element), { script: value || undefined, scriptFormat: value ? 'feel' : undefined }),
  })])];
}

function decision(context) {
  const { element, injector, catalogue, translate } = context;
  if (!is(element, 'bpmn:BusinessRuleTask')) return [];
  const type = 'spiffworkflow:CalledDecisionId';
  return [group(context, 'decision', 'Decision', [
    choice({
      id: 'vejviser-decision', label: translate('Decision table'), options: () => [nothing(context), ...named(catalogue.decisions)],
      get: () => extension(subjectOf(element), type)?.value ?? '',
      set: (value) => setText(injector, element, subjectOf(element), type, value),
    }),
    ...fields(context, 'bpmn:BusinessRuleTask'),
  ])];
}

function call(context) {
  const { element, injector, catalogue, translate } = context;
  if (!is(element, 'bpmn:CallActivity')) return [];
  return [
    group(context, 'call', 'Called process', [choice({
      id: 'vejviser-called', label: translate('Process'), options: () => [nothing(context), ...named(catalogue.processes)],
      get: () => subjectOf(element).get('calledElement') ?? '',
      set: (value) => setPlain(injector, element, subjectOf(element), { calledElement: value || undefined }),
    })]),
    ...lists(context, 'bpmn:CallActivity'),
  ];
}

/** What a supervisor may do with it on a case; an event sub-process begins by itself. */
function supervision(context) {
  const { element } = context;
  if (!isAny(element, ['bpmn:CallActivity', 'bpmn:SubProcess']) || subjectOf(element).triggeredByEvent) return [];
  const type = is(element, 'bpmn:CallActivity') ? 'bpmn:CallActivity' : 'bpmn:SubProcess';
  return [group(context, 'supervision', 'For supervisors', fields(context, type))];
}

function process(context) {
  if (!is(subjectOf(context.element), 'bpmn:Process')) return [];
  return [group(context, 'process', 'Process', fields(context, 'bpmn:Process')), ...lists(context, 'bpmn:Process')];
}

function list(context, prefix) {
  const { element, injector, catalogue, translate } = context;
  const { label, nameLabel, valueLabel, fresh } = LISTS[prefix];
  const isLane = prefix === 'lane.';
  return pairList({
    id: `vejviser-${prefix.slice(0, -1)}`,
    label: translate(label),
    nameLabel: translate(nameLabel),
    pairs: prefixed(subjectOf(element), prefix),
    setPairs: (pairs) => setPrefixed(injector, element, prefix, pairs),
    fresh: (pairs) => unused(fresh, pairs.map(([name]) => name)),
    validName(name, others) {
      if (!name) return translate('A name is needed');
      if (others.includes(name)) return translate('The name is taken');
      return isLane || FEEL_NAME.test(name) ? null : translate('Letters, digits and _ only');
    },
    field: (entry) => (isLane
      ? choice({ ...entry, label: translate(valueLabel), options: () => [nothing(context), ...plain(catalogue.roles)] })
      : text({ ...entry, label: translate(valueLabel) })),
  });
}

function unused(name, taken) {
  let [wanted, number] = [name, 1];
  while (taken.includes(wanted)) wanted = `${name}_${++number}`;
  return wanted;
}

/* ---- service operations ---- */

function operation(context) {
  const { element, injector, catalogue, translate } = context;
  if (!isAny(element, ['bpmn:ServiceTask', 'bpmn:SendTask'])) return [];
  const operator = extension(subjectOf(element), 'spiffworkflow:ServiceTaskOperator');
  const parameters = operator?.parameterList?.get('parameters') ?? [];
  const known = catalogue.operations?.find(({ id }) => id === operator?.id);
  return [group(context, 'operation', 'Operation', [
    choice({
      id: 'vejviser-operation', label: translate('What it does'), options: () => [nothing(context), ...named(catalogue.operations)],
      get: () => operator?.id ?? '', set: (id) => setOperation(context, id),
    }),
    ...parameters.map((parameter) => text({
      id: `vejviser-parameter-${parameter.id}`,
      label: known?.parameters.find(({ id }) => id === parameter.id)?.label || parameter.id,
      description: `${parameter.type ?? ''} · FEEL`,
      get: () => parameter.value ?? '',
      set: (value) => setPlain(injector, element, parameter, { value: value ?? '' }),
    })),
    ...(operator ? [text({
      id: 'vejviser-operation-result', label: translate('Store the result as'),
      get: () => operator.resultVariable ?? '',
      set: (value) => setPlain(injector, element, operator, { resultVariable: value || undefined }),
    })] : []),
  ])];
}

/** A new operation keeps the values of the parameters it shares with the old one. */
function setOperation({ element, injector, catalogue }, id) {
  const type = 'spiffworkflow:ServiceTaskOperator';
  const object = subjectOf(element);
  const old = extension(object, type);
  const values = Object.fromEntries((old?.parameterList?.get('parameters') ?? []).map((parameter) => [parameter.id, parameter.value]));
  const wanted = catalogue.operations?.find((candidate) => candidate.id === id)?.parameters ?? [];
  const change = new Change(injector, element);
  change.putExtension(object, type, id && ((parent) => {
    const operator = change.create(type, { id, resultVariable: old?.resultVariable }, parent);
    operator.parameterList = change.create('spiffworkflow:Parameters', {}, operator);
    operator.parameterList.parameters = wanted.map((parameter) => change.create('spiffworkflow:Parameter',
      { id: parameter.id, type: parameter.type, value: values[parameter.id] ?? '' }, operator.parameterList));
    return operator;
  })).run();
}

/* ---- messages and other events ---- */

function message(context) {
  const { element } = context;
  const definition = eventDefinition(element, 'bpmn:MessageEventDefinition');
  const holder = definition ?? (isAny(element, ['bpmn:SendTask', 'bpmn:ReceiveTask']) ? subjectOf(element) : null);
  if (!holder) return [];
  const catches = isAny(element, ['bpmn:CatchEvent', 'bpmn:ReceiveTask']);
  const type = is(element, 'bpmn:ReceiveTask') ? 'bpmn:ReceiveTask' : 'bpmn:MessageEventDefinition';
  return [group(context, 'message', 'Message', [
    ...messageFields(context, holder),
    ...(catches
      ? [textOf(context, 'spiffworkflow:MessageVariable', 'Store the content as', text, holder), ...fields(context, type)]
      : [textOf(context, 'spiffworkflow:MessagePayload', 'Content (FEEL)', area, holder)]),
  ])];
}

function messageFields(context, holder) {
  const { element, injector, translate } = context;
  const current = holder.get('messageRef');
  return [
    choice({
      id: 'vejviser-message', label: translate('Message'), options: () => messageOptions(context, holder),
      get: () => current?.name || current?.id || '', set: (name) => chooseMessage(context, holder, name),
    }),
    ...(current ? [text({
      id: 'vejviser-message-name', label: translate('Name of the message'),
      get: () => current.name ?? '', set: (name) => name && setPlain(injector, element, current, { name }),
    })] : []),
  ];
}

const messagesOf = (object) => definitionsOf(object).get('rootElements').filter((root) => is(root, 'bpmn:Message'));

function messageOptions(context, holder) {
  const here = messagesOf(holder).map(({ name, id }) => name || id);
  const names = [...new Set([...here, ...(context.catalogue.messages ?? [])])].sort((a, b) => a.localeCompare(b, 'da'));
  return [nothing(context), ...plain(names), { value: NEW_MESSAGE, label: context.translate('New message …') }];
}

function chooseMessage({ element, injector }, holder, name) {
  const change = new Change(injector, element);
  const known = messagesOf(holder);
  let chosen = known.find((candidate) => (candidate.name || candidate.id) === name);
  if (name && !chosen) {
    const definitions = definitionsOf(holder);
    const wanted = name === NEW_MESSAGE ? unused('ny_besked', known.map((candidate) => candidate.name)) : name;
    chosen = change.create('bpmn:Message', { name: wanted }, definitions);
    change.set(definitions, { rootElements: [...definitions.get('rootElements'), chosen] });
  }
  change.set(holder, { messageRef: chosen }).run();
}

/** What comes with a signal, an error or an escalation. */
function event(context) {
  const { element } = context;
  const kinds = ['bpmn:SignalEventDefinition', 'bpmn:ErrorEventDefinition', 'bpmn:EscalationEventDefinition'];
  const definition = kinds.map((kind) => eventDefinition(element, kind)).find(Boolean);
  if (!definition) return [];
  if (!is(element, 'bpmn:CatchEvent')) {
    return [group(context, 'event', 'Content', [textOf(context, 'spiffworkflow:PayloadExpression', 'Content (FEEL)', area, definition)])];
  }
  return [group(context, 'event', 'Content', [
    textOf(context, 'spiffworkflow:MessageVariable', 'Store the content as', text, definition),
    ...(is(definition, 'bpmn:SignalEventDefinition') ? fields(context, 'bpmn:SignalEventDefinition') : []),
  ])];
}

/* ---- repetition over a list ---- */

function repetition(context) {
  const loop = subjectOf(context.element).get?.('loopCharacteristics');
  if (!loop || !is(loop, 'bpmn:MultiInstanceLoopCharacteristics')) return [];
  return [group(context, 'repetition', 'Once for each', [
    loopName(context, loop, 'loopDataInputRef', 'List'),
    loopItem(context, loop, 'inputDataItem', 'bpmn:DataInput', 'Each one is called'),
    loopName(context, loop, 'loopDataOutputRef', 'Collect the results in'),
    loopItem(context, loop, 'outputDataItem', 'bpmn:DataOutput', 'Each result is called'),
  ])];
}

function loopName({ element, injector, translate }, loop, name, label) {
  return text({
    id: `vejviser-${name}`, label: translate(label), get: () => loop.get(name) ?? '',
    set: (value) => setPlain(injector, element, loop, { [name]: value || undefined }),
  });
}

function loopItem({ element, injector, translate }, loop, name, type, label) {
  return text({
    id: `vejviser-${name}`, label: translate(label), get: () => loop.get(name)?.name || loop.get(name)?.id || '',
    set(value) {
      const change = new Change(injector, element);
      const made = value ? change.create(type, { name: value }, loop) : undefined;
      change.set(loop, { [name]: made }).run();
    },
  });
}

/* ---- small parts ---- */

const nothing = ({ translate }) => ({ value: '', label: translate('<none>') });

function textOf({ element, injector, translate }, type, label, kind, holder = subjectOf(element)) {
  return kind({
    id: `vejviser-${type.split(':')[1]}`, label: translate(label), monospace: type.endsWith('Payload'),
    get: () => extension(holder, type)?.value ?? '',
    set: (value) => setText(injector, element, holder, type, value),
  });
}

function expression({ element, injector, translate }, object, name, label, hint) {
  return area({
    id: `vejviser-${name}`, label: translate(label), description: translate(hint), monospace: true, rows: 2,
    get: () => object.get(name)?.body ?? '',
    set(value) {
      const change = new Change(injector, element);
      change.set(object, { [name]: value ? change.create('bpmn:FormalExpression', { body: value }, object) : undefined }).run();
    },
  });
}
