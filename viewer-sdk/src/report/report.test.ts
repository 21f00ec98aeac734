import { expect } from 'chai';
import { ctInstance, SERIES, STUDY } from '../testing/datasets.ts';
import { afterEach, describe, it } from '../testing/globals.ts';
import { json, StubServer, serveStudy } from '../testing/stub-server.ts';
import { until } from '../testing/until.ts';
import { defineReport } from './define.ts';
import type { ReportImage } from './model.ts';
import { readServerReports } from './model.ts';
import { FilmlessReport } from './report.ts';
import { reportLines } from './sentences.ts';

const links = (text: string, images = 9): (number | undefined)[] =>
  reportLines(text, images).flatMap(({ sentences }) =>
    sentences.flatMap(({ pieces }) => pieces.flatMap(({ image }) => (image === undefined ? [] : [image]))),
  );
const sentences = (text: string): string[] =>
  reportLines(text, 9).flatMap((line) =>
    line.sentences.map(({ pieces }) => pieces.map((piece) => piece.text).join('')),
  );

describe('the text of a report', () => {
  it('is cut into sentences, and numbers stay whole', () => {
    expect(sentences('右肺结节，约 8.5 mm（图1）。左肺未见异常！')).to.deep.equal([
      '右肺结节，约 8.5 mm（图1）。',
      '左肺未见异常！',
    ]);
    expect(sentences('A nodule of 8.5 mm (Fig. 1). No effusion.')).to.deep.equal([
      'A nodule of 8.5 mm (Fig. 1). ',
      'No effusion.',
    ]);
    expect(sentences('')).to.deep.equal([]);
  });

  it('links what speaks of its images, and nothing else', () => {
    expect(links('见图1、图 2，图像3；Image 4, Fig. 5, key image 6。')).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(links('图10 和图 0，图1.5 倍', 3)).to.deep.equal([]);
  });

  it('loses no letter', () => {
    const text = '影像所见：\n a. b; 3.5mm。图1）见。\n\n...x';
    const joined = reportLines(text, 1)
      .map(({ sentences: all }) => all.map(({ pieces }) => pieces.map((piece) => piece.text).join('')).join(''))
      .join('\n');
    expect(joined).to.equal(text);
  });

  it('has headings', () => {
    expect(reportLines('影像所见：\n右肺结节。\n【诊断】', 0).map(({ heading }) => heading)).to.deep.equal([
      true,
      false,
      true,
    ]);
  });
});

describe('the reports of a server', () => {
  it('are read from a list, from one, and from nonsense not at all', () => {
    const one = {
      id: 'r',
      status: 'reviewed',
      versions: [{ title: 't', text: 'x', keyImages: [{ series: 's', instance: 'i' }, { series: 's' }] }],
    };
    for (const answer of [one, [one], { reports: [one] }]) {
      const [report] = readServerReports(answer, '1.2', 'P1');
      expect(report?.versions[0]?.keyImages).to.deep.equal([
        { study: '1.2', series: 's', instance: 'i' },
      ] satisfies ReportImage[]);
    }
    for (const answer of [
      undefined,
      null,
      'x',
      [],
      {},
      [{ status: 'x', versions: [] }],
      { id: 'r', status: 'draft', versions: [] },
    ])
      expect(readServerReports(answer, '1.2', 'P1')).to.deep.equal([]);
  });
});

describe('the reports of another patient', () => {
  it('are left out, whatever study they name', () => {
    const version = (id: string) => ({ title: 't', text: 'x', keyImages: [], patient: { id } });
    const answer = { reports: [{ id: 'r', status: 'reviewed', versions: [version('P2'), version(' P1 ')] }] };
    expect(readServerReports(answer, '1.2', 'P1')[0]?.versions).to.have.length(1);
  });

  it('nor is a document of another server fetched', () => {
    for (const pdfUrl of ['https://evil.example/x', '//evil.example/x', 'x'])
      expect(
        readServerReports([{ id: 'r', status: 'draft', versions: [{ text: '', pdfUrl }] }], '1.2', '')[0]?.versions[0]
          ?.pdfUrl,
      ).to.equal(undefined);
  });
});

describe('<filmless-report>', () => {
  let server: StubServer | undefined;
  let element: FilmlessReport | undefined;
  afterEach(() => {
    element?.remove();
    server?.restore();
  });

  function mount(answer: object | undefined, properties: Partial<FilmlessReport>): FilmlessReport {
    defineReport();
    server = new StubServer(
      (path) => (answer && path.startsWith('/api/reports') ? json(answer) : undefined),
      serveStudy([ctInstance(0)]),
    );
    element = new FilmlessReport();
    Object.assign(element, { locale: 'zh-CN' }, properties);
    document.body.append(element);
    return element;
  }
  const content = (): string => element?.renderRoot.textContent?.replaceAll(/\s+/g, ' ') ?? '';
  const report = (status: string, more: object = {}) => [
    {
      id: 'r',
      status,
      versions: [
        {
          title: '初稿',
          author: '李',
          reviewer: '',
          issuedAt: '2026-01-01T00:00:00Z',
          text: '旧',
          keyImages: [],
          ...more,
        },
        {
          title: '报告',
          author: '李',
          reviewer: '王',
          issuedAt: '2026-01-02T00:00:00Z',
          text: '见图1。',
          keyImages: [{ study: STUDY, series: SERIES, instance: `${SERIES}.1` }],
        },
      ],
    },
  ];

  it('shows the newest version with its status, and a reference tells the page', async () => {
    const made = mount(report('reviewed'), { study: STUDY });
    await until('the report', () => content().includes('已审核'));
    expect(content()).to.include('王').and.not.include('旧');
    const told: unknown[] = [];
    made.addEventListener('filmless-reference', (event) => told.push(event.detail));
    made.renderRoot.querySelector<HTMLElement>('.reference')?.click();
    expect(told).to.deep.equal([{ reference: { study: STUDY, series: SERIES, instance: `${SERIES}.1` } }]);
  });

  it('says of a draft that it is one', async () => {
    mount(report('draft'), { study: STUDY });
    await until('the badge', () => content().includes('草稿，审核后方可作为依据'));
  });

  it('has nothing to show where the server knows no reports', async () => {
    mount(undefined, { study: STUDY });
    await until('the empty state', () => content().includes('还没有报告'));
  });

  it("shows no other patient's report", async () => {
    mount(report('reviewed'), { study: STUDY, patient: 'P2' });
    await until('the refusal', () => content().includes('VIEWER_PATIENT_MISMATCH'));
    expect(content()).to.not.include('图1');
  });

  it('takes the report away at once when the page asks for another study', async () => {
    const made = mount(report('reviewed'), { study: STUDY });
    await until('the report', () => content().includes('见图1'));
    made.study = '1.2.3.99';
    await made.updateComplete;
    expect(content()).to.not.include('见图1');
  });
});
