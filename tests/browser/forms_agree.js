/* Lets real forms be filled in by script, many at a time, and tells what they would have sent. */

import { Form } from '@bpmn-io/form-js-viewer';

const settled = () => new Promise((done) => setTimeout(done, 500));

/** `cases`: [{schema, context, typed: [[path, value], …]}]; answers [{data, errors}] in order. */
globalThis.submitAll = async (cases) => {
  const forms = await Promise.all(cases.map(opened));
  await settled();
  for (let round = 0; round < 3; round += 1) {
    forms.forEach((form, index) => type(form, cases[index].typed));
    await settled();
  }
  const answers = forms.map((form) => form.submit()).map(({ data, errors }) => ({ data, errors }));
  forms.forEach((form) => form.destroy());
  return JSON.parse(JSON.stringify(answers));
};

async function opened({ schema, context }) {
  const container = document.body.appendChild(document.createElement('div'));
  const form = new Form({ container });
  await form.importSchema(schema, context);
  return form;
}

/** What a person can reach: the fields that are on the page and open. */
function type(form, typed) {
  for (const [path, value] of typed) {
    const place = form.get('formFieldInstanceRegistry').getAllKeyed().find(({ valuePath }) => valuePath.join('.') === path);
    const field = place && form.get('formFieldRegistry').get(place.id);
    if (field && !field.disabled && !field.readonly && field.type !== 'expression') form._update({ fieldInstance: place, value });
  }
}
