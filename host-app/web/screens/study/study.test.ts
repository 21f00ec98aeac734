import '../../testing/no-statistics.ts';

import { expect } from 'chai';
import { setLocale } from '../../i18n/index.ts';
import { forgetStudies, rememberStudy } from '../../state/study-memory.ts';
import { sampleStudy } from '../../testing/samples.ts';
import {
  afterEach,
  beforeEach,
  deep,
  describe,
  it,
  loadStyles,
  mount,
  textOf,
  unmount,
  until,
} from '../../testing/setup.ts';
import { StubNode, StubProblem } from '../../testing/stub-node.ts';
import { StudyScreen } from './study.ts';

describe('study page', () => {
  let node: StubNode;
  let screen: StudyScreen;
  /** Answers to GET /api/studies/:study, held until the test lets them go. */
  let release: Map<string, () => void>;

  beforeEach(async () => {
    await loadStyles();
    await setLocale('zh-CN');
    forgetStudies();
    release = new Map();
    node = new StubNode().on('GET /api/studies/*', async ({ url }: { url: URL }) => {
      const index = Number(url.pathname.split('.').at(-1));
      await new Promise<void>((resolve) => release.set(String(index), resolve));
      if (index === 404) throw new StubProblem(404, 'STUDY_NOT_FOUND');
      return { study: sampleStudy(index), series: [], earlier: [sampleStudy(50)] };
    });
    screen = new StudyScreen();
    screen.viewerLoader = async () => undefined;
  });
  afterEach(() => {
    unmount();
    node.restore();
  });

  const banner = () => textOf(deep(screen.renderRoot, 'fl-patient-banner')!);
  const viewerStudy = () => screen.renderRoot.querySelector('filmless-viewer')?.getAttribute('study');

  it('gives the viewer its study and shows the patient before the node has answered', async () => {
    rememberStudy(sampleStudy(1));
    screen.study = '1.2.3.1';
    mount(screen);
    await screen.updateComplete;
    expect(viewerStudy()).to.equal('1.2.3.1');
    expect(banner()).to.contain('张伟1');
    expect(document.title).to.contain('张伟1');
  });

  it('says so when other patients share the study’s UID, and what the identity was before', async () => {
    const SCRIPT = '<img src=x onerror=window.hacked=1>';
    node.on('GET /api/studies/*', {
      study: sampleStudy(1),
      series: [],
      earlier: [],
      sameUid: [sampleStudy(2)],
      received: {
        PatientID: 'OLD1',
        IssuerOfPatientID: '',
        PatientName: SCRIPT.replaceAll('=', ''),
        PatientSex: 'M',
        PatientBirthDate: '19560915',
      },
    });
    screen.study = '1.2.3.1';
    mount(screen);
    await until('the warning', () => textOf(screen).includes('同一检查 UID 下还有其他患者的影像'));
    const [warning, note] = screen.renderRoot.querySelectorAll('.notice');
    expect(warning?.getAttribute('role')).to.equal('alert');
    expect(warning?.textContent).to.contain('张伟2');
    expect(note?.textContent).to.contain('1956-09-15');
    expect(note?.textContent).to.contain('OLD1');
    expect(note?.querySelector('img')).to.equal(null);
    // The next patient's page does not keep what was said of this one.
    node.on('GET /api/studies/*', { study: sampleStudy(3), series: [], earlier: [] });
    screen.study = '1.2.3.3';
    await screen.updateComplete;
    expect(screen.renderRoot.querySelectorAll('.notice').length).to.equal(0);
  });

  it('never shows one patient’s name over another’s images, whatever comes late', async () => {
    rememberStudy(sampleStudy(1));
    screen.study = '1.2.3.1';
    mount(screen);
    await until('the first request', () => release.has('1'));
    screen.study = '1.2.3.2';
    await screen.updateComplete;
    expect(viewerStudy()).to.equal('1.2.3.2');
    await deep<HTMLElement & { updateComplete: Promise<boolean> }>(screen.renderRoot, 'fl-patient-banner')
      ?.updateComplete;
    expect(banner(), 'no name until it is known').not.to.contain('张伟');
    await until('the second request', () => release.has('2'));
    release.get('2')?.();
    await until('the second patient', () => banner().includes('张伟2'));
    release.get('1')?.();
    await new Promise((resolve) => setTimeout(resolve));
    expect(banner()).to.contain('张伟2').and.not.to.contain('张伟1');
  });

  it('leads to earlier exams', async () => {
    screen.study = '1.2.3.1';
    mount(screen);
    await until('the request', () => release.has('1'));
    release.get('1')?.();
    const link = await until('a link to the earlier exam', () =>
      screen.renderRoot.querySelector('a[href="/studies/1.2.3.50"]'),
    );
    expect(link.getAttribute('aria-current')).to.equal('false');
  });

  it('says that a study is not there', async () => {
    screen.study = '1.2.3.404';
    mount(screen);
    await until('the request', () => release.has('404'));
    release.get('404')?.();
    await until('the message', () => textOf(screen).includes('没有找到这项检查'));
    expect(screen.renderRoot.querySelector('filmless-viewer')).to.equal(null);
  });

  it('says what to do when the viewer cannot be loaded', async () => {
    screen.viewerLoader = async () => {
      throw new Error('404');
    };
    screen.study = '1.2.3.1';
    mount(screen);
    await until('the message', () => textOf(screen).includes('影像浏览器没有加载成功'));
  });
});
