/* Every page: DKFDS's components, the keys, dialogs, confirmations, printing. */

import * as DKFDS from 'dkfds';

import { listenForKeys } from './keys.js';
import { say, tag } from './words.js';

DKFDS.init();
listenForKeys();
document.addEventListener('click', onClick);
document.addEventListener('submit', onSubmit);
document.addEventListener('change', ({ target }) => {
  if (target.matches('select[data-submit]')) target.form.requestSubmit();
});
document.addEventListener('vejviser:rows', ({ target }) => {
  for (const button of target.querySelectorAll('.js-dropdown')) new DKFDS.Dropdown(button).init();
});

function onClick({ target }) {
  const button = target.closest('[data-print], [data-show], [data-close]');
  if (!button) return;
  if ('print' in button.dataset) window.print();
  else if (button.dataset.show) document.getElementById(button.dataset.show)?.showModal();
  else button.closest('dialog')?.close();
}

/** A form with `data-confirm` says first what will happen, and goes only after a yes. */
function onSubmit(event) {
  const form = event.target;
  const sentence = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!sentence || form.dataset.confirmed) return;
  event.preventDefault();
  ask(sentence, event.submitter?.textContent.trim() || say('Continue')).then((yes) => {
    if (!yes) return;
    form.dataset.confirmed = 'yes';
    form.requestSubmit(event.submitter);
    delete form.dataset.confirmed;
  });
}

function ask(sentence, yes) {
  return new Promise((resolve) => {
    const dialog = tag('dialog', { class: 'dialog', 'aria-label': say('Are you sure?') },
      tag('p', {}, sentence),
      tag('form', { method: 'dialog', class: 'cluster' },
        tag('button', { class: 'button button-primary', value: 'yes' }, yes),
        tag('button', { class: 'button button-secondary', value: '', autofocus: true }, say('Cancel'))));
    dialog.addEventListener('close', () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
