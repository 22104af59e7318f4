/* The panel's kinds of fields. Each entry carries `get` and `set`; the components here only show them. */

import {
  isSelectEntryEdited, isTextAreaEntryEdited, isTextFieldEntryEdited, ListGroup, SelectEntry, TextAreaEntry, TextFieldEntry,
} from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useService } from 'bpmn-js-properties-panel';

function Text({ element, id, label, description, get, set, validate }) {
  const [debounce, translate] = [useService('debounceInput'), useService('translate')];
  return h(TextFieldEntry, { element, id, label, description, debounce, translate, validate, getValue: get, setValue: set });
}

function Area({ element, id, label, description, get, set, monospace, rows = 3 }) {
  const [debounce, translate] = [useService('debounceInput'), useService('translate')];
  return h(TextAreaEntry, { element, id, label, description, debounce, translate, monospace, rows, autoResize: true, getValue: get, setValue: set });
}

function Choice({ element, id, label, description, get, set, options }) {
  return h(SelectEntry, { element, id, label, description, getValue: get, setValue: set, getOptions: () => withCurrent(options(), get()) });
}

/** A value that no catalogue knows stays visible instead of looking unset. */
function withCurrent(options, value) {
  const known = !value || options.some((option) => option.value === value);
  return known ? options : [...options, { value, label: `${value} (?)` }];
}

export const text = (entry) => ({ component: Text, isEdited: isTextFieldEntryEdited, ...entry });
export const area = (entry) => ({ component: Area, isEdited: isTextAreaEntryEdited, ...entry });
export const choice = (entry) => ({ component: Choice, isEdited: isSelectEntryEdited, ...entry });

/** A list of pairs that can grow and shrink; `field` makes the entry for the value. */
export function pairList({ id, label, pairs, setPairs, fresh, nameLabel, validName, field }) {
  const change = (at, pair) => setPairs(pairs.map((old, place) => (place === at ? pair : old)));
  return {
    id,
    label,
    component: ListGroup,
    add: (event) => { event.stopPropagation(); setPairs([...pairs, [fresh(pairs), '']]); },
    items: pairs.map(([name, value], at) => ({
      id: `${id}-${at}`,
      label: value ? `${name} = ${value}` : name,
      autoFocusEntry: `${id}-${at}-name`,
      remove: (event) => { event.stopPropagation(); setPairs(pairs.filter((_, place) => place !== at)); },
      entries: [
        text({
          id: `${id}-${at}-name`, label: nameLabel, get: () => name, set: (fresh) => fresh && change(at, [fresh, value]),
          validate: (wanted) => validName(wanted, pairs.filter((_, place) => place !== at).map(([other]) => other)),
        }),
        field({ id: `${id}-${at}-value`, get: () => value, set: (fresh) => change(at, [name, fresh ?? '']) }),
      ],
    })),
  };
}
