import type { Demographics, PatientIdentifier } from '@filmless/core/plugin';
import { MessageError } from './errors.ts';
import { type Mapping, purposeOf } from './mapping.ts';
import type { ReadMessage } from './message.ts';
import { personName } from './names.ts';
import { componentOf, repetitionsAt, valueAt } from './paths.ts';
import { planOrders } from './plan-orders.ts';
import { planReports } from './plan-reports.ts';
import type { Action, Plan, Planning, Sender } from './planning.ts';
import { dayOf } from './times.ts';

/**
 * What a message asks for. Knows nothing of what is there already: the same message makes the same plan.
 * @throws MessageError `AR` for types that nothing is done with, `AE` for content that cannot be used
 */
export function planMessage(read: ReadMessage, mapping: Mapping, sender: Sender): Plan {
  const purpose = purposeOf(mapping, read.type);
  if (purpose === undefined) {
    const [message = ''] = read.type.split('^');
    const known = Object.keys(mapping.messages).some((type) => type.split('^')[0] === message);
    throw new MessageError(
      'AR',
      known ? 201 : 200,
      'MSH-9',
      known ? 'this event is not taken' : 'this type of message is not taken',
    );
  }
  const remarks: { location: string; text: string }[] = [];
  const planning: Planning = {
    read,
    mapping,
    sender,
    all: read.message.segments,
    remark: (location, text) => void remarks.push({ location, text }),
    fail: (code, location, text) => {
      throw new MessageError('AE', code, location, text);
    },
  };
  if (purpose === 'ignore') return { actions: [], remarks, patients: [] };
  const identifiers = identifiersAt(planning, mapping.patient.identifiers);
  const [patient] = identifiers;
  if (!patient)
    return planning.fail(101, mapping.patient.identifiers, 'there is no number of the patient of a known type');
  const patients = [patient.id];
  const registered = (): Action => ({ do: 'register', identifiers, demographics: demographicsOf(planning) });
  switch (purpose) {
    case 'patient': {
      const location = locationOf(planning);
      return { actions: [{ ...registered(), ...(location ? { location } : {}) } as Action], remarks, patients };
    }
    case 'leave':
      return { actions: [{ ...registered(), location: { ward: '', room: '', bed: '' } } as Action], remarks, patients };
    case 'merge': {
      const fromIdentifiers = identifiersAt(planning, mapping.merge.identifiers);
      const [from] = fromIdentifiers;
      if (!from)
        return planning.fail(101, mapping.merge.identifiers, 'there is no number of the patient who is merged');
      if (from.id === patient.id && from.issuer === patient.issuer)
        return planning.fail(102, mapping.merge.identifiers, 'it is the number that is kept');
      return {
        actions: [registered(), { do: 'merge', from, into: patient, fromIdentifiers }],
        remarks,
        patients: [...patients, from.id],
      };
    }
    case 'order':
    case 'schedule':
      return { actions: [registered(), ...planOrders(planning, patient, purpose)], remarks, patients };
    case 'report':
      return { actions: planReports(planning, patient), remarks, patients };
  }
}

/** The patient's numbers, the one that counts first. HL7 v2.5.1 2.A.14 (CX) */
function identifiersAt(planning: Planning, path: string): PatientIdentifier[] {
  const { mapping, sender, all } = planning;
  const at = repetitionsAt(all, path);
  if (!at) return [];
  const found: { type: number; id: string; issuer: string }[] = [];
  for (let repetition = 0; repetition < at.count; repetition += 1) {
    const id = componentOf(at.field, 1, 1, repetition);
    const type = mapping.patient.identifierTypes.indexOf(componentOf(at.field, 5, 1, repetition));
    if (id === '' || type === -1) continue;
    if (id.length > 64 || /[\\\p{Cc}]/u.test(id))
      planning.fail(102, path, 'a patient number has over 64 characters or a backslash');
    found.push({ type, id, issuer: componentOf(at.field, 4, 1, repetition) });
  }
  const identifiers: PatientIdentifier[] = [];
  for (const { id, issuer } of found.sort((a, b) => a.type - b.type)) {
    if (sender.patientNumbers === 'own') identifiers.push({ id, issuer: '' });
    // Devices that name the issuer mean the same number.
    if (sender.patientNumbers === 'named' || issuer !== '') identifiers.push({ id, issuer });
  }
  return identifiers.filter(
    ({ id, issuer }, i) => identifiers.findIndex((one) => one.id === id && one.issuer === issuer) === i,
  );
}

function demographicsOf(planning: Planning): Demographics {
  const { mapping, all } = planning;
  const name = personName(all, mapping.patient.name);
  if (name === 'too-long') return planning.fail(102, mapping.patient.name, 'a form of the name has over 64 characters');
  const birth = valueAt(all, mapping.patient.birthDate);
  const birthDate = birth === '' ? undefined : dayOf(birth);
  if (birth !== '' && birthDate === undefined)
    planning.remark(mapping.patient.birthDate[0] ?? '', 'is no day of the calendar and is left out');
  const code = valueAt(all, mapping.patient.sex);
  const sex = code === '' ? undefined : mapping.values.sex[code];
  if (code !== '' && sex === undefined)
    planning.remark(mapping.patient.sex[0] ?? '', 'is no known code and is left out');
  return {
    ...(name === undefined ? {} : { name }),
    ...(sex === undefined ? {} : { sex }),
    ...(birthDate === undefined ? {} : { birthDate }),
  };
}

function locationOf({ mapping, all }: Planning): { ward: string; room: string; bed: string } | undefined {
  const { patient } = mapping;
  if (valueAt(all, patient.patientClass) === 'O') return undefined;
  const value = (paths: readonly string[]) => valueAt(all, paths).slice(0, 64);
  const location = { ward: value(patient.ward), room: value(patient.room), bed: value(patient.bed) };
  return location.ward === '' && location.room === '' && location.bed === '' ? undefined : location;
}
