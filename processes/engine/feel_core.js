// FEEL values as JSON and back, and expressions as functions that are parsed once.
// Values that JSON has no word for travel as {"@feel": [kind, ISO 8601 text]}.
// `builtins`, `getType`, `interpreter` and `InterpreterContext` are let out of feelin by frontend/build.mjs.
import {
  duration, interpreter, isFunction, isRange, parseDate, parseDateTime, parseExpression, parseTime,
  parseUnaryTests, FeelDate, FeelDateTime, FeelDuration, FeelTime, InterpreterContext
} from 'feelin';

const TAG = '@feel';
export const READ = { 'date': parseDate, 'time': parseTime, 'date and time': parseDateTime, 'duration': duration };

// A sender may put anything into a message; only what is well formed is more than JSON.
function isTagged(value) {
  const pair = value[TAG];
  return Array.isArray(pair) && Object.hasOwn(READ, pair[0]) && typeof pair[1] === 'string';
}

export function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== 'object') return value;
  if (isTagged(value)) return READ[value[TAG][0]](value[TAG][1]);
  return Object.fromEntries(Object.entries(value).map(([ key, entry ]) => [ key, decode(entry) ]));
}

export function kindOf(value) {
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

export function encode(value) {
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

export function syntaxErrors(tree, text) {
  const errors = [];
  tree.iterate({ enter(node) {
    if (node.type.isError) errors.push({ from: node.from, to: node.to, text: text.slice(node.from, node.to || node.from + 10) });
  } });
  return errors;
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

function compile(text, unary, context) {
  const key = `${unary ? '?' : '='}${shape(context)} ${text}`;
  const known = compiled.get(key);
  if (known) return known;
  const noted = new InterpreterContext();
  const tree = (unary ? parseUnaryTests : parseExpression)(text, context);
  const { root } = interpreter._buildExecutionTree(tree, text, noted);
  const made = { root, noted, first: noted.warnings };
  if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value);
  if (!DEPENDS_ON_VALUES.test(text)) compiled.set(key, made);
  return made;
}

// The value of an expression; of a unary test, whether `?` passes it. Warnings tell what was null for want of a name.
export function run(text, unary, context) {
  const { root, noted, first } = compile(text, unary, context);
  noted.warnings = [ ...first ];
  const value = unary ? root(context)(context['?'] ?? null) : root(context);
  return { value, warnings: noted.warnings };
}
