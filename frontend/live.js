/* Keeps lists fresh: asks with the last ETag, swaps the rows, keeps the focus, says so politely. */

import { say, tag } from './words.js';

const SLOWEST = 120;

for (const list of document.querySelectorAll('[data-live]')) keepFresh(list);

function keepFresh(list) {
  const every = Number(list.dataset.every) || 20;
  const voice = tag('p', { class: 'sr-only', role: 'status' });
  document.body.append(voice);
  let etag = list.dataset.etag ?? null;
  let pause = every;
  const later = () => setTimeout(look, pause * 1000);

  async function look() {
    if (document.hidden || isBusy(list)) return later();
    const answer = await ask(list.dataset.live, etag);
    if (answer?.status === 401 || answer?.status === 403) {
      voice.textContent = say('The list is no longer updated: sign in again.');
      return undefined;
    }
    if (!answer || answer.status >= 500) {
      pause = Math.min(pause * 2, SLOWEST);
      voice.textContent = say('The list could not be updated; trying again.');
      return later();
    }
    pause = every;
    if (answer.status === 200) {
      etag = answer.headers.get('ETag');
      if (swap(list, await answer.text())) {
        voice.textContent = list.dataset.changed || say('The list is updated.');
      }
      if (list.querySelector('[data-reload]')) window.location.reload();
    }
    return later();
  }

  document.addEventListener('visibilitychange', () => { if (!document.hidden) pause = every; });
  later();
}

async function ask(address, etag) {
  try {
    return await fetch(address, {
      headers: { 'X-Requested-With': 'live', ...(etag ? { 'If-None-Match': etag } : {}) },
      cache: 'no-store',
      redirect: 'error',
    });
  } catch {
    return null;
  }
}

/** Somebody is in the middle of something here; the rows must stand still. */
function isBusy(list) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  return Boolean(focused?.matches('input, select, textarea') || focused?.closest('details[open]')
    || list.querySelector('[aria-expanded="true"]'));
}

/** Whether the rows differ from before; ids bring back focus and what was unfolded. */
function swap(list, html) {
  const fresh = document.createElement('template');
  fresh.innerHTML = html;
  const open = [...list.querySelectorAll('details[open][id]')].map((details) => details.id);
  for (const id of open) fresh.content.getElementById(id)?.setAttribute('open', '');
  const before = [...list.children].map((row) => row.outerHTML).join('');
  const place = placeOfFocus(list);
  list.replaceChildren(fresh.content);
  for (const row of list.querySelectorAll('[data-row]')) row.tabIndex = -1;
  place?.restore();
  list.dispatchEvent(new CustomEvent('vejviser:rows', { bubbles: true }));
  return before !== [...list.children].map((row) => row.outerHTML).join('');
}

function placeOfFocus(list) {
  const focused = document.activeElement;
  if (!list.contains(focused)) return null;
  const rows = [...list.querySelectorAll('[data-row]')];
  const at = rows.indexOf(focused.closest('[data-row]'));
  const key = focused.id;
  return {
    restore() {
      const now = [...list.querySelectorAll('[data-row]')];
      const target = (key && document.getElementById(key)) || now[Math.min(at, now.length - 1)];
      target?.focus({ preventScroll: true });
    },
  };
}
