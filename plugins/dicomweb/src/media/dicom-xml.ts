import {
  type DicomJson,
  type DicomJsonElement,
  type DicomJsonValue,
  keywordOf,
  type PersonNameValue,
} from '@filmless/core/plugin';
import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces.js';

const NAME_GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;
const NAME_COMPONENTS = ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix'] as const;

/** Control characters that XML 1.0 cannot carry at all, e.g. the escapes of a text with the wrong character set, and two that are no characters. */
const NOT_XML = /[^\P{Cc}\t\n\r\u007f-\u009f]|[\ufffe\uffff]/gu;

/** The Native DICOM Model. Characters that XML forbids become U+FFFD. @dicom PS3.19 A.1, PS3.18 F.3 */
export function datasetToXml(dataset: DicomJson): string {
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('NativeDicomModel', { 'xml:space': 'preserve' });
  writeDataset(root, dataset);
  return root.end();
}

function writeDataset(parent: XMLBuilder, dataset: DicomJson): void {
  for (const tag of Object.keys(dataset).sort()) {
    const element = dataset[tag]!;
    const creator = privateCreator(dataset, tag);
    const keyword = keywordOf(tag);
    const attribute = parent.ele('DicomAttribute', {
      // A private element is named by its element within the block. @dicom PS3.19 Table A.1.5-2
      tag: creator === undefined ? tag : `${tag.slice(0, 4)}00${tag.slice(6)}`,
      vr: element.vr,
      ...(keyword === undefined ? {} : { keyword }),
      ...(creator === undefined ? {} : { privateCreator: xmlText(creator) }),
    });
    writeValue(attribute, element);
  }
}

function writeValue(attribute: XMLBuilder, element: DicomJsonElement): void {
  if (element.BulkDataURI !== undefined) {
    attribute.ele('BulkData', { uri: element.BulkDataURI });
  } else if (element.InlineBinary !== undefined) {
    attribute.ele('InlineBinary').txt(element.InlineBinary);
  }
  element.Value?.forEach((value, index) => {
    writeOne(attribute, element.vr, value, index + 1);
  });
}

function writeOne(attribute: XMLBuilder, vr: string, value: DicomJsonValue, number: number): void {
  if (vr === 'SQ') writeDataset(attribute.ele('Item', { number: String(number) }), isDataset(value) ? value : {});
  else if (vr === 'PN') writeName(attribute.ele('PersonName', { number: String(number) }), isName(value) ? value : {});
  else if (value !== null) attribute.ele('Value', { number: String(number) }).txt(xmlText(String(value)));
}

function writeName(parent: XMLBuilder, name: PersonNameValue): void {
  for (const group of NAME_GROUPS) {
    const text = name[group];
    if (text === undefined || text === '') continue;
    const element = parent.ele(group);
    text.split('^').forEach((component, index) => {
      const label = NAME_COMPONENTS[index];
      if (label !== undefined && component !== '') element.ele(label).txt(xmlText(component));
    });
  }
}

function privateCreator(dataset: DicomJson, tag: string): string | undefined {
  const group = tag.slice(0, 4);
  if (Number.parseInt(group, 16) % 2 === 0 || tag.slice(4, 6) === '00') return undefined;
  const creator = dataset[`${group}00${tag.slice(4, 6)}`]?.Value?.[0];
  return typeof creator === 'string' ? creator : undefined;
}

/** Ampersands are escaped here: the builder leaves those alone that begin what looks like an entity, and so would change the text. */
function xmlText(text: string): string {
  return text.toWellFormed().replace(NOT_XML, '\ufffd').replaceAll('&', '&amp;');
}

function isDataset(value: DicomJsonValue): value is DicomJson {
  return typeof value === 'object' && value !== null;
}

function isName(value: DicomJsonValue): value is PersonNameValue {
  return typeof value === 'object' && value !== null;
}
