/* What every editor of the studio has around its canvas: saving, publishing, problems, a word before leaving. */

import { clock, say, tag } from '../words.js';

const SAVE_AFTER = 3000;
const LINT_AFTER = 700;

/** The bar, the canvas, the panel and the list of problems; `editor` gives `content()` and `select(element)`. */
export class Shell {
  constructor(host, buttons) {
    this.host = host;
    this.file = host.dataset.file ?? '';
    this.updatedAt = host.dataset.updatedAt || null;
    this.state = tag('span', { class: 'studio__state', role: 'status' });
    this.canvas = tag('div', { class: 'studio__canvas' });
    this.panel = tag('div', { class: 'studio__panel' });
    this.problems = tag('section', { class: 'studio__problems', 'aria-label': say('Problems') });
    this.bar = tag('div', { class: 'studio__bar', role: 'toolbar', 'aria-label': say('Tools') }, buttons, this.ends());
    host.classList.add('studio');
    host.append(this.bar, tag('div', { class: 'studio__work' }, this.canvas, this.panel), this.problems);
    this.dirty = false;
    this.saving = null;
  }

  /** Begins to watch; called once the content is shown. */
  attach(editor) {
    this.editor = editor;
    window.addEventListener('online', () => this.save());
    window.addEventListener('beforeunload', (event) => { if (this.dirty) event.preventDefault(); });
    document.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      this.save();
    });
    this.lint();
  }

  changed() {
    clearTimeout(this.lintTimer);
    this.lintTimer = setTimeout(() => this.lint(), LINT_AFTER);
    if (!this.host.dataset.saveUrl) return;
    this.dirty = true;
    this.state.textContent = say('Not saved yet');
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => this.save(), SAVE_AFTER);
  }

  ends() {
    const { saveUrl, publishUrl, backUrl } = this.host.dataset;
    return tag('div', { class: 'studio__ends' },
      this.state,
      saveUrl && button(say('Save draft'), () => this.save(), 'secondary'),
      publishUrl && button(say('Publish …'), () => this.askToPublish(), 'primary'),
      backUrl && tag('a', { href: backUrl, class: 'button button-tertiary' }, say('Back')));
  }

  /** Whether the draft is on the server now. */
  async save() {
    clearTimeout(this.saveTimer);
    const { saveUrl } = this.host.dataset;
    if (!saveUrl || !this.dirty) return true;
    await this.saving;
    this.saving = this.put(saveUrl);
    return this.saving;
  }

  async put(address) {
    this.dirty = false;
    this.state.textContent = say('Saving …');
    const { status, body } = await send('PUT', address, { ...(await this.editor.content()), updated_at: this.updatedAt });
    if (status === 200) {
      this.updatedAt = body.updated_at ?? this.updatedAt;
      if (!this.dirty) this.state.textContent = say('Draft saved at {time}', { time: clock() });
      return true;
    }
    this.dirty = true;
    this.state.textContent = body.message || (status === 409 ? say('Somebody else has changed the draft') : say('The draft could not be saved'));
    return false;
  }

  async lint() {
    const { lintUrl } = this.host.dataset;
    if (!lintUrl) return;
    const { status, body } = await send('POST', lintUrl, { ...(await this.editor.content()), file: this.file });
    if (status === 200) this.showProblems(body.problems);
  }

  showProblems(problems) {
    this.editor.mark(problems.filter(({ file }) => !file || file === this.file));
    const title = problems.length ? say(problems.length === 1 ? '1 problem' : '{count} problems', { count: problems.length }) : say('No problems found');
    this.problems.replaceChildren(
      tag('h2', { class: problems.length ? '' : 'studio__well' }, title),
      tag('ol', {}, problems.map((problem) => tag('li', { class: `problem problem--${problem.severity}` }, this.line(problem)))));
  }

  line({ file, element, name, line, column, message, severity }) {
    const here = !file || file === this.file;
    const label = name && element ? `${name} (${element})` : element;
    const place = [here ? null : file, label, line ? say('line {line}, column {column}', { line, column: column ?? 1 }) : null].filter(Boolean).join(' · ');
    const words = [
      tag('strong', {}, say(severity === 'error' ? 'Error' : 'Warning')), ' ', message, ' ', tag('span', { class: 'muted' }, place),
    ];
    if (!here || !element) return words;
    return tag('button', { type: 'button', class: 'problem__go', onclick: () => this.editor.select(element) }, words);
  }

  askToPublish() {
    const note = tag('textarea', { class: 'form-input', id: 'publish-note', rows: '3', required: true });
    const answer = tag('p', { role: 'alert' });
    const dialog = tag('dialog', { class: 'dialog', 'aria-label': say('Publish') },
      tag('h2', {}, say('Publish')),
      tag('p', {}, say('New cases follow the new version; running cases stay on theirs.')),
      tag('form', { onsubmit: (event) => { event.preventDefault(); this.publish(note.value, answer, dialog); } },
        tag('label', { class: 'form-label', for: 'publish-note' }, say('What has changed, and why?')), note, answer,
        tag('p', { class: 'cluster' },
          tag('button', { type: 'submit', class: 'button button-primary' }, say('Publish')),
          button(say('Cancel'), () => dialog.close(), 'secondary'))));
    dialog.addEventListener('close', () => dialog.remove());
    this.host.append(dialog);
    dialog.showModal();
  }

  async publish(note, answer, dialog) {
    answer.textContent = say('Publishing …');
    if (!(await this.save())) {
      answer.textContent = this.state.textContent;
      return;
    }
    const { status, body } = await send('POST', this.host.dataset.publishUrl, { note, updated_at: this.updatedAt });
    if (status === 200 || status === 201) return this.published(body, dialog);
    answer.textContent = body.message || say('It was not published: see the problems below.');
    if (!body.problems) return undefined;
    dialog.close();
    this.showProblems(body.problems);
    this.state.textContent = answer.textContent;
    this.problems.scrollIntoView({ block: 'nearest' });
    return this.problems.querySelector('button')?.focus();
  }

  published({ message, url }, dialog) {
    dialog.close();
    this.state.replaceChildren(message || say('Published'), ' ', url ? tag('a', { href: url }, say('See it')) : '');
  }
}

export function button(words, act, kind = 'tertiary', more = {}) {
  return tag('button', { type: 'button', class: `button button-${kind}`, onclick: act, ...more }, words);
}

/** The answer's status and JSON; a failed line is status 0. */
export async function send(method, address, content) {
  try {
    const answer = await fetch(address, {
      method,
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'X-CSRFToken': document.querySelector('meta[name="csrf-token"]')?.content ?? '',
      },
      body: JSON.stringify(content),
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: { message: say('No connection to the server') } };
  }
}
