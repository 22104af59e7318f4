/* The studio's modeler: one diagram, its properties, and what the server's lint says of it. */

import MinimapModule from 'diagram-js-minimap';
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel';

import danish from './da/modeler.js';
import { bpmnWithNamedLists, spiffworkflow } from './studio/moddle.js';
import { providerModule } from './studio/provider.js';
import { button, Shell } from './studio/shell.js';
import { language, pageData, say, tag } from './words.js';

/** Around the diagram, in pixels. */
const MARGIN = 20;

async function open(host) {
  const does = (act) => () => act(modeler);
  const shell = new Shell(host, [
    button(say('Undo'), does((it) => it.get('commandStack').undo())),
    button(say('Redo'), does((it) => it.get('commandStack').redo())),
    button('−', does((it) => it.get('zoomScroll').stepZoom(-1)), 'tertiary', { 'aria-label': say('Smaller') }),
    button('+', does((it) => it.get('zoomScroll').stepZoom(1)), 'tertiary', { 'aria-label': say('Larger') }),
    button(say('Whole diagram'), does(fit)),
    button(say('Download'), does((it) => download(it, shell.file))),
  ]);
  const modeler = new Modeler({
    container: shell.canvas,
    propertiesPanel: { parent: shell.panel },
    catalogue: pageData('catalogue', {}),
    additionalModules: [
      BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, providerModule, MinimapModule,
      { translate: ['value', translate] },
    ],
    moddleExtensions: { bpmn: bpmnWithNamedLists, spiffworkflow },
  });
  const { xml } = pageData('diagram');
  await modeler.importXML(xml);
  keepFitting(shell.canvas, modeler);
  modeler.on('commandStack.changed', () => shell.changed());
  shell.attach({
    content: async () => ({ xml: (await modeler.saveXML({ format: true })).xml }),
    mark: (problems) => mark(modeler, problems),
    select: (id) => select(modeler, id),
  });
  host.dispatchEvent(new CustomEvent('vejviser:ready', { bubbles: true, detail: modeler }));
}

/** The tools write the same words with other capitals and hyphens in other places. */
const plainKey = (words) => words.toLowerCase().replaceAll('-', ' ');
const byPlainKey = new Map(Object.entries(danish).map(([key, words]) => [plainKey(key), words]));

function translate(template, facts = {}) {
  const text = language === 'da' ? (danish[template] ?? byPlainKey.get(plainKey(template)) ?? template) : template;
  return text.replace(/\{([^}]+)\}/g, (whole, name) => (name in facts ? translate(String(facts[name])) : whole));
}

/** The canvas shrinks as the list of problems arrives: the diagram follows until somebody touches it. */
function keepFitting(canvas, modeler) {
  fit(modeler);
  const watch = new ResizeObserver(() => {
    modeler.get('canvas').resized();
    fit(modeler);
  });
  watch.observe(canvas);
  for (const kind of ['pointerdown', 'wheel', 'keydown']) canvas.addEventListener(kind, () => watch.disconnect(), { once: true, passive: true });
}

/** The whole diagram, beside the palette and not under it; never larger than life. */
function fit(modeler) {
  const canvas = modeler.get('canvas');
  const { inner, outer } = canvas.viewbox();
  const palette = (canvas.getContainer().querySelector('.djs-palette')?.offsetWidth ?? 0) + 2 * MARGIN;
  const scale = Math.min(1, (outer.width - palette - MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height);
  canvas.viewbox({
    x: inner.x - palette / scale, y: inner.y - MARGIN / scale, width: outer.width / scale, height: outer.height / scale,
  });
}

async function download(modeler, file) {
  const { xml } = await modeler.saveXML({ format: true });
  const address = URL.createObjectURL(new Blob([xml], { type: 'application/xml' }));
  tag('a', { href: address, download: file || 'diagram.bpmn' }).click();
  URL.revokeObjectURL(address);
}

/** Problems on their elements: a frame, and a sign whose title is the sentence. */
function mark(modeler, problems) {
  const [canvas, overlays, registry] = ['canvas', 'overlays', 'elementRegistry'].map((name) => modeler.get(name));
  overlays.remove({ type: 'problem' });
  registry.forEach((element) => {
    for (const severity of ['error', 'warning']) canvas.removeMarker(element, `has-${severity}`);
  });
  for (const [id, those] of grouped(problems)) {
    const element = registry.get(id);
    if (!element || element === canvas.getRootElement()) continue;
    const severity = those.some((problem) => problem.severity === 'error') ? 'error' : 'warning';
    canvas.addMarker(element, `has-${severity}`);
    overlays.add(element, 'problem', {
      position: element.waypoints ? { top: -10, left: -10 } : { top: -10, right: 10 },
      html: tag('span', { class: `problem-sign problem-sign--${severity}`, title: those.map(({ message }) => message).join('\n') }, '!'),
    });
  }
}

function grouped(problems) {
  const by = new Map();
  for (const problem of problems) {
    if (problem.element) by.set(problem.element, [...(by.get(problem.element) ?? []), problem]);
  }
  return by;
}

function select(modeler, id) {
  const element = modeler.get('elementRegistry').get(id);
  if (!element) return;
  modeler.get('selection').select(element);
  modeler.get('canvas').scrollToElement(element, 80);
}

for (const host of document.querySelectorAll('[data-modeler]')) {
  open(host).catch((error) => {
    host.prepend(tag('p', { class: 'not-well', role: 'alert' }, say('The diagram could not be read: {reason}', { reason: error.message })));
  });
}
