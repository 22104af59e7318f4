/* The studio's form editor: one form-js form, with the compartment that its answers belong to. */

import { FormEditor } from '@bpmn-io/form-js-editor';

import { button, Shell } from './studio/shell.js';
import { pageData, say, tag } from './words.js';

const COMPARTMENTS = { A: 'A: the authority case', B: 'B: the programme record', C: 'C: the confidential room' };

async function open(host) {
  const does = (act) => () => act(editor);
  const schema = pageData('form-schema');
  const compartment = chooseCompartment(schema.compartment ?? 'B', () => shell.changed());
  const shell = new Shell(host, [
    button(say('Undo'), does((it) => it.get('commandStack').undo())),
    button(say('Redo'), does((it) => it.get('commandStack').redo())),
    tag('label', { class: 'studio__choice' }, say('Compartment'), ' ', compartment),
  ]);
  const editor = new FormEditor({ container: shell.canvas, propertiesPanel: { parent: shell.panel } });
  await editor.importSchema(schema);

  const content = () => ({ schema: { ...editor.saveSchema(), compartment: compartment.value } });
  let before = JSON.stringify(content());
  editor.on('commandStack.changed', () => {
    const now = JSON.stringify(content());
    if (now !== before) shell.changed();
    before = now;
  });
  shell.attach({ content: async () => content(), mark: () => {}, select: (place) => select(editor, place) });
}

function chooseCompartment(current, changed) {
  return tag('select', { onchange: changed, class: 'form-select' },
    Object.entries(COMPARTMENTS).map(([value, words]) => tag('option', { value, selected: value === current }, say(words))));
}

/** By id or by key: the server knows fields by their keys. */
function select(editor, place) {
  const field = editor.get('formFieldRegistry').getAll().find(({ id, key }) => id === place || key === place);
  if (field) editor.get('selection').set(field);
}

for (const host of document.querySelectorAll('[data-form-editor]')) {
  open(host).catch((error) => {
    host.prepend(tag('p', { class: 'not-well', role: 'alert' }, say('The form could not be shown: {reason}', { reason: error.message })));
  });
}
