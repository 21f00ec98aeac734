import type { Hl7Config } from '../config.ts';
import { defaultMapping } from './default-mapping.ts';
import { mappingChangesSchema, withChanges } from './mapping.ts';
import type { Connection } from './receive.ts';

/** Who is taken without being known, with `accept: any`. */
const ANYBODY = 'any';

/** The systems that may send, as the settings name them. */
export class Connections {
  readonly #byAddress = new Map<string, Connection>();
  readonly #byName = new Map<string, Connection>();
  readonly #anybody: Connection | undefined;

  constructor(config: Pick<Hl7Config, 'connections' | 'mapping' | 'accept'>) {
    const common = withChanges(defaultMapping, config.mapping);
    for (const { name, address, characterSet, patientNumbers, mapping } of config.connections) {
      const changes = mapping === undefined ? undefined : mappingChangesSchema.parse(mapping);
      const connection: Connection = { name, characterSet, patientNumbers, mapping: withChanges(common, changes) };
      this.#byName.set(name, connection);
      this.#byAddress.set(address, connection);
    }
    if (config.accept === 'any') {
      this.#anybody = { name: ANYBODY, characterSet: undefined, patientNumbers: 'own', mapping: common };
      this.#byName.set(ANYBODY, this.#anybody);
    }
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  at(address: string): Connection | undefined {
    return this.#byAddress.get(address) ?? this.#anybody;
  }

  named(name: string): Connection | undefined {
    return this.#byName.get(name);
  }
}
