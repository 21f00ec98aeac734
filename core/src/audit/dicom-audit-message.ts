import type { AuditAction, AuditEntry } from './contract.ts';

interface Code {
  code: string;
  system: 'DCM' | 'RFC-3881';
  text: string;
}

interface Kind {
  event: Code;
  type?: Code;
  /** Create, Read, Update, Delete, Execute. */
  action: 'C' | 'R' | 'U' | 'D' | 'E';
}

const dcm = (code: string, text: string): Code => ({ code, system: 'DCM', text });

const APPLICATION_ACTIVITY = dcm('110100', 'Application Activity');
const AUDIT_LOG_USED = dcm('110101', 'Audit Log Used');
const INSTANCES_ACCESSED = dcm('110103', 'DICOM Instances Accessed');
const INSTANCES_TRANSFERRED = dcm('110104', 'DICOM Instances Transferred');
const EXPORT = dcm('110106', 'Export');
const QUERY = dcm('110112', 'Query');
const SECURITY_ALERT = dcm('110113', 'Security Alert');
const USER_AUTHENTICATION = dcm('110114', 'User Authentication');

/** @dicom PS3.15 A.5.3, codes of PS3.16 CID 400 to 403 */
const KINDS: Readonly<Record<AuditAction, Kind>> = {
  'node.start': { event: APPLICATION_ACTIVITY, type: dcm('110120', 'Application Start'), action: 'E' },
  'node.stop': { event: APPLICATION_ACTIVITY, type: dcm('110121', 'Application Stop'), action: 'E' },
  'sign-in': { event: USER_AUTHENTICATION, type: dcm('110122', 'Login'), action: 'E' },
  'sign-out': { event: USER_AUTHENTICATION, type: dcm('110123', 'Logout'), action: 'E' },
  refused: { event: SECURITY_ALERT, type: dcm('110132', 'Use of Restricted Function'), action: 'E' },
  search: { event: QUERY, action: 'E' },
  open: { event: INSTANCES_ACCESSED, action: 'R' },
  export: { event: EXPORT, action: 'R' },
  // The standard counts printing as an export. @dicom PS3.15 A.5.3.6
  print: { event: EXPORT, action: 'R' },
  receive: { event: INSTANCES_TRANSFERRED, action: 'C' },
  change: { event: SECURITY_ALERT, type: dcm('110135', 'Object Security Attributes Changed'), action: 'E' },
  plugin: { event: SECURITY_ALERT, type: dcm('110131', 'Software Configuration'), action: 'E' },
  user: { event: SECURITY_ALERT, type: dcm('110137', 'User Security Attributes Changed'), action: 'E' },
  token: { event: SECURITY_ALERT, type: dcm('110129', 'Security Configuration'), action: 'E' },
  emergency: { event: SECURITY_ALERT, type: dcm('110127', 'Emergency Override Started'), action: 'E' },
  'audit.read': { event: AUDIT_LOG_USED, action: 'R' },
  'audit.restored': { event: SECURITY_ALERT, type: dcm('110135', 'Object Security Attributes Changed'), action: 'E' },
  'audit.broken': { event: SECURITY_ALERT, type: dcm('110135', 'Object Security Attributes Changed'), action: 'E' },
};
const OUTCOMES = { success: '0', failed: '4', refused: '8' } as const;

/** An entry as the XML message of the standard. @dicom PS3.15 A.5.1 */
export function toDicomAuditMessage(entry: AuditEntry, sourceId: string): string {
  const kind = KINDS[entry.action];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<AuditMessage>',
    `<EventIdentification EventActionCode="${kind.action}" EventDateTime="${xmlText(entry.at)}" EventOutcomeIndicator="${OUTCOMES[entry.outcome]}">`,
    coded('EventID', kind.event),
    kind.type ? coded('EventTypeCode', kind.type) : '',
    '</EventIdentification>',
    actor(entry),
    `<AuditSourceIdentification AuditSourceID="${xmlText(sourceId)}"><AuditSourceTypeCode csd-code="4"/></AuditSourceIdentification>`,
    ...objects(entry),
    '</AuditMessage>',
  ].join('');
}

function actor({ actor: id, actorKind, address }: AuditEntry): string {
  const where = address === '' ? '' : ` NetworkAccessPointID="${xmlText(address)}" NetworkAccessPointTypeCode="2"`;
  const user = id === '' ? 'unknown' : id;
  return `<ActiveParticipant UserID="${xmlText(user)}" AlternativeUserID="${actorKind}" UserIsRequestor="true"${where}/>`;
}

function objects(entry: AuditEntry): string[] {
  const { action, patientId, studyInstanceUid, target, detail } = entry;
  const found: string[] = [];
  if (studyInstanceUid !== '') found.push(object(studyInstanceUid, '2', '3', dcm('110180', 'Study Instance UID')));
  if (patientId !== '')
    found.push(object(patientId, '1', '1', { code: '2', system: 'RFC-3881', text: 'Patient Number' }));
  if (action === 'search')
    found.push(
      object(
        'search',
        '2',
        '24',
        dcm('110181', 'SOP Class UID'),
        `<ParticipantObjectQuery>${base64(detail)}</ParticipantObjectQuery>`,
      ),
    );
  else if (target !== '' || detail !== '')
    found.push(
      object(
        target === '' ? action : target,
        '2',
        '13',
        dcm('110182', 'Node ID'),
        '',
        detail === '' ? '' : `<ParticipantObjectDetail type="detail" value="${base64(detail)}"/>`,
      ),
    );
  return found;
}

/** @param inside between the type and the details, as the schema orders them */
function object(id: string, typeCode: string, role: string, idType: Code, inside = '', details = ''): string {
  return (
    `<ParticipantObjectIdentification ParticipantObjectID="${xmlText(id)}" ParticipantObjectTypeCode="${typeCode}" ParticipantObjectTypeCodeRole="${role}">` +
    `${coded('ParticipantObjectIDTypeCode', idType)}${inside}${details}</ParticipantObjectIdentification>`
  );
}

function coded(element: string, { code, system, text }: Code): string {
  return `<${element} csd-code="${code}" codeSystemName="${system}" originalText="${xmlText(text)}"/>`;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Without what XML 1.0 cannot hold. */
function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\ufffe\uffff]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
