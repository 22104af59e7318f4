// What crosses between Python and feelin: one JSON request with many expressions, one JSON answer.
// Values that JSON has no word for travel as {"@feel": [kind, ISO 8601 text]}.
import {
  duration, evaluate, isFunction, isRange, parseDate, parseDateTime, parseExpression, parseTime,
  parseUnaryTests, unaryTest, FeelDate, FeelDateTime, FeelDuration, FeelTime
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

// Names that the expression itself binds (parameters, iterators, context keys) are not asked of the context.
function freeNames(tree, text) {
  const names = new Set(), bound = new Set();
  tree.iterate({ enter(node) {
    const word = () => text.slice(node.from, node.to).trim();
    if (node.name === 'VariableName') names.add(word());
    if ([ 'ParameterName', 'Key' ].includes(node.name)) bound.add(word());
    if (node.name === 'InExpression') bound.add(text.slice(node.from, node.to).split(/\s+in\s+/)[0].trim());
  } });
  return [ ...names ].filter(name => !bound.has(name));
}

function check(call) {
  const tree = call.unary ? parseUnaryTests(call.text) : parseExpression(call.text);
  return { errors: syntaxErrors(tree, call.text), names: freeNames(tree, call.text) };
}

function answer(call, context) {
  try {
    if (call.check) return { value: check(call) };
    const own = 'input' in call ? { ...context, '?': decode(call.input) } : context;
    const { value, warnings } = (call.unary ? unaryTest : evaluate)(call.text, own);
    return { value: encode(value), unknown: warnings.filter(w => w.type === 'NO_VARIABLE_FOUND').map(w => w.message),
      warnings: warnings.map(w => w.message) };
  } catch (error) {
    return { error: String(error.message || error), position: error.position ? error.position.from : null };
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
