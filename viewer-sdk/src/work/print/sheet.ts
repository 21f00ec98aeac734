import type { Frame } from '../../dicom/frame.ts';
import { personName, text } from '../../dicom/json.ts';
import { cornerText, examText, patientText, windowNumbers } from '../../elements/overlay-text.ts';
import type { ViewState } from '../../engine/contract.ts';
import type { Translate } from '../../i18n/index.ts';
import { printElement } from '../../objects/parts/print.ts';
import { workText } from '../texts.ts';

/** One picture on paper. */
export interface PrintedImage {
  readonly frame: Frame;
  /** How it is looked at, where the viewer drew it. */
  readonly view: ViewState | undefined;
  readonly picture: Blob;
}

export type PerPage = 1 | 4 | 6;

const COLUMNS: Readonly<Record<PerPage, number>> = { 1: 1, 4: 2, 6: 2 };
const ROWS: Readonly<Record<PerPage, number>> = { 1: 1, 4: 2, 6: 3 };

/** The sheet's own rules; sizes are of paper. */
const STYLE = `
  @page { size: A4 portrait; margin: 10mm; }
  .sheet { display: grid; grid-template-rows: auto 1fr auto; block-size: 275mm; break-after: page; }
  .sheet:last-child { break-after: auto; }
  .head { border-block-end: 1pt solid black; padding-block-end: 2mm; margin-block-end: 3mm; }
  .head h1 { margin: 0 0 1.5mm; font-size: 13pt; }
  .head p { margin: 0; display: flex; flex-wrap: wrap; gap: 1mm 6mm; font-size: 10pt; }
  .grid { display: grid; gap: 3mm; min-block-size: 0; }
  figure { display: grid; grid-template-rows: 1fr auto; margin: 0; min-block-size: 0; min-inline-size: 0; break-inside: avoid; }
  figure div { display: grid; place-items: center; min-block-size: 0; background: black; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure img { max-inline-size: 100%; max-block-size: 100%; min-block-size: 0; object-fit: contain; }
  figcaption { padding-block-start: 1mm; font-size: 8.5pt; line-height: 1.35; }
  .foot { display: flex; justify-content: space-between; padding-block-start: 2mm; font-size: 8pt; color: #444; }
`;

/**
 * Lays images on sheets with the patient on top of each, and prints them.
 * @throws RangeError when the images are not all of one patient's study: a sheet bears one name
 */
export async function printImages(
  images: readonly PrintedImage[],
  perPage: PerPage,
  locale: string,
  t: Translate,
): Promise<void> {
  const [first] = images;
  if (!first) return;
  const owner = ({ frame }: PrintedImage): string =>
    JSON.stringify([
      text(frame.dataset, 'PatientID') ?? '',
      personName(frame.dataset, 'PatientName') ?? '',
      frame.StudyInstanceUID,
    ]);
  if (images.some((image) => owner(image) !== owner(first))) throw new RangeError('images of several studies');
  const urls: string[] = [];
  const pages = document.createDocumentFragment();
  const count = Math.ceil(images.length / perPage);
  for (let page = 0; page < count; page += 1) {
    const shown = images.slice(page * perPage, (page + 1) * perPage);
    const grid = element('div', 'grid');
    // Set by the object model: a page's policy may forbid style attributes.
    grid.style.gridTemplateColumns = `repeat(${COLUMNS[perPage]}, minmax(0, 1fr))`;
    grid.style.gridTemplateRows = `repeat(${ROWS[perPage]}, minmax(0, 1fr))`;
    grid.append(...shown.map((image) => figure(image, t, urls)));
    const sheet = element('div', 'sheet');
    const foot = element('div', 'foot');
    foot.append(
      element('span', '', workText(locale, 'print.note')),
      element('span', '', count > 1 ? `${page + 1} / ${count}` : ''),
    );
    sheet.append(head(first, locale, t), grid, foot);
    pages.append(sheet);
  }
  await printElement(pages, '', STYLE);
  setTimeout(() => urls.forEach((url) => void URL.revokeObjectURL(url)), 60_000);
}

function element(name: string, className: string, content = ''): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.textContent = content;
  return made;
}

function head({ frame }: PrintedImage, locale: string, t: Translate): HTMLElement {
  const { dataset } = frame;
  const patient = patientText(dataset, t);
  const exam = examText(dataset);
  const title = element('h1', '', text(dataset, 'InstitutionName') ?? exam.description);
  const line = document.createElement('p');
  const part = (label: string, value: string): void => {
    if (value !== '') line.append(element('span', '', `${label} ${value}`));
  };
  part(workText(locale, 'print.patientName'), patient.name);
  part(workText(locale, 'print.sex'), patient.sex);
  part(workText(locale, 'print.age'), patient.age);
  part(workText(locale, 'print.patientId'), patient.id);
  part(workText(locale, 'print.accession'), exam.accession);
  part(workText(locale, 'print.exam'), exam.description);
  part(workText(locale, 'print.date'), exam.when);
  const block = element('div', 'head');
  block.append(title, line);
  return block;
}

function figure({ frame, view, picture }: PrintedImage, t: Translate, urls: string[]): HTMLElement {
  const url = URL.createObjectURL(picture);
  urls.push(url);
  const image = document.createElement('img');
  image.src = url;
  image.alt = '';
  const box = document.createElement('div');
  box.append(image);
  const { bottomLeft, bottomRight } = cornerText(frame, undefined, { index: 0, count: 1 }, t);
  const window = view ? [t('overlay.window', windowNumbers(view))] : [];
  const made = document.createElement('figure');
  made.append(box, element('figcaption', '', [...bottomLeft.slice(0, 1), ...window, ...bottomRight].join(' · ')));
  return made;
}
