/* The keys of every page: j k o c e in lists, g and a letter to go, / to search, ? to see them all. */

import { say, tag } from './words.js';

const GO = { o: 'goO', s: 'goS', b: 'goB', p: 'goP' };
const IN_ROW = { o: '[data-open]', Enter: '[data-open]', c: '[data-claim]', e: '[data-complete]' };
const TYPING = 'input, textarea, select, [contenteditable=""], [contenteditable="true"], [role="combobox"], .djs-container';

let going = false;

export function listenForKeys() {
  for (const row of rows()) row.tabIndex = -1;
  document.addEventListener('keydown', onKey);
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (event.target.closest?.(TYPING) || document.querySelector('dialog[open]')) return;
  if (act(event)) event.preventDefault();
}

function act(event) {
  const { key } = event;
  if (going) return go(key);
  if (key === 'g') return startGoing();
  if (key === 'j') return move(1);
  if (key === 'k') return move(-1);
  if (key === '/') return search();
  if (key === '?') return showKeys();
  if (key === 'Enter' && event.target !== currentRow()) return false;
  return key in IN_ROW && press(IN_ROW[key]);
}

function startGoing() {
  going = true;
  setTimeout(() => { going = false; }, 1500);
  return true;
}

function go(key) {
  going = false;
  const address = document.body.dataset[GO[key]];
  if (address) location.assign(address);
  return Boolean(address);
}

function rows() {
  return [...document.querySelectorAll('[data-row]')];
}

function currentRow() {
  return document.activeElement?.closest('[data-row]');
}

function move(by) {
  const all = rows();
  if (!all.length) return false;
  const here = all.indexOf(currentRow());
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
  all[next].tabIndex = -1;
  all[next].focus();
  all[next].scrollIntoView({ block: 'nearest' });
  return true;
}

function press(what) {
  const target = currentRow()?.querySelector(what);
  target?.click();
  return Boolean(target);
}

function search() {
  const field = document.querySelector('[data-search]');
  field?.focus();
  field?.select();
  return Boolean(field);
}

function showKeys() {
  const dialog = tag('dialog', { class: 'dialog', 'aria-label': say('Keyboard') },
    tag('h2', {}, say('Keyboard')),
    tag('dl', { class: 'keys-list' }, lines().map(([keys, words]) => [
      tag('dt', {}, ...keys.flatMap((key, place) => (place ? [' ', tag('kbd', {}, key)] : [tag('kbd', {}, key)]))),
      tag('dd', {}, words),
    ])),
    tag('button', { type: 'button', class: 'button button-primary', onclick: () => dialog.close() }, say('Close')));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return true;
}

function lines() {
  const names = { goO: 'o', goS: 's', goB: 'b', goP: 'p' };
  const places = Object.entries(names)
    .filter(([name]) => document.body.dataset[name])
    .map(([name, key]) => [['g', key], `${say('go to')} ${placeName(document.body.dataset[name])}`]);
  return [
    [['j'], say('next row')], [['k'], say('previous row')], [['o'], say('open')],
    [['c'], say('claim the task')], [['e'], say('complete')], ...places,
    [['/'], say('search')], [['?'], say('this list')],
  ];
}

/** The menu's own word for an address. */
function placeName(address) {
  return document.querySelector(`.topbar__nav a[href="${CSS.escape(address)}"]`)?.textContent.trim() ?? address;
}
