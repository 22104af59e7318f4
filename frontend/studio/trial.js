/* Trying a decision: its questions as fields, its answer, and the rules that match. */

import { say, tag } from '../words.js';
import { send } from './shell.js';

const ASK_AFTER = 500;
const KINDS = { date: 'date', time: 'time', 'date and time': 'datetime-local' };

export class Trial {
  /** `content` gives the file as it stands; `mark` is told the ids of the rules that match. */
  constructor(place, address, content, mark) {
    Object.assign(this, { address, content, mark, values: {}, asked: '' });
    this.choice = tag('select', { class: 'form-select', id: 'trial-decision', onchange: () => this.ask() });
    this.fields = tag('div', { class: 'trial__fields' });
    this.answer = tag('output', { class: 'trial__answer', for: 'trial-decision' });
    this.picker = tag('div', {}, tag('label', { class: 'form-label', for: 'trial-decision' }, say('Which decision?')), this.choice);
    place.append(tag('section', { class: 'trial', 'aria-labelledby': 'trial-heading' },
      tag('h2', { id: 'trial-heading' }, say('Try it')),
      tag('p', { class: 'muted' }, say('Write values as a case would have them; what is empty is not known.')),
      this.picker, this.fields, this.answer));
  }

  offer(decisions) {
    this.choice.replaceChildren(...decisions.map(({ id, name }) => tag('option', { value: id }, name)));
    this.picker.hidden = decisions.length < 2;
    this.ask();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), ASK_AFTER);
  }

  async ask() {
    if (!this.choice.value) return;
    const turn = Symbol('turn');
    this.turn = turn;
    const { status, body } = await send('POST', this.address, {
      ...(await this.content()), decision: this.choice.value, values: this.values,
    });
    if (this.turn !== turn) return;
    if (status !== 200) this.tell(body.message ?? '', true);
    else this.show(body);
  }

  show({ questions, answer, rules, problem }) {
    this.askFor(questions);
    this.mark(rules);
    if (problem) return this.tell(problem, true);
    const hits = rules.length === 1 ? say('The rule that matched is marked.') : say('{count} rules matched; they are marked.', { count: rules.length });
    return this.tell([tag('strong', {}, say('Answer')), ' ', tag('code', {}, answer), ' ', rules.length ? hits : say('No rule matched.')], false);
  }

  tell(words, isProblem) {
    this.answer.classList.toggle('trial__answer--problem', isProblem);
    this.answer.replaceChildren(...[words].flat());
  }

  /** Fields are made anew only when other questions are asked: nobody loses the place they write at. */
  askFor(questions) {
    const asked = JSON.stringify(questions);
    if (asked === this.asked) return;
    this.asked = asked;
    const fields = questions.map((question, number) => this.field(question, `trial-${number}`));
    this.fields.replaceChildren(...(fields.length ? fields : [tag('p', { class: 'muted' }, say('It asks for nothing.'))]));
  }

  field({ name, kind }, id) {
    const write = ({ target }) => {
      this.values[name] = target.value;
      this.later();
    };
    const hint = kind ? null : tag('span', { class: 'muted' }, ' ', say('in FEEL'));
    const input = kind === 'boolean' ? truth(id, this.values[name], write) : tag('input', {
      id, class: 'form-input', oninput: write, value: this.values[name] ?? '', type: KINDS[kind] ?? 'text',
      inputmode: kind === 'number' ? 'decimal' : null, autocomplete: 'off', spellcheck: 'false',
    });
    return tag('div', {}, tag('label', { class: 'form-label', for: id }, name, hint), input);
  }
}

function truth(id, value, write) {
  const options = { '': say('not known'), true: say('true'), false: say('false') };
  return tag('select', { id, class: 'form-select', onchange: write },
    Object.entries(options).map(([key, words]) => tag('option', { value: key, selected: key === (value ?? '') }, words)));
}
