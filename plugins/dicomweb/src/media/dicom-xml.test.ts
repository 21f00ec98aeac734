import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { datasetToXml } from './dicom-xml.ts';

describe('Native DICOM Model', () => {
  it('writes names, sequences, bulk data, private elements and empty values', () => {
    const xml = datasetToXml({
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Wang^XiaoDong', Ideographic: '王^小东' }] },
      '00080060': { vr: 'CS', Value: ['CT'] },
      '00081030': { vr: 'LO' },
      '00080008': { vr: 'CS', Value: ['ORIGINAL', null, 'AXIAL'] },
      '00400275': { vr: 'SQ', Value: [{ '00401001': { vr: 'SH', Value: ['R1'] } }] },
      '7FE00010': { vr: 'OW', BulkDataURI: '/dicom-web/x' },
      '00420011': { vr: 'OB', InlineBinary: 'AAEC' },
      '00091001': { vr: 'LO', Value: ['private'] },
      '00090010': { vr: 'LO', Value: ['ACME'] },
    });
    expect(xml).toContain(
      '<PersonName number="1"><Alphabetic><FamilyName>Wang</FamilyName><GivenName>XiaoDong</GivenName></Alphabetic><Ideographic><FamilyName>王</FamilyName><GivenName>小东</GivenName></Ideographic></PersonName>',
    );
    expect(xml).toContain(
      '<DicomAttribute tag="00400275" vr="SQ" keyword="RequestAttributesSequence"><Item number="1"><DicomAttribute tag="00401001" vr="SH" keyword="RequestedProcedureID"><Value number="1">R1</Value></DicomAttribute></Item></DicomAttribute>',
    );
    expect(xml).toContain('<BulkData uri="/dicom-web/x"/>');
    expect(xml).toContain('<InlineBinary>AAEC</InlineBinary>');
    expect(xml).toContain(
      '<DicomAttribute tag="00090001" vr="LO" privateCreator="ACME"><Value number="1">private</Value></DicomAttribute>',
    );
    expect(xml).toContain('<DicomAttribute tag="00081030" vr="LO" keyword="StudyDescription"/>');
    expect(xml).toContain('<Value number="1">ORIGINAL</Value><Value number="3">AXIAL</Value>');
    expect(xml.indexOf('00080008')).toBeLessThan(xml.indexOf('00080060'));
  });

  it('stays well-formed whatever the text holds', () => {
    const text = `<script>&amp; &#65; & ]]> \u0000\u001b$B\ud800 "quoted" \u{20000}`;
    const xml = datasetToXml({ '00081030': { vr: 'LO', Value: [text] } });
    const parsed = new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(xml);
    expect(parsed.NativeDicomModel.DicomAttribute.Value['#text']).toBe(
      '<script>&amp; &#65; & ]]> \ufffd\ufffd$B\ufffd "quoted" \u{20000}',
    );
  });
});
