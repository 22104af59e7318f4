/* Shows a form-js form on a page; its answers leave as JSON in an ordinary POST, so refusals are pages too. */

import { Form } from '@bpmn-io/form-js-viewer';
import flatpickr from 'flatpickr';
import { Danish } from 'flatpickr/dist/esm/l10n/da.js';

import danish from './da/form.js';
import { clock, language, pageData, say, tag } from './words.js';

/** A date just typed reaches form-js some frames after its field has lost the focus. */
const QUIET_FRAMES = 6;

if (language === 'da') flatpickr.localize(Danish);
datesFollowThePage();

for (const host of document.querySelectorAll('[data-form]')) {
  showForm(host).catch((error) => {
    host.append(tag('p', { class: 'not-well', role: 'alert' }, say('The form could not be shown: {reason}', { reason: error.message })));
  });
}

async function showForm(host) {
  const part = (name) => pageData(host.dataset.name ? `form-${name}-${host.dataset.name}` : `form-${name}`);
  const [schema, data, refused] = [part('schema'), part('data') ?? {}, part('errors')];
  const draft = makeDraft(host.dataset.draft);
  const kept = refused ? null : draft.read();

  const form = new Form({
    container: host,
    debounce: false, // while form-js waits, drawing another answer empties the field again
    additionalModules: [{ translate: ['value', translate] }],
    properties: 'readonly' in host.dataset ? { readOnly: true } : {},
  });
  await form.importSchema(forShowing(schema), { ...data, ...kept?.answers });
  markLanguages(host, schema);
  form.on('changed', () => { // a listener that returns something ends the event for the others
    requestAnimationFrame(() => markLanguages(host, schema));
  });
  host.classList.add('form--ready');
  if ('readonly' in host.dataset) return;

  const post = document.getElementById(host.dataset.form);
  const state = post?.querySelector('[data-draft-state]');
  if (kept && state) tellOfDraft(state, kept, draft);
  let known = JSON.stringify(form._getSubmitData());
  form.on('changed', () => {
    const answers = JSON.stringify(form._getSubmitData());
    if (answers !== known && known !== '{}') draft.keep(JSON.parse(answers), state);
    known = answers;
  });
  form.on('submit', ({ data: answers, errors }) => {
    if (!Object.keys(errors).length) send(post, withEmptied(schema, answers, form._getState().data), draft);
    else showSummary(host, schema, flatErrors(errors));
  });
  post?.addEventListener('submit', (event) => {
    if (post.dataset.ready) return;
    event.preventDefault();
    post.dataset.action = event.submitter?.getAttribute('formaction') ?? '';
    settled(form).then(() => form.submit());
  });
  if (refused) showRefusal(form, host, schema, refused);
}

/** Without its own submit and reset buttons, which the page has; and the clock goes to 24. */
function forShowing(node) {
  const isOurs = ({ type, action }) => type !== 'button' || !['submit', 'reset'].includes(action ?? 'submit');
  return {
    ...node,
    ...(node.type === 'datetime' && { use24h: true }),
    ...(node.components && { components: node.components.filter(isOurs).map(forShowing) }),
  };
}

/** form-js leaves out a list whose rows were all removed; the server must hear of it to forget them. */
function withEmptied(schema, answers, data) {
  const lists = componentsOf(schema).filter(({ type, path }) => type === 'dynamiclist' && path);
  for (const { path } of lists) {
    if (Array.isArray(data[path]) && !data[path].length) answers[path] ??= [];
  }
  return answers;
}

function translate(template, facts = {}) {
  const text = language === 'da' ? (danish[template] ?? template) : template;
  return text.replace(/\{([^}]+)\}/g, (whole, name) => facts[name] ?? whole);
}

/** Once the form has stood still for a moment. */
async function settled(form) {
  let quiet = 0;
  const stir = () => { quiet = 0; };
  form.on('changed', stir);
  while (quiet++ < QUIET_FRAMES) await new Promise((next) => { requestAnimationFrame(() => setTimeout(next)); });
  form.off('changed', stir);
}

function send(post, answers, draft) {
  post.elements.answers.value = JSON.stringify(answers);
  if (post.dataset.action) post.setAttribute('action', post.dataset.action);
  post.dataset.ready = 'yes';
  draft.drop();
  for (const button of post.querySelectorAll('button[type="submit"]')) button.disabled = true;
  post.submit();
}

/** A question of a translated form says in which language it stands; fields come and go with the answers. */
function markLanguages(host, schema) {
  for (const field of componentsOf(schema).filter(({ lang }) => lang)) {
    const words = letters(field.text ?? field.content ?? field.label ?? field.dateLabel ?? '');
    for (const one of host.querySelectorAll(`.fjs-form-field-${field.type}`)) {
      if (one.textContent.replace(/[^\p{L}]+/gu, '').includes(words)) one.lang = field.lang;
    }
  }
}

/** As far as mark-up and placeholders leave a text alone. */
const letters = (text) => text.split('{{')[0].replace(/[^\p{L}]+/gu, '').slice(0, 40);

/* ---- drafts: in this tab only, until sent or closed ---- */

function makeDraft(key) {
  const name = `vejviser-draft-${key}`;
  let [waiting, write] = [null, () => {}];
  window.addEventListener('pagehide', () => write());
  return {
    read: () => (key ? JSON.parse(sessionStorage.getItem(name)) : null),
    keep(answers, state) {
      if (!key) return;
      clearTimeout(waiting);
      write = () => {
        const time = clock();
        sessionStorage.setItem(name, JSON.stringify({ answers, time }));
        if (state) state.textContent = say('saved here at {time}', { time });
        write = () => {};
      };
      waiting = setTimeout(() => write(), 400);
    },
    drop() {
      clearTimeout(waiting);
      write = () => {};
      sessionStorage.removeItem(name);
    },
  };
}

function tellOfDraft(state, { time }, draft) {
  state.replaceChildren(say('your draft from {time} is back', { time }), ' ',
    tag('button', { type: 'button', class: 'function-link', onclick: () => { draft.drop(); location.reload(); } }, say('Start over')));
}

/* ---- errors ---- */

/** What the server refused stays at its field until the answer changes, and never stops a new try. */
function showRefusal(form, host, schema, refused) {
  const errors = new Map(flatErrors(refused).map(([path, messages]) => [keyOf(fieldFor(schema, path)?.id, path.filter(isIndex)), messages]));
  const validator = form.get('validator');
  const ask = validator.validateFieldInstance.bind(validator);
  const before = new Map();
  let sending = false;
  validator.validateFieldInstance = (instance, value) => {
    const key = keyOf(instance.id, Object.values(instance.indexes ?? {}));
    if (sending || !errors.has(key)) return ask(instance, value);
    if (!before.has(key)) before.set(key, JSON.stringify(value));
    return before.get(key) === JSON.stringify(value) ? errors.get(key) : ask(instance, value);
  };
  form.on('presubmit', () => { sending = true; });
  form.on('submit', () => { sending = false; });
  requestAnimationFrame(() => requestAnimationFrame(() => form.validate()));
  showSummary(host, schema, flatErrors(refused));
}

const keyOf = (id, indexes) => [id, ...indexes].join('_');

/** Nested errors as [path, messages]: {"moeder": {"0": {"dato": ["…"]}}} and {"moeder.0.dato": ["…"]} alike. */
function flatErrors(errors, before = []) {
  return Object.entries(errors).flatMap(([key, value]) => {
    const path = [...before, ...key.split('.')];
    if (typeof value === 'string') return [[path, [value]]];
    if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? [[path, value]] : flatErrors({ ...value }, path);
    return value ? flatErrors(value, path) : [];
  });
}

const isIndex = (step) => /^\d+$/.test(step);

/** The component that a path means: by id (form-js's own errors) or by key (the server's). */
function fieldFor(schema, path) {
  const names = path.filter((step) => !isIndex(step));
  const all = componentsOf(schema);
  const last = names.at(-1);
  return all.find(({ id }) => id === last && names.length === 1)
    ?? all.find(({ key }) => key && (key === names.join('.') || key === last));
}

function componentsOf(node) {
  return (node.components ?? []).flatMap((child) => [child, ...componentsOf(child)]);
}

function showSummary(host, schema, errors) {
  host.previousElementSibling?.matches('.form-summary') && host.previousElementSibling.remove();
  const title = errors.length === 1
    ? say('There is one thing to correct') : say('There are {count} things to correct', { count: errors.length });
  const summary = tag('div', { class: 'form-summary', role: 'alert', tabindex: '-1' },
    tag('h2', {}, title),
    tag('ul', {}, errors.map(([path, messages]) => tag('li', {}, line(host, schema, path, messages)))));
  host.before(summary);
  summary.focus();
}

function line(host, schema, path, messages) {
  const field = fieldFor(schema, path);
  const label = field && (field.label || field.dateLabel || field.timeLabel || field.key);
  const words = `${label ? `${label}: ` : ''}${messages.join(' ')}`;
  if (!field) return words;
  return tag('a', { href: '#', onclick: (event) => {
    event.preventDefault();
    inputOf(host, field, path.filter(isIndex))?.focus();
  } }, words);
}

function inputOf(host, field, indexes) {
  const start = 'fjs-form-';
  const end = `-${field.id}${indexes.map((index) => `_${index}`).join('')}`;
  const candidates = [...host.querySelectorAll(`[id^="${start}"]`)].filter((element) => element.matches('input, select, textarea, button'));
  return candidates.find(({ id }) => id.endsWith(end)) ?? candidates.find(({ id }) => id.includes(end));
}

/** form-js asks for the browser's locale by the name `default`; the page's language decides here. */
function datesFollowThePage() {
  const Native = Intl.DateTimeFormat;
  const locale = language === 'da' ? 'da-DK' : 'en-GB';
  Intl.DateTimeFormat = new Proxy(Native, {
    construct: (target, [wanted, ...rest]) => new target(wanted === 'default' ? locale : wanted, ...rest),
  });
}
