/* The few words the scripts say themselves, in the language of the page. */

import da from './da/page.js';

export const language = document.documentElement.lang.startsWith('en') ? 'en' : 'da';

/** The sentence in the page's language; `{name}` is filled from `facts`. */
export function say(sentence, facts = {}) {
  const text = language === 'da' ? (da[sentence] ?? sentence) : sentence;
  return text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

/** The JSON that the page carries under `id`, or `otherwise`. */
export function pageData(id, otherwise = null) {
  const script = document.getElementById(id);
  return script?.textContent.trim() ? JSON.parse(script.textContent) : otherwise;
}

/** Hours and minutes as the reader writes them: 10.12 or 10:12. */
export function clock(date = new Date()) {
  const [hours, minutes] = [date.getHours(), date.getMinutes()].map((n) => String(n).padStart(2, '0'));
  return language === 'da' ? `${hours}.${minutes}` : `${hours}:${minutes}`;
}

/** An element with its properties and children; strings become text, never markup. */
export function tag(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null));
  return element;
}
