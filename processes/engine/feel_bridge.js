// What crosses between Python and feelin: one JSON request with many expressions, one JSON answer.
// Values that JSON has no word for travel as {"@feel": [kind, ISO 8601 text]}.
// `builtins`, `interpreter` and `InterpreterContext` are let out of feelin by frontend/build.mjs.
import {
  builtins, duration, interpreter, isFunction, isRange, parseDate, parseDateTime, parseExpression, parseTime,
  parseUnaryTests, FeelDate, FeelDateTime, FeelDuration, FeelTime, InterpreterContext
} from 'feelin';

const TAG = '@feel';
const READ = { 'date': parseDate, 'time': parseTime, 'date and time': parseDateTime, 'duration': duration };

// A sender may put anything into a message; only what is well formed is more than JSON.
function isTagged(value) {
  const pair = value[TAG];
  return Array.isArray(pair) && Object.hasOwn(READ, pair[0]) && typeof pair[1] === 'string';
}

function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== 'object') return value;
  if (isTagged(value)) return READ[value[TAG][0]](value[TAG][1]);
  return Object.fromEntries(Object.entries(value).map(([ key, entry ]) => [ key, decode(entry) ]));
}

function kindOf(value) {
  if (value instanceof FeelDate) return 'date';
  if (value instanceof FeelTime) return 'time';
  if (value instanceof FeelDateTime) return 'date and time';
  if (value instanceof FeelDuration) return 'duration';
  return null;
}

// A named zone becomes its offset, so that Python and PostgreSQL read the same instant.
function iso(value) {
  const named = value instanceof FeelDateTime && value.zone && !/^[+-]|^Z$/.test(value.zone);
  return named ? value.unwrap().toZonedDateTime(value.zone).toString({ timeZoneName: 'never' }) : value.toString();
}

function encode(value) {
  if (value === undefined || value === null) return null;
  const kind = kindOf(value);
  if (kind) return { [TAG]: [ kind, iso(value) ] };
  if (isFunction(value) || typeof value === 'function') throw new Error('the result is a function, not a value');
  if (isRange(value)) throw new Error('the result is a range, not a value');
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([ key, entry ]) => [ key, encode(entry) ]));
  }
  return value;
}

function syntaxErrors(tree, text) {
  const errors = [];
  tree.iterate({ enter(node) {
    if (node.type.isError) errors.push({ from: node.from, to: node.to, text: text.slice(node.from, node.to || node.from + 10) });
  } });
  return errors;
}

const words = (node, text) => text.slice(node.from, node.to).replace(/`/g, '').replace(/\s+/g, ' ').trim();

function children(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

// What an expression asks of its context. Names that it binds itself (parameters, iterators, earlier context keys) are
// not asked for; names inside a filter may be fields of the list's entries instead, so they are told apart.
function namesOf(tree, text) {
  const asked = new Set(), free = new Set(), fields = new Set();
  const visitAll = (nodes, bound, inside) => nodes.forEach(node => visit(node, bound, inside));

  function visitInTurn(nodes, bound, inside, binder, name) {
    const known = new Set(bound);
    for (const node of nodes) {
      visit(node, known, inside);
      const own = node.name === binder && node.getChild(name);
      if (own) known.add(words(own, text).replace(/^"|"$/g, ''));
    }
    return known;
  }

  function visit(node, bound, inside) {
    const parts = children(node);
    switch (node.name) {
    case 'VariableName': {
      const name = words(node, text);
      if (bound.has(name)) return;
      asked.add(name);
      if (!Object.hasOwn(builtins, name)) (inside ? fields : free).add(name);
      return;
    }
    case 'Type': case 'PathName': case 'Key': case 'Name': case 'ParameterName': return;
    case 'Context': visitInTurn(parts, bound, inside, 'ContextEntry', 'Key'); return;
    case 'ForExpression': case 'QuantifiedExpression': {
      const iterators = parts.find(part => part.name === 'InExpressions');
      const known = iterators ? visitInTurn(children(iterators), bound, inside, 'InExpression', 'Name') : new Set(bound);
      if (node.name === 'ForExpression') known.add('partial');
      visitAll(parts.filter(part => part.name !== 'InExpressions'), known, inside);
      return;
    }
    case 'FunctionDefinition': {
      const named = parts.filter(part => part.name === 'FormalParameters').flatMap(children);
      const own = named.map(part => part.getChild('ParameterName')).filter(Boolean).map(part => words(part, text));
      visitAll(parts, new Set([ ...bound, ...own ]), inside);
      return;
    }
    case 'FilterExpression':
      visitAll(parts.slice(0, 1), bound, inside);
      visitAll(parts.slice(1), new Set([ ...bound, 'item' ]), true);
      return;
    default: visitAll(parts, bound, inside);
    }
  }

  visit(tree.topNode, new Set(), false);
  return { names: [ ...asked ], variables: [ ...free ], fields: [ ...fields ].filter(name => !free.has(name)) };
}

function check(call, context) {
  const tree = (call.unary ? parseUnaryTests : parseExpression)(call.text, context);
  return { errors: syntaxErrors(tree, call.text), ...namesOf(tree, call.text) };
}

// What of a context the parser looks at: its names, at any depth, and what is null; never the values.
function shape(value) {
  if (value === null) return 'n';
  if (Array.isArray(value)) return `[${[ ...new Set(value.map(shape)) ]}]`;
  if (typeof value !== 'object') return 'v';
  const kind = kindOf(value);
  return kind || `{${Object.entries(value).map(([ key, entry ]) => JSON.stringify(key) + shape(entry))}}`;
}

// Parsing costs ten times what running does, so that what came of it is kept: a function of the context.
const compiled = new Map();
const MOST_COMPILED = 4096;
const DEPENDS_ON_VALUES = /\bget\s+value\b/;

function compile(call, context) {
  const key = `${call.unary ? '?' : '='}${shape(context)} ${call.text}`;
  const known = compiled.get(key);
  if (known) return known;
  const noted = new InterpreterContext();
  const tree = (call.unary ? parseUnaryTests : parseExpression)(call.text, context);
  const { root } = interpreter._buildExecutionTree(tree, call.text, noted);
  const made = { root, noted, first: noted.warnings };
  if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value);
  if (!DEPENDS_ON_VALUES.test(call.text)) compiled.set(key, made);
  return made;
}

function run(call, context) {
  const { root, noted, first } = compile(call, context);
  noted.warnings = [ ...first ];
  const value = call.unary ? root(context)(context['?'] ?? null) : root(context);
  return { value: encode(value), unknown: noted.warnings.filter(w => w.type === 'NO_VARIABLE_FOUND').map(w => w.message) };
}

function answer(call, context) {
  try {
    if (call.check) return { value: check(call, context) };
    return run(call, 'input' in call ? { ...context, '?': decode(call.input) } : context);
  } catch (error) {
    return { error: String(error.message || error) };
  }
}

globalThis.feel = request => {
  const { calls, values, now } = JSON.parse(request);
  const context = decode(values);
  if (now) {
    const instant = parseDateTime(now), day = parseDate(now.slice(0, 10));
    context.now = () => instant;
    context.today = () => day;
  }
  return JSON.stringify(calls.map(call => answer(call, context)));
};
