import { applyAction, type ClinicalStores, errorOf } from './apply.ts';
import { MessageError } from './errors.ts';
import { readText } from './message.ts';
import { planMessage } from './plan.ts';
import type { Action } from './planning.ts';
import type { Connection } from './receive.ts';

/** What would become of a message. */
export interface DryRun {
  readonly type: string;
  readonly segments: readonly {
    readonly name: string;
    readonly fields: readonly { readonly number: number; readonly text: string }[];
  }[];
  readonly steps: readonly { readonly action: Action; readonly known: boolean }[];
  readonly problems: readonly {
    readonly level: 'error' | 'remark';
    readonly answer?: 'AE' | 'AR';
    readonly location: string;
    readonly text: string;
  }[];
}

/** Takes the very steps, with stores that read and do not write. */
export async function dryRun(given: string, connection: Connection, stores: ClinicalStores): Promise<DryRun> {
  const problems: DryRun['problems'][number][] = [];
  const steps: DryRun['steps'][number][] = [];
  let type = '';
  let segments: DryRun['segments'] = [];
  try {
    const read = readText(given);
    type = read.type;
    segments = read.message.segments
      .filter(({ name }) => name !== '')
      .map(({ name, fields }) => ({
        name,
        fields: fields
          .map((field, i) => ({ number: name === 'MSH' ? i + 1 : i, text: field.toString() }))
          .slice(1)
          .filter(({ text }) => text !== ''),
      }));
    const { actions, remarks } = planMessage(read, connection.mapping, connection);
    for (const { location, text } of remarks) problems.push({ level: 'remark', location, text });
    const dry = withoutWriting(stores);
    for (const action of actions) {
      steps.push({ action: shortened(action), known: await isKnown(stores, action) });
      await applyAction(dry, action, 'dry run');
    }
  } catch (error) {
    const answer = error instanceof MessageError ? error.answer : 'AE';
    problems.push({ level: 'error', answer, ...errorOf(error) });
  }
  return { type, segments, steps, problems };
}

function withoutWriting({ patients, orders }: ClinicalStores): ClinicalStores {
  const nothing = async () => undefined;
  return {
    patients: { find: (identifier) => patients.find(identifier), register: nothing, merge: nothing },
    orders: {
      get: (system, placerNumber) => orders.get(system, placerNumber),
      byAccession: (accessionNumber) => orders.byAccession(accessionNumber),
      place: nothing,
      setStatus: nothing,
    },
    reports: {
      putDocument: async (bytes) => ({ mediaType: 'application/pdf', sha256: '0'.repeat(64), sizeBytes: bytes.length }),
      deliver: nothing,
    },
    security: { placePatient: nothing },
  };
}

/** Whether what the step is about is there already, and would be changed. */
async function isKnown({ patients, orders }: ClinicalStores, action: Action): Promise<boolean> {
  switch (action.do) {
    case 'register': {
      const [first] = action.identifiers;
      return first !== undefined && (await patients.find(first)) !== undefined;
    }
    case 'merge':
      return (await patients.find(action.from)) !== undefined;
    case 'place-order':
      return (await orders.get(action.order.system, action.order.placerNumber)) !== undefined;
    case 'order-status':
      return (await orders.get(action.system, action.placerNumber)) !== undefined;
    case 'deliver-report':
      return false;
  }
}

/** A file is told of by its size. */
function shortened(action: Action): Action {
  if (action.do !== 'deliver-report' || action.pdfBase64 === undefined) return action;
  return { ...action, pdfBase64: `${Math.floor((action.pdfBase64.length * 3) / 4)} B` };
}
