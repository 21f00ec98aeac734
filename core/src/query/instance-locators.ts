import { FilmlessError } from '../errors.ts';
import type { InstanceLocator, InstanceSelector } from './contract.ts';
import { NO_NUMBER } from './schema.ts';
import { scopeCondition, scopeParameters } from './scope.ts';
import { integer, type SqlParameters, type SqlRow, type Statements, text } from './statements.ts';
import type { UidTable } from './uid-table.ts';

const COLUMNS =
  'im.SOPInstanceUID, im.sopClass, im.transferSyntax, im.sha256, im.sizeBytes, im.datasetOffsetBytes, im.instanceOrder, im.NumberOfFrames';
const OF_SERIES = `SELECT ${COLUMNS} FROM instance AS im WHERE im.series = $series ORDER BY im.instanceOrder, im.SOPInstanceUID`;

/** Where the selected instances lie, in the order a reader looks at them. Throws INVALID_REQUEST without anything to select by. */
export function instanceLocators(
  statements: Statements,
  uids: UidTable,
  selector: InstanceSelector,
): InstanceLocator[] {
  const { PatientID, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, scope } = selector;
  if ([PatientID, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID].every((one) => one === undefined)) {
    throw new FilmlessError('INVALID_REQUEST', 'name a patient, a study, a series or an instance');
  }
  // An empty Patient ID is nobody's.
  if (PatientID?.trim() === '') return [];
  const parameters: SqlParameters = { ...scopeParameters(scope) };
  const conditions = [scopeCondition(scope, 'st')];
  const select = (column: string, name: string, value: string | string[] | undefined) => {
    if (value === undefined) return;
    parameters[name] = typeof value === 'string' ? value : JSON.stringify(value);
    conditions.push(
      typeof value === 'string' ? `${column} = $${name}` : `${column} IN (SELECT value FROM json_each($${name}))`,
    );
  };
  select('st.PatientID', 'patient', PatientID?.trim());
  select('st.StudyInstanceUID', 'study', StudyInstanceUID);
  select('se.SeriesInstanceUID', 'series', SeriesInstanceUID);
  select('im.SOPInstanceUID', 'instance', SOPInstanceUID);
  const where = conditions.join(' AND ');
  const order = 'ORDER BY st.id DESC, se.seriesOrder, se.SeriesInstanceUID';
  if (SOPInstanceUID !== undefined) {
    const rows = statements.all(
      `SELECT st.StudyInstanceUID, se.SeriesInstanceUID, ${COLUMNS}
       FROM instance AS im INDEXED BY instance_uid CROSS JOIN series AS se ON se.id = im.series CROSS JOIN study AS st ON st.id = se.study
       WHERE ${where} ${order}, im.instanceOrder, im.SOPInstanceUID`,
      parameters,
    );
    return rows.map((row) => toLocator(row, text(row, 'StudyInstanceUID'), text(row, 'SeriesInstanceUID'), uids));
  }
  const from =
    SeriesInstanceUID !== undefined
      ? 'series AS se INDEXED BY series_uid CROSS JOIN study AS st ON st.id = se.study'
      : `study AS st INDEXED BY ${StudyInstanceUID === undefined ? 'study_patient_id' : 'study_uid'} CROSS JOIN series AS se ON se.study = st.id`;
  const series = statements.all(
    `SELECT st.StudyInstanceUID, se.SeriesInstanceUID, se.id FROM ${from} WHERE ${where} ${order}`,
    parameters,
  );
  const found: InstanceLocator[] = [];
  for (const one of series) {
    const study = text(one, 'StudyInstanceUID');
    const uid = text(one, 'SeriesInstanceUID');
    for (const row of statements.all(OF_SERIES, { series: integer(one, 'id') }))
      found.push(toLocator(row, study, uid, uids));
  }
  return found;
}

function toLocator(row: SqlRow, StudyInstanceUID: string, SeriesInstanceUID: string, uids: UidTable): InstanceLocator {
  const order = integer(row, 'instanceOrder');
  const sha256 = row['sha256'];
  return {
    StudyInstanceUID,
    SeriesInstanceUID,
    SOPInstanceUID: text(row, 'SOPInstanceUID'),
    SOPClassUID: uids.uidOf(integer(row, 'sopClass')),
    transferSyntaxUID: uids.uidOf(integer(row, 'transferSyntax')),
    sha256:
      sha256 instanceof Uint8Array
        ? Buffer.from(sha256.buffer, sha256.byteOffset, sha256.byteLength).toString('hex')
        : '',
    sizeBytes: integer(row, 'sizeBytes'),
    datasetOffsetBytes: integer(row, 'datasetOffsetBytes'),
    InstanceNumber: order === NO_NUMBER ? null : order,
    // A single-frame image doesn't say so.
    NumberOfFrames: Math.max(1, integer(row, 'NumberOfFrames')),
  };
}
