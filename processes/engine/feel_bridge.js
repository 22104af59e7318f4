// What crosses between Python and feelin: one JSON request with many expressions, or one decision; one JSON answer.
import { builtins, parseDate, parseDateTime, parseExpression, parseUnaryTests } from 'feelin';

import { decide } from './decision_bridge.js';
import { decode, encode, run, syntaxErrors } from './feel_core.js';
import { surveyResults, surveyTests } from './survey_bridge.js';

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

// The parse tree as [ name, text ] or [ name, child, … ], without signs and words that only hold it together.
const LITERALS = [ 'StringLiteral', 'NumericLiteral' ];

function shapeOf(node, text) {
  const parts = children(node).filter(part => /^[A-Z]/.test(part.name) || part.name === 'null');
  if (LITERALS.includes(node.name)) return [ node.name, text.slice(node.from, node.to) ];
  if (!parts.length || parts[0].name === 'Identifier') return [ node.name, words(node, text) ];
  const inner = parts.map(part => shapeOf(part, text));
  return node.name === 'Interval' ? [ node.name, text[node.from], ...inner, text[node.to - 1] ] : [ node.name, ...inner ];
}

function check(call, context) {
  const tree = (call.unary ? parseUnaryTests : parseExpression)(call.text, context);
  return { errors: syntaxErrors(tree, call.text), ...namesOf(tree, call.text), tree: shapeOf(tree.topNode, call.text) };
}

function answer(call, context) {
  try {
    if (call.check) return { value: check(call, context) };
    const own = 'input' in call ? { ...context, '?': decode(call.input) } : context;
    const { value, warnings } = run(call.text, call.unary, own);
    return { value: encode(value), unknown: warnings.filter(w => w.type === 'NO_VARIABLE_FOUND').map(w => w.message) };
  } catch (error) {
    return { error: String(error.message || error) };
  }
}

const survey = column => column.tests ? surveyTests(column) : surveyResults(column);

globalThis.feel = request => {
  const { calls, columns, decision, values, now } = JSON.parse(request);
  if (columns) return JSON.stringify(columns.map(survey));
  const context = decode(values);
  if (now) {
    const instant = parseDateTime(now), day = parseDate(now.slice(0, 10));
    context.now = () => instant;
    context.today = () => day;
  }
  return JSON.stringify(decision ? decide(decision, context) : calls.map(call => answer(call, context)));
};
