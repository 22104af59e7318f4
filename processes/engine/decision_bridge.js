// One decision of a DMN file, with the decisions and knowledge it needs, in one crossing.
// The plan is `Model.plan` of decision_model.py; what goes wrong tells its place: decision, rule, cell.
import { getType } from 'feelin';

import { encode, kindOf, READ, run } from './feel_core.js';

const plans = new Map();
const MOST_PLANS = 256;
const EVERYTHING = [ '', '-' ];
const MULTIPLE = [ 'RULE ORDER', 'OUTPUT ORDER', 'COLLECT' ];
const FATAL = [ 'NO_VARIABLE_FOUND', 'NO_FUNCTION_FOUND', 'FUNCTION_INVOCATION_FAILURE' ];
const ORDERED = [ 'number', 'string', 'date', 'time', 'date and time', 'duration' ];
const COMBINED = {
  SUM: { kinds: [ 'number', 'duration' ], text: 'a + b' },
  MIN: { kinds: ORDERED, text: 'if b < a then b else a' },
  MAX: { kinds: ORDERED, text: 'if b > a then b else a' }
};
const TYPES = {
  integer: 'number', long: 'number', double: 'number', datetime: 'date and time', daytimeduration: 'days and time duration',
  yearmonthduration: 'years and months duration'
};
const WORDS = { string: 'text', boolean: 'truth value', nil: 'nothing', 'date time': 'date and time' };

class Failure extends Error {
  constructor(reason, place) {
    super(reason);
    this.place = place;
  }
}

export function decide({ digest, plan, id }, context) {
  if (plan) remember(digest, JSON.parse(plan));
  const known = plans.get(digest);
  if (!known) return { missing: true };
  const evaluation = new Evaluation(known, context);
  try {
    return { value: encode(evaluation.decision(id, [])), rules: evaluation.rules };
  } catch (error) {
    return { error: String(error.message || error), place: error.place || {}, rules: evaluation.rules };
  }
}

function remember(digest, plan) {
  if (plans.size >= MOST_PLANS) plans.delete(plans.keys().next().value);
  plans.set(digest, plan);
}

const show = value => {
  const encoded = encode(value);
  return encoded && encoded['@feel'] ? encoded['@feel'][1] : JSON.stringify(encoded);
};

class Evaluation {
  constructor(plan, data) {
    this.plan = plan;
    this.data = data;
    this.done = new Map();
    this.rules = [];
  }

  // Each decision is made once, however many need it.
  decision(id, around) {
    const own = this.plan.decisions[id];
    const place = { decision: own.name || id };
    if (around.includes(id)) throw new Failure('it needs itself', place);
    if (this.done.has(id)) return this.done.get(id);
    const scope = { ...this.data, ...this.given(own, place) };
    for (const other of own.requires) {
      const needed = this.plan.decisions[other];
      if (!needed) throw new Failure(`it needs the decision '${other}', which is not in the file`, place);
      scope[needed.variable] = this.decision(other, [ ...around, id ]);
    }
    Object.assign(scope, this.functions(own, place, []));
    const value = this.as(own.type, this.logic(own.logic, scope, place), { ...place, what: 'the answer' });
    this.done.set(id, value);
    return value;
  }

  given(own, place) {
    const inputs = own.given.map(id => this.plan.inputs[id]).filter(Boolean);
    const present = inputs.filter(({ name }) => Object.hasOwn(this.data, name));
    return Object.fromEntries(present.map(({ name, type }) =>
      [ name, this.as(type, this.data[name], { ...place, what: `the input data '${name}'` }) ]));
  }

  functions(own, place, around) {
    return Object.fromEntries(own.knows.map(id => {
      const known = this.plan.knowledge[id];
      if (!known) throw new Failure(`it needs the knowledge '${id}', which is not in the file`, place);
      if (around.includes(id)) throw new Failure(`its knowledge '${known.name}' needs itself`, place);
      const inside = { decision: known.name };
      const scope = { ...this.clock(), ...this.functions(known, inside, [ ...around, id ]) };
      return [ known.name, this.callable(known.logic, scope, inside, known.type) ];
    }));
  }

  // What everybody may ask; knowledge sees nothing else but its parameters.
  clock() {
    const { now, today } = this.data;
    return typeof now === 'function' ? { now, today } : {};
  }

  callable(definition, scope, place, type = '') {
    if (!definition) throw new Failure('it has no logic yet', place);
    const names = definition.parameters.map(parameter => parameter.name);
    const call = (...values) => {
      const own = { ...scope };
      definition.parameters.forEach((parameter, index) => {
        const what = `the parameter '${parameter.name}'`;
        if (values[index] === undefined) throw new Failure('it is not given', { ...place, what });
        own[parameter.name] = this.as(parameter.type, values[index], { ...place, what });
      });
      return this.as(type, this.logic(definition.logic, own, place), { ...place, what: 'the answer' });
    };
    call.$args = names;
    return call;
  }

  logic(logic, scope, place) {
    if (!logic) throw new Failure('it has no logic yet', place);
    return this[logic.kind](logic, scope, place);
  }

  literal({ cell, type }, scope, place) {
    const at = { ...place, what: place.what || 'the expression', cell: cell.id, text: cell.text };
    return this.as(type, this.text(cell.text, scope, at), at);
  }

  context(logic, scope, place) {
    const inside = { ...scope }, result = {};
    for (const entry of logic.entries) {
      const at = { ...place, what: entry.name ? `the entry '${entry.name}'` : 'the result' };
      const value = this.as(entry.type, this.logic(entry.logic, inside, at), at);
      if (!entry.name) return value;
      inside[entry.name] = result[entry.name] = value;
    }
    return result;
  }

  invocation({ called, bindings }, scope, place) {
    const at = { ...place, what: 'the call', cell: called.id, text: called.text };
    const target = this.text(called.text, scope, at);
    if (typeof target !== 'function' && !target?.invoke) throw new Failure('it calls what is not a function', at);
    const names = target.$args || target.parameterNames;
    const given = Object.fromEntries(bindings.map(({ name, type, logic }) => {
      const there = { ...place, what: `the binding '${name}'` };
      if (!names.includes(name)) throw new Failure(`the function has no parameter '${name}'; it has ${names.join(', ')}`, there);
      return [ name, this.as(type, this.logic(logic, scope, there), there) ];
    }));
    const values = names.map(name => given[name]);
    return target.invoke ? target.invoke(values) : target(...values);
  }

  list({ items }, scope, place) {
    return items.map((item, index) => this.logic(item, scope, { ...place, what: `item ${index + 1}` }));
  }

  relation({ columns, rows }, scope, place) {
    return rows.map((row, number) => Object.fromEntries(columns.map((column, index) =>
      [ column, this.logic(row[index], scope, { ...place, what: `row ${number + 1}, column '${column}'` }) ])));
  }

  ['function'](logic, scope, place) {
    return this.callable(logic, scope, place);
  }

  // -- tables ------------------------------------------------------------------------------------

  table(table, scope, place) {
    const hits = this.hits(table, scope, place);
    this.rules.push(...hits.map(rule => rule.id));
    const policy = table.hit_policy;
    if (policy === 'UNIQUE' && hits.length > 1) {
      throw new Failure(`it must have one answer, but rules ${numbers(hits)} all match`, place);
    }
    const results = hits.map(rule => this.result(table, rule, scope, place));
    if (!results.length) return this.nothing(table, scope, place);
    if (policy === 'ANY' && results.some(result => show(result) !== show(results[0]))) {
      const said = hits.map((rule, index) => `rule ${rule.number} ${show(results[index])}`).join(', ');
      throw new Failure(`the rules that match give different answers: ${said}`, place);
    }
    const ordered = policy === 'PRIORITY' || policy === 'OUTPUT ORDER' ? this.ordered(table, results, scope, place) : results;
    if (policy === 'COLLECT') return this.collected(table, results, place);
    return MULTIPLE.includes(policy) ? ordered : ordered[0];
  }

  hits(table, scope, place) {
    const scopes = table.inputs.map(column => ({ ...scope, '?': this.input(column, scope, place) }));
    for (const rule of table.rules) {
      if (rule.tests.length !== table.inputs.length || rule.results.length !== table.outputs.length) {
        throw new Failure('it lacks a cell', { ...place, rule: rule.number });
      }
    }
    const passes = rule => rule.tests.every((test, index) =>
      EVERYTHING.includes(test.text) || this.test(test.text, scopes[index], {
        ...place, rule: rule.number, what: `column '${table.inputs[index].label}'`, cell: test.id, text: test.text
      }));
    if (table.hit_policy !== 'FIRST') return table.rules.filter(passes);
    const first = table.rules.find(passes);
    return first ? [ first ] : [];
  }

  input(column, scope, place) {
    const at = { ...place, what: `the input '${column.label}'`, cell: column.id, text: column.text };
    const value = this.as(column.type, this.text(column.text, scope, at), at);
    return this.allowed(this.valuesOf(column), value, at);
  }

  result(table, rule, scope, place) {
    return shaped(table, table.outputs.map((column, index) => {
      const cell = rule.results[index];
      const what = `output '${column.label || column.text}'`;
      return this.output(column, cell.text, scope, { ...place, rule: rule.number, what, cell: cell.id, text: cell.text });
    }));
  }

  output(column, text, scope, place) {
    const value = text === '' || text === '-' ? null : this.as(column.type, this.text(text, scope, place), place);
    return this.allowed(this.valuesOf(column), value, place);
  }

  // No rule matches: what the outputs have as default; else null, or nothing collected.
  nothing(table, scope, place) {
    const many = MULTIPLE.includes(table.hit_policy);
    if (table.aggregation === 'COUNT') return 0;
    if (!table.outputs.some(column => column.default)) return many && !table.aggregation ? [] : null;
    const value = shaped(table, table.outputs.map(column => this.output(column, column.default, scope, {
      ...place, what: `the default of output '${column.label || column.text}'`, cell: column.id, text: column.default
    })));
    return many && !table.aggregation ? [ value ] : value;
  }

  ordered(table, results, scope, place) {
    const orders = table.outputs.map(column => this.order(column, scope, place));
    if (orders.every(order => !order.length)) throw new Failure('it needs output values in order of priority', place);
    const ranks = result => table.outputs.map((column, index) => {
      const position = orders[index].indexOf(show(table.outputs.length === 1 ? result : result[nameOf(column, index)]));
      return position < 0 ? orders[index].length : position;
    });
    const compare = (a, b) => a.ranks.map((rank, index) => rank - b.ranks[index]).find(difference => difference) || 0;
    return results.map(result => ({ result, ranks: ranks(result) })).sort(compare).map(({ result }) => result);
  }

  order(column, scope, place) {
    const text = this.valuesOf(column);
    const at = { ...place, what: `the values of output '${column.label}'`, cell: column.id, text };
    return text ? this.text(`[${text}]`, scope, at).map(value => show(this.as(column.type, value, at))) : [];
  }

  collected({ aggregation, outputs }, results, place) {
    if (!aggregation) return results;
    if (aggregation === 'COUNT') return results.length;
    const kinds = [ ...new Set(results.map(result => kindOf(result) || getType(result))) ];
    const { kinds: wanted, text } = COMBINED[aggregation] || { kinds: [] };
    if (outputs.length === 1 && kinds.length === 1 && wanted.includes(kinds[0])) {
      const value = results.reduce((a, b) => this.text(text, { a, b }, { ...place, what: 'the collected answers' }));
      if (value !== null) return value;
    }
    throw new Failure(`its answers ${show(results)} cannot be combined by ${aggregation}`, place);
  }

  // -- texts and types -----------------------------------------------------------------------------

  text(text, scope, place) {
    if (text === '') throw new Failure('it is empty', place);
    return this.asked(text, false, scope, place);
  }

  test(text, scope, place) {
    return this.asked(text, true, scope, place) === true;
  }

  asked(text, unary, scope, place) {
    try {
      const { value, warnings } = run(text, unary, scope);
      const fatal = warnings.filter(warning => FATAL.includes(warning.type));
      if (fatal.length) throw new Failure(fatal.map(warning => warning.message).join('; '), place);
      return value === undefined ? null : value;
    } catch (error) {
      throw error instanceof Failure ? error : new Failure(String(error.message || error), place);
    }
  }

  valuesOf(column) {
    return column.allowed || this.plan.types[column.type]?.allowed || '';
  }

  allowed(values, value, place) {
    for (const one of Array.isArray(value) ? value : [ value ]) {
      if (values && one !== null && !this.test(values, { '?': one }, place)) {
        throw new Failure(`${show(one)} is not one of the allowed values ${values}`, place);
      }
    }
    return value;
  }

  // A value as its type wants it: a text becomes the date it spells, one value a list of one and the other way round.
  as(type, value, place) {
    if (!type || value === null || type.toLowerCase() === 'any') return value;
    const declared = this.plan.types[type];
    if (declared) return this.asDeclared(declared, value, place);
    const list = /^list\s*<(.*)>$/.exec(type);
    if (list) return asList(value).map(one => this.as(list[1].trim(), one, place));
    const name = TYPES[type.toLowerCase()] || type.toLowerCase();
    if (name === 'list') return asList(value);
    return READ_TYPES.has(name) ? asSimple(name, Array.isArray(value) && value.length === 1 ? value[0] : value, place) : value;
  }

  asDeclared(type, value, place) {
    if (type.is_list) return asList(value).map(one => this.asDeclared({ ...type, is_list: false }, one, place));
    const typed = type.parts.length ? this.asParts(type, value, place) : this.as(type.base, value, place);
    return this.allowed(type.allowed, typed, place);
  }

  asParts(type, value, place) {
    if (getType(value) !== 'context') throw wrong(value, 'context', place);
    const parts = type.parts.filter(part => Object.hasOwn(value, part.name) && value[part.name] !== null);
    return { ...value, ...Object.fromEntries(parts.map(part =>
      [ part.name, this.asDeclared(part, value[part.name], { ...place, what: `${place.what}, part '${part.name}'` }) ])) };
  }
}

const READ_TYPES = new Set([ 'string', 'number', 'boolean', 'context', 'date', 'time', 'date and time', 'duration',
  'days and time duration', 'years and months duration' ]);

const asList = value => Array.isArray(value) ? value : [ value ];

function asSimple(name, value, place) {
  if (value === null) return null;
  const kind = name.endsWith('duration') ? 'duration' : name;
  const known = kindOf(value) || getType(value);
  const read = typeof value === 'string' && Object.hasOwn(READ, kind) ? READ[kind](value) : value;
  const right = read !== null && (kindOf(read) || getType(read)) === kind;
  const exact = kind === name || (right && (read.yearsMonths === name.startsWith('years')));
  if (!right || !exact) throw wrong(value, name, place, known);
  return read;
}

export function isOfType(name, value) {
  if (!READ_TYPES.has(name)) return true;
  try {
    asSimple(name, value, {});
    return true;
  } catch {
    return false;
  }
}

function wrong(value, name, place, known = getType(value)) {
  const word = kind => WORDS[kind] || kind;
  return new Failure(`${show(value)} is a ${word(known)}, where a ${word(name)} is wanted`, place);
}

const numbers = rules => rules.map(rule => rule.number).join(', ');
const nameOf = (column, index) => column.text || `output ${index + 1}`;

function shaped(table, values) {
  if (table.outputs.length === 1) return values[0];
  return Object.fromEntries(table.outputs.map((column, index) => [ nameOf(column, index), values[index] ]));
}
