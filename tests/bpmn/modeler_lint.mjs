/* What the modeler's linter, and its reading of the files, say about each diagram named, as JSON. */

import { readFile } from 'node:fs/promises';

import { BpmnModdle } from 'bpmn-moddle';
import Linter from 'bpmnlint/lib/linter.js';
import NodeResolver from 'bpmnlint/lib/resolver/node-resolver.js';

import { bpmnWithNamedLists, spiffworkflow } from '../../frontend/studio/moddle.js';

/* Our engine joins inclusive gateways as BPMN says; tests/conformance/ shows it. */
const RULES = { extends: 'bpmnlint:recommended', rules: { 'no-inclusive-gateway': 'off' } };

const findings = await Promise.all(process.argv.slice(2).map(findingsIn));
console.log(JSON.stringify(findings.flat()));

async function findingsIn(file) {
  const moddle = new BpmnModdle({ bpmn: bpmnWithNamedLists, spiffworkflow });
  const { rootElement, warnings } = await moddle.fromXML(await readFile(file, 'utf8'));
  const reports = Object.entries(await ownLinter().lint(rootElement))
    .flatMap(([rule, found]) => found.map(({ id, message }) => `${rule}: ${id}: ${message}`));
  return [...warnings.map(({ message }) => message), ...reports].map((words) => `${file}: ${words}`);
}

/** One for each diagram: its rules remember the flows that they have seen. */
function ownLinter() {
  return new Linter({ config: RULES, resolver: new NodeResolver() });
}
