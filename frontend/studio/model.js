/* Reads and changes what an element carries; every change is one step of undo. */

import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

/** The business object that the panel edits: a pool stands for its process. */
export function subjectOf(element) {
  const object = getBusinessObject(element);
  return is(object, 'bpmn:Participant') ? (object.get('processRef') ?? object) : object;
}

export function eventDefinition(element, type) {
  const definitions = getBusinessObject(element).get('eventDefinitions') ?? [];
  return definitions.find((definition) => is(definition, type));
}

export function extension(object, type) {
  return (object?.get('extensionElements')?.get('values') ?? []).find((value) => value.$type === type);
}

/** Name and value of every property, in their order. */
export function properties(object) {
  return extension(object, 'spiffworkflow:Properties')?.get('properties') ?? [];
}

export function property(object, name) {
  return properties(object).find((candidate) => candidate.name === name);
}

/** Collects changes and runs them as one command. */
export class Change {
  constructor(injector, element) {
    this.injector = injector;
    this.element = element;
    this.commands = [];
  }

  create(type, attributes, parent) {
    const made = this.injector.get('bpmnFactory').create(type, attributes);
    made.$parent = parent;
    return made;
  }

  set(moddleElement, values) {
    this.commands.push({
      cmd: 'element.updateModdleProperties',
      context: { element: this.element, moddleElement, properties: values },
    });
    return this;
  }

  run() {
    if (this.commands.length) {
      this.injector.get('commandStack').execute('properties-panel.multi-command-executor', this.commands);
    }
  }

  /** Puts `made` (or nothing) where the object's extension of that type is. */
  putExtension(object, type, make) {
    const elements = object.get('extensionElements');
    const others = (elements?.get('values') ?? []).filter((value) => value.$type !== type);
    if (elements) {
      const made = make && make(elements);
      return this.set(elements, { values: made ? [...others, made] : others });
    }
    if (!make) return this;
    const fresh = this.create('bpmn:ExtensionElements', {}, object);
    fresh.values = [make(fresh)];
    return this.set(object, { extensionElements: fresh });
  }

  /** An extension with text; empty text takes it away. */
  putText(object, type, value) {
    return this.putExtension(object, type, value && ((parent) => this.create(type, { value }, parent)));
  }

  /** All properties anew, from pairs of name and value. */
  putProperties(object, pairs) {
    const type = 'spiffworkflow:Properties';
    return this.putExtension(object, type, pairs.length > 0 && ((parent) => {
      const holder = this.create(type, {}, parent);
      holder.properties = pairs.map(([name, value]) => this.create('spiffworkflow:Property', { name, value }, holder));
      return holder;
    }));
  }
}

export function setText(injector, element, object, type, value) {
  new Change(injector, element).putText(object, type, value).run();
}

/** Sets one property; without a value it goes. */
export function setProperty(injector, element, name, value) {
  const object = subjectOf(element);
  const pairs = properties(object).map((entry) => [entry.name, entry.value]);
  const at = pairs.findIndex(([known]) => known === name);
  if (!value) pairs.splice(at, at < 0 ? 0 : 1);
  else if (at < 0) pairs.push([name, value]);
  else pairs[at] = [name, value];
  new Change(injector, element).putProperties(object, pairs).run();
}

/** Replaces the properties that `prefix` begins, leaving the others in their places. */
export function setPrefixed(injector, element, prefix, entries) {
  const object = subjectOf(element);
  const mine = entries.map(([name, value]) => [prefix + name, value]);
  const pairs = properties(object).map((entry) => [entry.name, entry.value]);
  const first = pairs.findIndex(([name]) => name.startsWith(prefix));
  const others = pairs.filter(([name]) => !name.startsWith(prefix));
  const at = first < 0 ? others.length : pairs.slice(0, first).length;
  new Change(injector, element).putProperties(object, [...others.slice(0, at), ...mine, ...others.slice(at)]).run();
}

export function prefixed(object, prefix) {
  return properties(object)
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, value }) => [name.slice(prefix.length), value ?? '']);
}

/** Sets plain attributes of a BPMN object. */
export function setPlain(injector, element, object, values) {
  new Change(injector, element).set(object, values).run();
}

export function definitionsOf(object) {
  let root = object;
  while (root.$parent) root = root.$parent;
  return root;
}
