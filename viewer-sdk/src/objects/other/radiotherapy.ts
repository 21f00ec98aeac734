import type { JsonDataset } from '../../dicom/json.ts';
import type { Fact } from './renderer.ts';
import { otherText } from './texts.ts';

const SOP_RT_DOSE = '1.2.840.10008.5.1.4.1.1.481.2';
const SOP_RT_PLANS = new Set(['1.2.840.10008.5.1.4.1.1.481.5', '1.2.840.10008.5.1.4.1.1.481.8']);

/** Element tags of radiotherapy objects that nothing else reads. @dicom PS3.3 C.8.8 */
const TAG = {
  SOPClassUID: '00080016',
  DoseUnits: '30040002',
  DoseType: '30040004',
  DoseComment: '30040006',
  DoseSummationType: '3004000A',
  DoseGridScaling: '3004000E',
  BitsStored: '00280101',
  RTPlanLabel: '300A0002',
  RTPlanName: '300A0003',
  PlanIntent: '300A000A',
  RTPlanGeometry: '300A000C',
  DoseReferenceSequence: '300A0010',
  TargetPrescriptionDose: '300A0026',
  FractionGroupSequence: '300A0070',
  NumberOfFractionsPlanned: '300A0078',
  BeamSequence: '300A00B0',
  IonBeamSequence: '300A03A2',
  TreatmentMachineName: '300A00B2',
  ApprovalStatus: '300E0002',
  ReviewerName: '300E0008',
} as const;

const first = (dataset: JsonDataset | undefined, tag: keyof typeof TAG): string | undefined => {
  const [value] = dataset?.[TAG[tag]]?.Value ?? [];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};
const items = (dataset: JsonDataset, tag: keyof typeof TAG): readonly JsonDataset[] =>
  (dataset[TAG[tag]]?.Value ?? []).filter((item): item is JsonDataset => typeof item === 'object' && item !== null);

/** What a physician asks of a dose or a plan: said in words, since neither is drawn. */
export function radiotherapyFacts(dataset: JsonDataset, locale: string): Fact[] {
  const sopClass = first(dataset, 'SOPClassUID') ?? '';
  if (sopClass === SOP_RT_DOSE) {
    return [
      [otherText(locale, 'doseType'), first(dataset, 'DoseType')],
      [otherText(locale, 'doseUnits'), first(dataset, 'DoseUnits')],
      [otherText(locale, 'doseSummation'), first(dataset, 'DoseSummationType')],
      [otherText(locale, 'label'), first(dataset, 'DoseComment')],
    ];
  }
  if (!SOP_RT_PLANS.has(sopClass)) return [];
  const beams = [...items(dataset, 'BeamSequence'), ...items(dataset, 'IonBeamSequence')];
  const fractions = items(dataset, 'FractionGroupSequence').map((group) => first(group, 'NumberOfFractionsPlanned'));
  const doses = items(dataset, 'DoseReferenceSequence')
    .map((reference) => first(reference, 'TargetPrescriptionDose'))
    .filter((dose) => dose !== undefined);
  const machines = [...new Set(beams.map((beam) => first(beam, 'TreatmentMachineName')).filter(Boolean))];
  return [
    [otherText(locale, 'planLabel'), first(dataset, 'RTPlanLabel')],
    [otherText(locale, 'planName'), first(dataset, 'RTPlanName')],
    [otherText(locale, 'planIntent'), first(dataset, 'PlanIntent')],
    [otherText(locale, 'planGeometry'), first(dataset, 'RTPlanGeometry')],
    [otherText(locale, 'fractions'), fractions.filter(Boolean).join(' + ') || undefined],
    [otherText(locale, 'prescription'), doses.length > 0 ? `${doses.join(' / ')} Gy` : undefined],
    [otherText(locale, 'beams'), beams.length > 0 ? String(beams.length) : undefined],
    [otherText(locale, 'machine'), machines.join(', ') || undefined],
    [otherText(locale, 'approval'), first(dataset, 'ApprovalStatus')],
  ];
}
