/* Puts our groups into the panel, right after the general one. */

import { groupsFor } from './groups.js';

/** Below the stock provider's, so that its groups are there already. */
const AFTER_STOCK = 500;

class VejviserProvider {
  constructor(propertiesPanel, injector, translate, catalogue) {
    Object.assign(this, { injector, translate, catalogue: catalogue ?? {} });
    propertiesPanel.registerProvider(AFTER_STOCK, this);
  }

  getGroups(element) {
    return (groups) => {
      const { injector, translate, catalogue } = this;
      const ours = groupsFor({ element, injector, translate, catalogue });
      const stock = groups.filter(({ id }) => id !== 'message');
      const general = stock.findIndex(({ id }) => id === 'general');
      const timer = stock.filter(({ id }) => id === 'timer');
      const rest = stock.filter((group) => group.id !== 'timer');
      const all = [...rest.slice(0, general + 1), ...timer, ...ours, ...rest.slice(general + 1)];
      return all.map((group) => ({ ...group, translate }));
    };
  }
}

VejviserProvider.$inject = ['propertiesPanel', 'injector', 'translate', 'config.catalogue'];

export const providerModule = { __init__: ['vejviserProvider'], vejviserProvider: ['type', VejviserProvider] };
