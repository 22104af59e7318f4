// What a table's column can be asked: the values at which its cells change their mind, and what each cell says of them.
// Cells made of constants say the same between two neighbouring constants, so that these values stand for all.
import { getType, parseExpression, parseUnaryTests } from 'feelin';

import { isOfType } from './decision_bridge.js';
import { encode, kindOf, run, syntaxErrors } from './feel_core.js';

const OPAQUE = [
  'FunctionInvocation', 'PathExpression', 'FilterExpression', 'ForExpression', 'QuantifiedExpression', 'FunctionDefinition',
  'InstanceOfExpression', 'VariableName'
];
const CONSTANT = [ 'NumericLiteral', 'StringLiteral', 'BooleanLiteral', 'DateTimeLiteral', 'null', 'ArithmeticExpression' ];
const STEPS = {
  'date': 'P1D', 'time': 'PT1S', 'date and time': 'PT1S', 'days and time duration': 'PT1S', 'years and months duration': 'P1M'
};
const OTHER = 'noget andet';

function kind(value) {
  const known = kindOf(value) || getType(value);
  if (known === 'nil') return 'null';
  if (known !== 'duration') return known;
  return value.yearsMonths ? 'years and months duration' : 'days and time duration';
}

// The constants of a text, and whether it says more than they tell, or nothing at all.
function look(text, unary) {
  const found = [];
  const tree = (unary ? parseUnaryTests : parseExpression)(text, {});
  let opaque = syntaxErrors(tree, text).length > 0;
  if (opaque) return { constants: [], opaque };
  tree.iterate({ enter(node) {
    const arithmetic = [ 'ArithmeticExpression', 'DateTimeLiteral' ].includes(node.name) && hasNames(node.node);
    if (OPAQUE.includes(node.name) || arithmetic || (node.name === '?' && !unary)) opaque = true;
    else if (CONSTANT.includes(node.name)) found.push(text.slice(node.from, node.to));
    else return true;
    return false;
  } });
  try {
    return { constants: found.map(part => calculated(part, {})), opaque };
  } catch {
    return { constants: [], opaque: true };
  }
}

function hasNames(node) {
  if (node.name === 'VariableName' || node.name === '?') return true;
  for (let child = node.firstChild; child; child = child.nextSibling) if (hasNames(child)) return true;
  return false;
}

function distinct(values) {
  return [ ...new Map(values.map(value => [ JSON.stringify(encode(value)), value ])).values() ];
}

const calculated = (text, names) => run(text, false, names).value;

function between(a, b, whole) {
  if (Math.floor(a) + 1 < b) return [ Math.floor(a) + 1 ];
  return whole ? [] : [ (a + b) / 2 ];
}

function samples(type, constants, whole) {
  if (type === 'boolean') return [ true, false ];
  if (!constants.length) return [];
  if (type === 'number') {
    const sorted = [ ...constants ].sort((a, b) => a - b);
    const inner = sorted.flatMap((value, index) => index ? [ ...between(sorted[index - 1], value, whole), value ] : [ value ]);
    return [ ...inner, Math.ceil(sorted[0]) - 1, Math.floor(sorted.at(-1)) + 1 ];
  }
  if (!STEPS[type]) return constants;
  const step = calculated(`duration("${STEPS[type]}")`, {});
  return distinct(constants.flatMap(c => [ c, ...neighbours(c, step) ]));
}

// None at the ends of time.
function neighbours(c, step) {
  try {
    return [ calculated('c - step', { c, step }), calculated('c + step', { c, step }) ];
  } catch {
    return [];
  }
}

function accepts(text, value) {
  try {
    return run(text, true, { '?': value }).value === true;
  } catch {
    return false;
  }
}

// tests: texts; type: FEEL's name, or 'any'; allowed: a unary test, or ''; whole: only whole numbers.
export function surveyTests({ tests, type, allowed, whole }) {
  const cells = tests.map(text => look(text, true));
  const bounds = allowed ? look(allowed, true) : { constants: [], opaque: false };
  const constants = distinct([ ...bounds.constants, ...cells.flatMap(cell => cell.constants) ]);
  const kinds = [ ...new Set(constants.map(kind)) ].filter(one => one !== 'null');
  const own = [ 'any', 'duration' ].includes(type) && kinds.length === 1 ? kinds[0] : type;
  const plain = samples(own, constants.filter(value => kind(value) === own), whole)
    .filter(value => value !== null && (!allowed || bounds.opaque || accepts(allowed, value)));
  const points = plain.map(value => ({ value, sort: 'plain' }));
  if (own === 'string' && !allowed) points.push({ value: OTHER, sort: 'other' });
  points.push({ value: null, sort: constants.includes(null) ? 'plain' : 'null' });
  const tells = cells.map(({ opaque }, index) => !opaque && (plain.length > 0 || tests[index] === '-'));
  return {
    type: own,
    points: points.map(({ value, sort }) => ({ value: encode(value), sort })),
    cells: cells.map(({ constants: own, opaque }, index) => ({
      kinds: opaque ? [] : [ ...new Set(own.map(kind)) ].filter(one => one !== 'null'),
      says: points.map(({ value }) => !tells[index] ? '?' : accepts(tests[index], value) ? '1' : '0').join('')
    }))
  };
}

// results: texts; type and allowed as above. The value where a result is the same always, and whether it is right.
export function surveyResults({ results, type, allowed }) {
  return results.map(text => {
    const { opaque } = look(text, false);
    if (opaque) return {};
    try {
      const value = calculated(text, {});
      const fits = isOfType(type, value);
      return { value: encode(value), type: kind(value), fits, allowed: !fits || !allowed || value === null || accepts(allowed, value) };
    } catch {
      return {};
    }
  });
}
