/* How the modeler reads and writes what BPMN itself does not say: SpiffWorkflow's namespace, and lists as plain names. */

import bpmn from 'bpmn-moddle/resources/bpmn/json/bpmn.json' with { type: 'json' };

const body = (name) => ({ name, superClass: ['Element'], properties: [{ name: 'value', type: 'String', isBody: true }] });
const attribute = (name, type = 'String') => ({ name, type, isAttr: true });
const holder = (name, ...properties) => ({ name, superClass: ['Element'], properties });

export const spiffworkflow = {
  name: 'SpiffWorkflow',
  prefix: 'spiffworkflow',
  uri: 'http://spiffworkflow.org/bpmn/schema/1.0/core',
  xml: { tagAlias: 'lowerCase' },
  associations: [],
  types: [
    body('CalledDecisionId'),
    body('InstructionsForEndUser'),
    body('MessagePayload'),
    body('MessageVariable'),
    body('PayloadExpression'),
    body('VariableName'),
    holder('Properties', { name: 'properties', type: 'Property', isMany: true }),
    holder('Property', attribute('name'), attribute('value')),
    holder('ServiceTaskOperator', attribute('id'), attribute('resultVariable'), { name: 'parameterList', type: 'Parameters' }),
    holder('Parameters', { name: 'parameters', type: 'Parameter', isMany: true }),
    holder('Parameter', attribute('id'), attribute('type'), attribute('value')),
  ],
};

/** BPMN whose multi-instance lists are names of data; as references they would not survive saving. */
export const bpmnWithNamedLists = {
  ...bpmn,
  types: bpmn.types.map((type) => (type.name === 'MultiInstanceLoopCharacteristics'
    ? { ...type, properties: type.properties.map(asName) } : type)),
};

function asName(property) {
  const isList = ['loopDataInputRef', 'loopDataOutputRef'].includes(property.name);
  return isList ? { name: property.name, type: 'String' } : property;
}
