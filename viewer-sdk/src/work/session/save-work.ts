import { toViewerError, ViewerError } from '../../errors.ts';
import type { WrittenInstance } from '../dicom-write/part10.ts';
import { readKept } from '../read/index.ts';
import { storeInstances } from '../store/stow.ts';
import { type BuildTools, buildKeyObjects, buildReport } from './build-objects.ts';
import type { Measured, SaveResult, StudyWork } from './study-work.ts';

/** A selection without images cannot be written: the marks that are in the archive stay there. */
export const EMPTY_SELECTION = 'empty selection';

/** One object to be stored, or why it could not be made. */
type Prepared =
  | { readonly object: SaveResult['object']; readonly instance: WrittenInstance; readonly settle: () => void }
  | { readonly object: SaveResult['object']; readonly error: ViewerError };

/**
 * Makes the objects for what changed and stores them in one request. Sets the study's results; what failed counts as changed still.
 * @returns what was stored
 */
export async function saveWork(work: StudyWork, measured: Measured, tools: BuildTools): Promise<WrittenInstance[]> {
  const prepared: Prepared[] = [];
  if (work.measuredChanged(measured)) {
    prepared.push(
      await prepare(
        'report',
        () => buildReport(work, measured, tools),
        () => work.settleMeasured(measured),
      ),
    );
  }
  if (work.marksChanged) {
    const { marks, keyTitle, keyDescription } = work;
    prepared.push(
      await prepare(
        'keys',
        async () => {
          if (marks.length === 0) throw new ViewerError('VIEWER_BAD_RESPONSE', EMPTY_SELECTION);
          return buildKeyObjects(work, tools);
        },
        () => work.settleMarks(marks, keyTitle, keyDescription),
      ),
    );
  }
  const ready = prepared.filter((one) => 'instance' in one);
  const stored =
    ready.length === 0
      ? []
      : await storeInstances(
          tools.client,
          work.study,
          ready.map(({ instance }) => instance),
        );
  const done: WrittenInstance[] = [];
  work.results = prepared.map((one): SaveResult => {
    if ('error' in one) return one;
    const error = stored.find(({ instance }) => instance === one.instance)?.error;
    if (!error) {
      one.settle();
      done.push(one.instance);
    }
    return { object: one.object, error };
  });
  const kept = done.map(({ dataset }) => readKept(dataset)).filter((object) => object !== undefined);
  work.kept = [...work.kept, ...kept];
  return done;
}

async function prepare(
  object: SaveResult['object'],
  build: () => Promise<WrittenInstance>,
  settle: () => void,
): Promise<Prepared> {
  try {
    return { object, instance: await build(), settle };
  } catch (error) {
    return { object, error: toViewerError(error, 'VIEWER_BAD_RESPONSE') };
  }
}
