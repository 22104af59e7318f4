/* The studio's editor of decisions: dmn-js, what the server's lint says, and a panel for trying them. */

import Modeler from 'dmn-js/lib/Modeler';

import danish from './da/table-editor.js';
import { button, Shell } from './studio/shell.js';
import { Trial } from './studio/trial.js';
import { language, pageData, say, tag } from './words.js';

async function open(host) {
  const acts = (name) => () => modeler.getActiveViewer()?.get('commandStack')[name]();
  const shell = new Shell(host, [button(say('Undo'), acts('undo')), button(say('Redo'), acts('redo'))]);
  const words = { additionalModules: [{ translate: ['value', translate] }] };
  const modeler = new Modeler({
    container: shell.canvas, drd: words, decisionTable: words, literalExpression: words, boxedExpression: words,
  });
  const views = tag('div', { class: 'views', role: 'group', 'aria-label': say('Decisions of the file') });
  shell.canvas.before(views);
  const marks = new Marks(shell.canvas);
  const content = async () => ({ xml: (await modeler.saveXML({ format: true })).xml });
  const trial = new Trial(shell.panel, host.dataset.trialUrl, content, (rules) => marks.set({ rules }));

  const watched = new WeakSet();
  modeler.on('views.changed', ({ activeView }) => {
    showViews(modeler, views, activeView);
    const viewer = modeler.getActiveViewer();
    if (!viewer || watched.has(viewer)) return;
    watched.add(viewer);
    viewer.get('eventBus').on('commandStack.changed', () => {
      shell.changed();
      trial.later();
    });
  });
  await modeler.importXML(pageData('table').xml);
  await modeler.open(firstTable(modeler));
  trial.offer(decisions(modeler));
  shell.attach({
    content,
    mark: (problems) => marks.set({ problems }),
    select: (id) => select(modeler, shell.canvas, id),
  });
  host.dispatchEvent(new CustomEvent('vejviser:ready', { bubbles: true, detail: modeler }));
}

const decisions = (modeler) => modeler.getViews()
  .filter(({ element }) => element.$type === 'dmn:Decision')
  .map(({ id, name }) => ({ id, name: name || id }));

const firstTable = (modeler) => modeler.getViews().find(({ type }) => type === 'decisionTable') ?? modeler.getViews()[0];

function translate(template, facts = {}) {
  const text = language === 'da' ? (danish[template] ?? template) : template;
  return text.replace(/\{\s*([^}\s]+)\s*\}/g, (whole, name) => facts[name] ?? whole);
}

function showViews(modeler, place, active) {
  place.replaceChildren(...modeler.getViews().map((view) => {
    const shown = view.type === 'drd' ? say('Overview') : view.name || view.id;
    return button(shown, () => modeler.open(view), 'tertiary', { 'aria-pressed': String(view.id === active?.id) });
  }));
}

const row = (canvas, id) => canvas.querySelector(`[data-row-id="${CSS.escape(id)}"]`)?.closest('tr');
const cell = (canvas, id) => canvas.querySelector(`[data-element-id="${CSS.escape(id)}"], [data-col-id="${CSS.escape(id)}"]`);
const CLASSES = ['is-hit', 'has-warning', 'has-error'];

/** What is marked in the table. The editor draws its rows anew at every change, so that marks are set again. */
class Marks {
  constructor(canvas) {
    Object.assign(this, { canvas, rules: [], problems: [] });
    new MutationObserver(() => this.show()).observe(canvas, { childList: true, subtree: true });
  }

  show() {
    const numbers = this.canvas.querySelector('th.index-column:empty');
    if (numbers) numbers.textContent = say('No.');
    const wanted = [
      ...this.rules.map((id) => [row(this.canvas, id), 'is-hit']),
      ...this.problems.map(({ element, severity }) => [element && (row(this.canvas, element) ?? cell(this.canvas, element)), `has-${severity}`]),
    ].filter(([place]) => place);
    for (const name of CLASSES) {
      const places = new Set(wanted.filter(([, kind]) => kind === name).map(([place]) => place));
      for (const marked of this.canvas.querySelectorAll(`.${name}`)) if (!places.has(marked)) marked.classList.remove(name);
      for (const place of places) place.classList.add(name);
    }
  }

  set(what) {
    Object.assign(this, what);
    this.show();
  }
}

/** The decision that holds the element, and the element itself if the editor shows it. */
async function select(modeler, canvas, id) {
  const view = modeler.getViews().find(({ element }) => element.id === id || holds(element, id));
  if (view && view !== modeler.getActiveView()) await modeler.open(view);
  (row(canvas, id) ?? cell(canvas, id))?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const place = cell(canvas, id) ?? row(canvas, id);
  (place?.querySelector('[contenteditable], [tabindex]') ?? place)?.click();
}

function holds(element, id) {
  const logic = element.decisionLogic;
  const parts = [logic, ...(logic?.input ?? []), ...(logic?.output ?? []), ...(logic?.rule ?? [])];
  return parts.some((part) => part && (part.id === id || [...(part.inputEntry ?? []), ...(part.outputEntry ?? [])].some((one) => one.id === id)));
}

for (const host of document.querySelectorAll('[data-table-editor]')) {
  open(host).catch((error) => {
    host.prepend(tag('p', { class: 'not-well', role: 'alert' }, say('The table could not be shown: {reason}', { reason: error.message })));
  });
}
