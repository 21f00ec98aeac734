import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, type AuditEntry } from './contract.ts';
import { toDicomAuditMessage } from './dicom-audit-message.ts';
import { frame } from './syslog-sender.ts';

const entry = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  seq: 7,
  at: '2026-03-01T08:00:00.000Z',
  action: 'open',
  outcome: 'success',
  actorKind: 'user',
  actor: 'wang',
  address: '192.0.2.7',
  target: '',
  patientId: 'P<1>',
  studyInstanceUid: '1.2.3',
  detail: '',
  hash: '',
  ...change,
});

describe('the audit message of the standard', () => {
  it('names event, participant, source and objects with their codes', () => {
    const message = toDicomAuditMessage(entry(), 'centre');
    expect(message).toContain('EventActionCode="R" EventDateTime="2026-03-01T08:00:00.000Z" EventOutcomeIndicator="0"');
    expect(message).toContain(
      '<EventID csd-code="110103" codeSystemName="DCM" originalText="DICOM Instances Accessed"/>',
    );
    expect(message).toContain('UserID="wang"');
    expect(message).toContain('NetworkAccessPointID="192.0.2.7" NetworkAccessPointTypeCode="2"');
    expect(message).toContain('AuditSourceID="centre"');
    expect(message).toContain('ParticipantObjectID="1.2.3"');
    expect(message).toContain('ParticipantObjectID="P&lt;1&gt;"');
  });

  it('keeps whatever comes from outside as text', () => {
    const odd = '"><script>alert(1)</script>&\u0000\ud800\uffff';
    for (const action of AUDIT_ACTIONS) {
      const message = toDicomAuditMessage(entry({ action, actor: odd, target: odd, detail: odd, address: odd }), odd);
      expect(message).not.toContain('<script>');
      expect(message.isWellFormed()).toBe(true);
      expect(message).not.toMatch(/[\p{Cc}\uffff]/u);
      const opened = [...message.matchAll(/<([A-Za-z]+)(?:\s[^>]*[^/])?>/g)].map(([, name]) => name).sort();
      const closed = [...message.matchAll(/<\/([A-Za-z]+)>/g)].map(([, name]) => name).sort();
      expect(opened).toEqual(closed);
    }
  });

  it('says a query in base64, and a refusal as a serious failure', () => {
    const search = toDicomAuditMessage(entry({ action: 'search', detail: 'PatientName=张三' }), 'centre');
    const [, query = ''] = /<ParticipantObjectQuery>([^<]*)</.exec(search) ?? [];
    expect(Buffer.from(query, 'base64').toString('utf8')).toBe('PatientName=张三');
    expect(toDicomAuditMessage(entry({ action: 'refused', outcome: 'refused' }), 'x')).toContain(
      'EventOutcomeIndicator="8"',
    );
  });

  it('is framed by its length in bytes, with priority, time and message id', () => {
    const bytes = frame(entry({ actor: '王芳' }), '中心 1');
    const space = bytes.indexOf(0x20);
    expect(Number(bytes.subarray(0, space).toString())).toBe(bytes.length - space - 1);
    const text = bytes.subarray(space + 1).toString('utf8');
    expect(text).toMatch(/^<85>1 2026-03-01T08:00:00\.000Z [\x21-\x7e]+ ---1 \d+ DICOM\+RFC3881 - \ufeff<\?xml /);
    expect(frame(entry({ outcome: 'refused' }), 'x').toString()).toMatch(/^\d+ <84>1 /);
  });
});
