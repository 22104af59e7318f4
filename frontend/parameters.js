/* A programme's values: typed fields that keep themselves as a draft, and what they would move. */

import { send, Shell } from './studio/shell.js';
import { say, tag } from './words.js';

function open(host) {
  const form = document.getElementById('values');
  const effect = document.getElementById('effect');
  const shell = new Shell(host, []);
  const jump = tag('a', { href: '#effect', class: 'parameters__jump' });
  shell.bar.prepend(jump);
  shell.canvas.append(form);
  shell.panel.append(effect);

  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', ({ target }) => (target.id === 'start' ? shell.lint() : shell.changed()));
  shell.lint = () => look(host, form, effect, jump, shell);
  shell.attach({
    content: () => ({ fields: fieldsOf(form) }),
    mark: (problems) => mark(form, problems),
    select: (name) => form.elements[name]?.focus(),
  });
}

const fieldsOf = (form) => Object.fromEntries(new FormData(form));

/** Asks what is wrong and what would move; the last question wins. */
async function look(host, form, effect, jump, shell) {
  const asked = { fields: fieldsOf(form), start: document.getElementById('start').value };
  shell.asked = asked;
  const { status, body } = await send('POST', host.dataset.lintUrl, asked);
  if (status !== 200 || shell.asked !== asked) return;
  shell.showProblems(body.problems);
  jump.textContent = body.summary;
  for (const place of form.querySelectorAll('[data-parameter]')) {
    place.classList.toggle('is-changed', body.changed.includes(place.dataset.parameter));
  }
  effect.querySelector('[data-effect]').replaceChildren(...new DOMParser().parseFromString(body.effect, 'text/html').body.childNodes);
}

function mark(form, problems) {
  for (const place of form.querySelectorAll('[data-parameter]')) {
    const name = place.dataset.parameter;
    const problem = problems.find(({ element }) => element === name);
    const error = place.querySelector('[data-error]');
    error.hidden = !problem;
    error.replaceChildren(...(problem ? [tag('span', { class: 'sr-only' }, `${say('Error')}: `), problem.message] : []));
    place.classList.toggle('form-error', Boolean(problem));
    if (problem) form.elements[name].setAttribute('aria-invalid', 'true');
    else form.elements[name].removeAttribute('aria-invalid');
  }
}

for (const host of document.querySelectorAll('[data-parameters]')) open(host);
