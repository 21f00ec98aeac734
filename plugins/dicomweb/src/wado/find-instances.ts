import { FilmlessError, type HttpRequest, type InstanceLocator, type InstanceRecord } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';

/** What a path names may not be found by more than these characters: UIDs of the field hold letters too. */
const UID_OF_PATH = /^[0-9A-Za-z._-]{1,128}$/;

/** The instances a path names, ordered, inside what the identity may see. STUDY_NOT_FOUND, SOP_INSTANCE_NOT_FOUND, NOT_FOUND. */
export async function findInstances(
  web: Dicomweb,
  request: Pick<HttpRequest, 'params' | 'scope'>,
): Promise<InstanceLocator[]> {
  const { study, series, instance } = request.params;
  for (const uid of [study, series, instance]) {
    if (uid !== undefined && !UID_OF_PATH.test(uid))
      throw new FilmlessError('INVALID_REQUEST', 'a UID of the path is not valid');
  }
  const found = await web.plugin.query.instances({
    ...(study === undefined ? {} : { StudyInstanceUID: study }),
    ...(series === undefined ? {} : { SeriesInstanceUID: series }),
    ...(instance === undefined ? {} : { SOPInstanceUID: instance }),
    scope: request.scope,
  });
  if (found.length > 0) return found;
  if (instance !== undefined) throw new FilmlessError('SOP_INSTANCE_NOT_FOUND');
  if (series !== undefined) throw new FilmlessError('NOT_FOUND', 'no such series in this study');
  throw new FilmlessError('STUDY_NOT_FOUND');
}

/** The one instance a path names. */
export async function findInstance(
  web: Dicomweb,
  request: Pick<HttpRequest, 'params' | 'scope'>,
): Promise<InstanceLocator> {
  const [instance] = await findInstances(web, request);
  if (!instance) throw new FilmlessError('SOP_INSTANCE_NOT_FOUND');
  return instance;
}

/** The record behind a locator; it may have been deleted since. */
export async function recordOf(
  web: Dicomweb,
  instance: Pick<InstanceLocator, 'SOPInstanceUID'>,
): Promise<InstanceRecord> {
  const record = await web.plugin.catalogue.get(instance.SOPInstanceUID);
  if (!record) throw new FilmlessError('SOP_INSTANCE_NOT_FOUND');
  return record;
}

/** In runs of the same series, in the order found. */
export function bySeries(instances: readonly InstanceLocator[]): InstanceLocator[][] {
  const groups = new Map<string, InstanceLocator[]>();
  for (const instance of instances) {
    const group = groups.get(instance.SeriesInstanceUID);
    if (group) group.push(instance);
    else groups.set(instance.SeriesInstanceUID, [instance]);
  }
  return [...groups.values()];
}
