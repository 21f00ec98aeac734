import { inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { InstanceRecord } from '../catalogue/contract.ts';
import { firstNumber, firstString, formatPersonName, personName } from '../dicom/dataset.ts';
import { errorFields } from '../error-fields.ts';
import { FilmlessError } from '../errors.ts';
import type { FilmlessPlugin, PluginContext } from '../plugins/contract.ts';
import type { Report, ReportDelivery, ReportDocument } from './contract.ts';
import { momentOf, reportOfSr } from './sr-content.ts';

type Services = Pick<PluginContext, 'reports' | 'storage' | 'identities' | 'query' | 'orders' | 'log'>;

const ENCAPSULATED_PDF = '1.2.840.10008.5.1.4.1.1.104.1';
const ENCAPSULATED_DOCUMENT = '00420011';
const LARGEST_PDF_BYTES = 16 * 1024 * 1024;
/** A deflated object is inflated whole. */
const LARGEST_FILE_BYTES = 2 * LARGEST_PDF_BYTES;
const LONGEST_TEXT = 512 * 1024;
const LONGEST_LINE = 1024;
/** Trying again would not help: the object stays in its study, where it can be opened. */
const FINAL: ReadonlySet<string> = new Set([
  'INVALID_REQUEST',
  'PAYLOAD_TOO_LARGE',
  'BLOB_MISSING',
  'BLOB_CORRUPT',
  'DICOM_MALFORMED',
]);

/** Finished reports that come as DICOM objects of a study, delivered like those that come any other way. */
export const dicomReportsPlugin: FilmlessPlugin = {
  id: 'dicom-reports',
  api: 1,
  title: { 'zh-CN': 'DICOM 报告接收', en: 'Reports from DICOM' },
  config: z.strictObject({}),
  activate(context) {
    context.hooks.after('instance.stored', 'reports', async (records, signal) => {
      for (const record of records) {
        signal.throwIfAborted();
        // Whoever received it delivers its report, which comes from there too; taken here as well, there could be two.
        if (record.received.via !== 'replication' && !context.replication.isFollowing)
          await takeReport(context, record);
      }
    });
  },
};

/**
 * Delivers the record when it is a report: Basic Text, Enhanced or Comprehensive SR for people, or an Encapsulated PDF. The same again changes
 * nothing. What cannot be delivered is logged, without whose it is.
 */
export async function takeReport(services: Services, record: InstanceRecord): Promise<void> {
  const isPdf = record.SOPClassUID === ENCAPSULATED_PDF;
  const content = isPdf ? pdfContent(record) : reportOfSr(record.dataset);
  if (!content) return;
  const { SOPInstanceUID } = record;
  try {
    const reason = await deliver(services, record, content, isPdf);
    if (reason) services.log.warn({ SOPInstanceUID, reason }, 'a report that came as a DICOM object was not delivered');
  } catch (error) {
    if (!FINAL.has(FilmlessError.from(error).code)) throw error;
    services.log.error(
      { SOPInstanceUID, ...errorFields(error) },
      'a report that came as a DICOM object was not delivered',
    );
  }
}

type Content = Omit<ReportDelivery, 'source' | 'patient' | 'document'>;

/** Why not, or undefined. */
async function deliver(
  services: Services,
  record: InstanceRecord,
  { predecessors, ...content }: Content & { predecessors: readonly string[] },
  isPdf: boolean,
): Promise<string | undefined> {
  const { SOPInstanceUID, StudyInstanceUID } = record;
  const { dataset } = await services.identities.apply(record);
  const [id, issuer] = ['PatientID', 'IssuerOfPatientID'].map((keyword) =>
    (firstString(dataset, keyword) ?? '').trim(),
  );
  if (!id) return 'it names no patient';
  const AccessionNumber = (firstString(dataset, 'AccessionNumber') ?? '').trim();
  const scope = { kind: 'studies', studyInstanceUids: [StudyInstanceUID] } as const;
  const { items } = await services.query.studies({ limit: 10, offset: 0, scope });
  if (items.some(({ PatientID }) => PatientID !== id)) return 'the study has images of another patient';
  const order = AccessionNumber === '' ? undefined : await services.orders.byAccession(AccessionNumber);
  if (order && order.patient.id !== id) return 'the accession number is of an order for another patient';
  const earlier = await services.reports.ofStudy({ StudyInstanceUID, AccessionNumber, PatientID: id });
  if (earlier.some((report) => cameFrom(report, SOPInstanceUID))) return undefined;
  const replaced = earlier.find((report) => predecessors.some((uid) => cameFrom(report, uid)));
  const named = replaced?.versions.find(({ source }) => source.externalId !== undefined)?.source;
  if (tooLong(content)) return 'its text is longer than a report may be';
  let document: ReportDocument | undefined;
  if (isPdf) {
    const bytes = await pdfOf(services, record);
    if (!bytes) return 'its document is no PDF file, or too large';
    document = await services.reports.putDocument(bytes);
  }
  const name = personName(dataset, 'PatientName');
  await services.reports.deliver({
    ...content,
    // A document that takes the place of an earlier one is that report, changed.
    status: replaced ? 'amended' : content.status,
    patient: {
      id,
      ...(issuer ? { issuer } : {}),
      ...(name ? { name: formatPersonName(name).slice(0, LONGEST_LINE) } : {}),
    },
    StudyInstanceUID,
    ...(AccessionNumber === '' ? {} : { accessionNumber: AccessionNumber }),
    ...(document ? { document } : {}),
    source: {
      via: 'dicom',
      system: named?.system ?? record.received.source,
      externalId: named?.externalId ?? SOPInstanceUID,
      messageId: SOPInstanceUID,
    },
  });
  return undefined;
}

function cameFrom({ versions }: Report, SOPInstanceUID: string): boolean {
  return versions.some(({ source }) => source.via === 'dicom' && source.messageId === SOPInstanceUID);
}

function tooLong({ title = '', text = '', conclusion = '', author = '', reviewer = '' }: Content): boolean {
  return (
    [text, conclusion].some((one) => one.length > LONGEST_TEXT) ||
    [title, author, reviewer].some((one) => one.length > LONGEST_LINE)
  );
}

function pdfContent({ dataset }: InstanceRecord): (Content & { predecessors: readonly string[] }) | undefined {
  if (firstString(dataset, 'Manufacturer')?.trim() === 'Filmless') return undefined;
  const text = (keyword: string) => (firstString(dataset, keyword) ?? '').trim();
  const issuedAt = momentOf(text('ContentDate'), text('ContentTime'));
  const verified = text('VerificationFlag') === 'VERIFIED';
  return {
    status: verified ? 'reviewed' : 'reported',
    title: text('DocumentTitle') || text('SeriesDescription'),
    ...(issuedAt ? { issuedAt } : {}),
    predecessors: [],
  };
}

/** The file as it was put into the object; undefined when it is no PDF. @dicom PS3.3 C.24.2 */
async function pdfOf({ storage }: Services, record: InstanceRecord): Promise<Uint8Array | undefined> {
  const inline = record.dataset[ENCAPSULATED_DOCUMENT]?.InlineBinary;
  const bytes = inline === undefined ? await bulkOf(storage, record) : Buffer.from(inline, 'base64');
  if (!bytes) return undefined;
  // Padded to an even length; the length itself is written beside it.
  const lengthBytes = firstNumber(record.dataset, 'EncapsulatedDocumentLength') ?? bytes.length;
  const file = bytes.subarray(0, lengthBytes > 0 && lengthBytes <= bytes.length ? lengthBytes : bytes.length);
  return file.subarray(0, 1024).includes('%PDF-') ? file : undefined;
}

async function bulkOf(storage: Services['storage'], record: InstanceRecord): Promise<Buffer | undefined> {
  const item = record.bulkData.find(({ path }) => path === ENCAPSULATED_DOCUMENT);
  if (!item || item.lengthBytes <= 0 || item.lengthBytes > LARGEST_PDF_BYTES || record.sizeBytes > LARGEST_FILE_BYTES)
    return undefined;
  const { offsetBytes, lengthBytes } = item;
  const source = await storage.open(record.sha256);
  try {
    if (!item.inflated) return Buffer.from(await source.read(offsetBytes, lengthBytes));
    const deflated = await source.read(record.datasetOffsetBytes, record.sizeBytes - record.datasetOffsetBytes);
    const whole = inflateRawSync(deflated, { maxOutputLength: LARGEST_FILE_BYTES });
    return whole.subarray(offsetBytes, offsetBytes + lengthBytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_BUFFER_TOO_LARGE'))
      return undefined;
    throw error;
  } finally {
    await source.close();
  }
}
