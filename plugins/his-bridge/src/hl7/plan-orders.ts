import type { Order, PatientIdentifier } from '@filmless/core/plugin';
import { staffName } from './names.ts';
import { type Segments, valueAt } from './paths.ts';
import { type Action, groupsOf, type Planning, placeOf } from './planning.ts';
import { isoOf } from './times.ts';

/** Modalities an order may name; others, such as sections of a department, are left out. @dicom PS3.3 C.7.3.1.1.1 */
const MODALITIES = new Set(
  'AR AU BDUS BI BMD CR CT DG DX ECG EPS ES GM HD IO IVOCT IVUS KER LEN LS MG MR NM OAM OCT OP OPM OPT OPV OSS OT PT PX RF RG SM TG US VA XA XC'.split(
    ' ',
  ),
);
/** Appointments that are off. HL7 table 0003 */
const CANCELLED_EVENTS = new Set(['S15', 'S17', 'S26']);

export function planOrders(planning: Planning, patient: PatientIdentifier, purpose: 'order' | 'schedule'): Action[] {
  return groupsOf(planning.all).flatMap((segments) => {
    const action =
      purpose === 'order' ? planOrder(planning, patient, segments) : planSchedule(planning, patient, segments);
    return action ? [action] : [];
  });
}

function planOrder(planning: Planning, patient: PatientIdentifier, segments: Segments): Action | undefined {
  const { mapping, sender } = planning;
  const control = mapping.values.control[valueAt(segments, mapping.order.control)];
  if (control === undefined)
    return planning.fail(103, placeOf(mapping.order.control), 'is no order control that is taken');
  if (control === 'ignore') return undefined;
  const placerNumber = numberOf(planning, segments);
  const stands = mapping.values.orderStatus[valueAt(segments, mapping.order.status)];
  if (control === 'place') {
    const order = fieldsOf(planning, segments, { system: sender.name, placerNumber, patient });
    return { do: 'place-order', order, initialStatus: stands ?? (order.scheduledAt ? 'scheduled' : 'ordered') };
  }
  const status = control === 'cancel' ? 'cancelled' : stands;
  if (status === undefined)
    return planning.fail(103, placeOf(mapping.order.status), 'is no order status that is known');
  return { do: 'order-status', system: sender.name, placerNumber, patient, status };
}

/** An appointment: when and where the order of that number takes place; one of its own when it names none. */
function planSchedule(planning: Planning, patient: PatientIdentifier, segments: Segments): Action {
  const placerNumber = numberOf(planning, segments);
  const system = planning.sender.name;
  if (CANCELLED_EVENTS.has(planning.read.type.split('^')[1] ?? ''))
    return { do: 'order-status', system, placerNumber, patient, status: 'cancelled' };
  const order = fieldsOf(planning, segments, { system, placerNumber, patient });
  return { do: 'place-order', order, initialStatus: 'scheduled' };
}

function numberOf(planning: Planning, segments: Segments): string {
  const { placerNumber } = planning.mapping.order;
  const number = valueAt(segments, placerNumber);
  if (number === '' || number.length > 128) return planning.fail(101, placeOf(placerNumber), 'the order has no number');
  return number;
}

function fieldsOf(
  planning: Planning,
  segments: Segments,
  base: Pick<Order, 'system' | 'placerNumber' | 'patient'>,
): Partial<Order> & typeof base {
  const { order: paths, values } = planning.mapping;
  const value = (name: keyof typeof paths, most = 256) => valueAt(segments, paths[name]).slice(0, most);
  const accessionNumber = value('accessionNumber');
  // It joins images and order: cut short it would join others.
  if (accessionNumber.length > 64)
    planning.fail(102, placeOf(paths.accessionNumber), 'the accession number has over 64 characters');
  const text = value('procedureText');
  const code = value('procedureCode', 64);
  const modality = known<string>(planning, segments, 'modality', values.modality, (one) =>
    MODALITIES.has(one) ? one : undefined,
  );
  const priority = known<Order['priority']>(planning, segments, 'priority', values.priority, () => undefined);
  const orderedAt = timeOf(planning, segments, 'orderedAt');
  const scheduledAt = timeOf(planning, segments, 'scheduledAt');
  const fields: Partial<Order> = {
    fillerNumber: value('fillerNumber', 128),
    accessionNumber,
    bodyPart: value('bodyPart', 64),
    reason: value('reason', 4096),
    requestedBy: staffName(segments, paths.requestedBy),
    requestingDepartment: value('requestingDepartment', 128),
    scheduledStation: value('scheduledStation', 64),
  };
  const given = Object.fromEntries(Object.entries(fields).filter(([, one]) => one !== '')) as Partial<Order>;
  return {
    ...given,
    ...(code === '' && text === '' ? {} : { procedure: { code, scheme: value('procedureScheme', 64), text } }),
    ...(modality === undefined ? {} : { modality }),
    ...(priority === undefined ? {} : { priority }),
    ...(orderedAt === undefined ? {} : { orderedAt }),
    ...(scheduledAt === undefined ? {} : { scheduledAt }),
    ...base,
  };
}

function known<T extends string>(
  planning: Planning,
  segments: Segments,
  name: 'modality' | 'priority',
  table: Readonly<Record<string, T>>,
  otherwise: (code: string) => T | undefined,
): T | undefined {
  const paths = planning.mapping.order[name];
  const code = valueAt(segments, paths);
  if (code === '') return undefined;
  const found = table[code] ?? table[code.toUpperCase()] ?? otherwise(code);
  if (found === undefined) planning.remark(placeOf(paths), 'is no known code and is left out');
  return found;
}

function timeOf(planning: Planning, segments: Segments, name: 'orderedAt' | 'scheduledAt'): string | undefined {
  const paths = planning.mapping.order[name];
  const text = valueAt(segments, paths);
  const iso = text === '' ? undefined : isoOf(text);
  if (text !== '' && iso === undefined) planning.remark(placeOf(paths), 'is no time and is left out');
  return iso;
}
