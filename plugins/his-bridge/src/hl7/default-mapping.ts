import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mapping, mappingSchema } from './mapping.ts';

/** What HL7 says where values stand; see `default-mapping.json`. */
export const defaultMapping: Mapping = mappingSchema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'default-mapping.json'), 'utf8')),
);
