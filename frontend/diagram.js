/* Ties the server's picture of a diagram to the table beside it: one lights the other. */

const STEPS = { in: 1.25, out: 0.8 };
const READABLE = 0.6;

for (const picture of document.querySelectorAll('[data-diagram]')) tie(picture);

function tie(picture) {
  const table = document.getElementById(picture.dataset.diagram);
  const words = Object.assign(document.createElement('p'), { className: 'diagram-words' });
  words.setAttribute('role', 'status');
  picture.after(words);
  for (const side of [picture, table]) {
    if (!side) continue;
    for (const kind of ['mouseover', 'focusin']) side.addEventListener(kind, ({ target }) => light(target));
    side.addEventListener('mouseleave', () => light(null));
  }
  picture.addEventListener('click', ({ target }) => tell(target));
  table?.addEventListener('click', ({ target }) => show(target));
  makeZoom(picture);

  function light(target) {
    const id = elementOf(target);
    for (const lit of both('.is-lit')) lit.classList.remove('is-lit');
    if (id) for (const found of both(`[data-element="${CSS.escape(id)}"]`)) found.classList.add('is-lit');
  }

  function both(selector) {
    return [picture, table].flatMap((side) => [...(side?.querySelectorAll(selector) ?? [])]);
  }

  function tell(target) {
    const id = elementOf(target);
    const row = id && table?.querySelector(`[data-element="${CSS.escape(id)}"]`);
    const cells = row ? [...row.cells].map((cell) => cell.innerText.trim()) : [];
    words.textContent = cells.filter(Boolean).join(' · ') || titleOf(target);
    light(target);
  }

  function show(target) {
    const id = elementOf(target);
    const shape = id && picture.querySelector(`[data-element="${CSS.escape(id)}"]`);
    shape?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }
}

function elementOf(target) {
  return target?.closest?.('[data-element]')?.dataset.element ?? null;
}

function titleOf(target) {
  return target.closest('[data-element]')?.querySelector('title')?.textContent ?? '';
}

/** Begins with the whole width in sight, unless that would be too small to read. */
function makeZoom(picture) {
  const svg = picture.querySelector('svg');
  const box = svg?.viewBox.baseVal;
  if (!box?.width) return;
  const size = (width) => {
    svg.setAttribute('width', Math.round(width));
    svg.setAttribute('height', Math.round((width * box.height) / box.width));
  };
  const fit = picture.clientWidth - 2;
  if (fit < box.width) size(Math.max(fit, box.width * READABLE));
  picture.closest('.diagram-tools')?.addEventListener('click', ({ target }) => {
    const way = target.closest('[data-zoom]')?.dataset.zoom;
    if (way === 'fit') size(picture.clientWidth - 2);
    else if (way in STEPS) size(svg.getBoundingClientRect().width * STEPS[way]);
  });
}
