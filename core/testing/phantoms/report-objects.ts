import type { PhantomStudy } from './hospital.ts';
import type { Attributes, PhantomInstance } from './instance.ts';
import { binaryElement, codeItem, sopReference, writeObject } from './object-writer.ts';

const SOP = '1.2.840.10008.5.1.4.1.1.';

function content(
  ValueType: string,
  RelationshipType: string,
  concept: readonly [value: string, scheme: string, meaning: string] | undefined,
  values: Attributes = {},
  children: Attributes[] = [],
): Attributes {
  return {
    ...(RelationshipType === '' ? {} : { RelationshipType }),
    ValueType,
    ...(concept ? { ConceptNameCodeSequence: [codeItem(...concept)] } : {}),
    ...values,
    ...(children.length > 0 ? { ContentSequence: children } : {}),
  };
}

const evidence = (images: readonly PhantomInstance[]): Attributes[] => {
  const [first] = images;
  if (!first) return [];
  return [
    {
      StudyInstanceUID: first.StudyInstanceUID,
      ReferencedSeriesSequence: [
        { SeriesInstanceUID: first.SeriesInstanceUID, ReferencedSOPSequence: images.map(sopReference) },
      ],
    },
  ];
};

const measured = (NumericValue: string, unit: string): Attributes => ({
  MeasuredValueSequence: [{ NumericValue, MeasurementUnitsCodeSequence: [codeItem(unit, 'UCUM', unit)] }],
});

/** A report with findings, a measurement on an image, and a table of two measurement groups. @dicom PS3.16 TID 1500 */
export function structuredReport(study: PhantomStudy, images: readonly PhantomInstance[]): PhantomInstance {
  const [image] = images;
  const group = (name: string, axis: string): Attributes =>
    content('CONTAINER', 'CONTAINS', ['125007', 'DCM', 'Measurement Group'], { ContinuityOfContent: 'SEPARATE' }, [
      content('TEXT', 'HAS OBS CONTEXT', ['112039', 'DCM', 'Tracking Identifier'], { TextValue: name }),
      content('NUM', 'CONTAINS', ['103339001', 'SCT', 'Long Axis'], measured(axis, 'mm')),
    ]);
  return writeObject(study, {
    seed: 'sr',
    SOPClassUID: `${SOP}88.33`,
    Modality: 'SR',
    SeriesNumber: 901,
    SeriesDescription: '结构化报告',
    attributes: {
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'UNVERIFIED',
      ReferencedPerformedProcedureStepSequence: [],
      PerformedProcedureCodeSequence: [],
      CurrentRequestedProcedureEvidenceSequence: evidence(images),
      ...content(
        'CONTAINER',
        '',
        ['126000', 'DCM', 'Imaging Measurement Report'],
        { ContinuityOfContent: 'SEPARATE' },
        [
          content('PNAME', 'HAS OBS CONTEXT', ['121008', 'DCM', 'Person Observer Name'], {
            PersonName: { Alphabetic: 'Sun^Wei', Ideographic: '孙^伟' },
          }),
          content('CONTAINER', 'CONTAINS', ['121070', 'DCM', 'Findings'], { ContinuityOfContent: 'SEPARATE' }, [
            content('TEXT', 'CONTAINS', ['121071', 'DCM', 'Finding'], {
              TextValue: '右肺上叶见一实性结节，边界清楚。<script>alert(1)</script>',
            }),
            content(
              'NUM',
              'CONTAINS',
              ['103339001', 'SCT', 'Long Axis'],
              measured('15.2', 'mm'),
              image
                ? [content('IMAGE', 'INFERRED FROM', undefined, { ReferencedSOPSequence: [sopReference(image)] })]
                : [],
            ),
          ]),
          content(
            'CONTAINER',
            'CONTAINS',
            ['126010', 'DCM', 'Imaging Measurements'],
            { ContinuityOfContent: 'SEPARATE' },
            [group('结节 1', '15.2'), group('结节 2', '6.1')],
          ),
        ],
      ),
    },
  });
}

/** Two images chosen for the referring physician. @dicom PS3.16 TID 2010 */
export function keyObjectSelection(study: PhantomStudy, images: readonly PhantomInstance[]): PhantomInstance {
  return writeObject(study, {
    seed: 'ko',
    SOPClassUID: `${SOP}88.59`,
    Modality: 'KO',
    SeriesNumber: 902,
    SeriesDescription: '关键图像',
    attributes: {
      ReferencedPerformedProcedureStepSequence: [],
      CurrentRequestedProcedureEvidenceSequence: evidence(images),
      ...content('CONTAINER', '', ['113002', 'DCM', 'For Referring Provider'], { ContinuityOfContent: 'SEPARATE' }, [
        content('TEXT', 'CONTAINS', ['113012', 'DCM', 'Key Object Description'], { TextValue: '右上叶结节' }),
        ...images.map((image) =>
          content('IMAGE', 'CONTAINS', undefined, { ReferencedSOPSequence: [sopReference(image)] }),
        ),
      ]),
    },
  });
}

/** A PDF of two pages with a Chinese font that is not in the file, as hospital systems write them. */
export function encapsulatedPdf(study: PhantomStudy): PhantomInstance {
  const bytes = Buffer.from(makePdf(['胸部CT检查报告', '第二页 诊断印象']), 'latin1');
  return writeObject(study, {
    seed: 'pdf',
    SOPClassUID: `${SOP}104.1`,
    Modality: 'DOC',
    SeriesNumber: 903,
    SeriesDescription: 'PDF 报告',
    attributes: {
      BurnedInAnnotation: 'YES',
      DocumentTitle: '胸部CT检查报告',
      ConceptNameCodeSequence: [],
      MIMETypeOfEncapsulatedDocument: 'application/pdf',
      EncapsulatedDocumentLength: bytes.length,
    },
    elements: {
      '00420011': binaryElement('OB', bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([0])])),
    },
  });
}

function makePdf(texts: readonly string[]): string {
  const hex = (text: string) => [...text].map((sign) => sign.charCodeAt(0).toString(16).padStart(4, '0')).join('');
  const streams = texts.map((text) => `BT /F1 24 Tf 72 700 Td <${hex(text)}> Tj ET`);
  const pageNumber = (index: number) => 6 + index * 2;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${texts.map((_, index) => `${pageNumber(index)} 0 R`).join(' ')}] /Count ${texts.length} >>`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor 5 0 R /DW 1000 >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
    ...streams.flatMap((stream, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${pageNumber(index) + 1} 0 R >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    ]),
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
}

/** Raw data: nothing that anybody but its maker can show. */
export function rawData(study: PhantomStudy): PhantomInstance {
  return writeObject(study, {
    seed: 'raw',
    SOPClassUID: `${SOP}66`,
    Modality: 'CT',
    SeriesNumber: 904,
    SeriesDescription: '原始数据',
    attributes: { CreatorVersionUID: '2.25.1', ContentLabel: 'RAW', ContentDescription: '' },
  });
}
