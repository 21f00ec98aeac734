import '../testing/no-statistics.ts';

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
} from '../testing/setup.ts';
import 'axe-core/axe.js';
import { expect } from 'chai';
import { setLocale } from '../i18n/index.ts';
import { DevicesScreen } from '../screens/devices/devices.ts';
import { ImportScreen } from '../screens/import/import.ts';
import { PersonScreen } from '../screens/patients/person.ts';
import { RegistrationScreen } from '../screens/patients/registration.ts';
import { ShareDialog } from '../screens/share/share-dialog.ts';
import { SignIn } from '../screens/sign-in/sign-in.ts';
import { StudyScreen } from '../screens/study/study.ts';
import { StudyList } from '../screens/study-list/study-list.ts';
import { SystemScreen } from '../screens/system/system.ts';
import { applyTheme } from '../state/preferences.ts';
import { session } from '../state/session.ts';
import { answersOfEverything } from '../testing/answers.ts';
import { sampleStudy, sampleUser } from '../testing/samples.ts';
import { StubNode } from '../testing/stub-node.ts';
import { Rail } from './rail.ts';
import { TopBar } from './top-bar.ts';

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}
interface Axe {
  run(context: Element, options: object): Promise<AxeResult>;
}
const { axe } = globalThis as unknown as { axe: Axe };

/** Pieces of a page: rules about whole documents are the browser test's. */
const OPTIONS = {
  rules: { region: { enabled: false }, 'page-has-heading-one': { enabled: false } },
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
};

const study = () => {
  const screen = new StudyScreen();
  screen.viewerLoader = async () => undefined;
  screen.study = '1.2.3.1';
  return screen;
};
const system = (tab: string) => () => {
  const screen = new SystemScreen();
  screen.tab = tab;
  return screen;
};
const registration = (tab: string) => () => {
  const screen = new RegistrationScreen();
  screen.tab = tab;
  return screen;
};
const person = () => {
  const screen = new PersonScreen();
  screen.key = '1';
  return screen;
};
const shareDialog = () => {
  const dialog = new ShareDialog();
  dialog.study = sampleStudy(1);
  return dialog;
};
const SCREENS: [name: string, make: () => HTMLElement, ready: string][] = [
  ['sign-in', () => new SignIn(), '登录'],
  ['rail', () => new Rail(), '检查'],
  ['top bar', () => new TopBar(), '管理员'],
  ['study list', () => new StudyList(), '张伟1'],
  ['study', study, '历次检查'],
  ['import', () => new ImportScreen(), '选择文件夹'],
  ['devices', () => new DevicesScreen(), 'CT64_NEW'],
  ['storage and health', system('overview'), '健康检查'],
  ['quarantine', system('quarantine'), 'README.TXT'],
  ['conflicts', system('conflicts'), '张玮'],
  ['plugins', system('plugins'), 'backup'],
  ['jobs', system('jobs'), '重建查询索引'],
  ['users', system('users'), 'li.ming'],
  ['roles', system('roles'), '检索检查'],
  ['sessions', system('sessions'), '192.168.1.6'],
  ['access', system('access'), 'P0009'],
  ['other systems', system('embedding'), '张医生'],
  ['shared links', system('shares'), '省医院会诊'],
  ['sharing', shareDialog, '7 天'],
  ['patients', registration('patients'), '张建国'],
  ['person', person, '已合并到该患者'],
  ['reconciliation', registration('reconciliation'), '患者编号未登记'],
  ['orders', registration('orders'), '胸部CT平扫'],
  ['audit log', system('audit'), '查看影像'],
];

describe('accessibility', () => {
  let node: StubNode;

  beforeEach(async () => {
    localStorage.clear();
    await loadStyles();
    await setLocale('zh-CN');
    node = answersOfEverything(new StubNode());
    node.on('GET /api/sessions/current', { user: sampleUser });
    await session.restore();
  });
  afterEach(() => {
    unmount();
    node.restore();
    session.end();
    applyTheme('dark');
  });

  for (const theme of ['dark', 'light'] as const) {
    for (const [name, make, ready] of SCREENS) {
      it(`${name}, ${theme}`, async () => {
        applyTheme(theme);
        const screen = mount(make());
        await until(`${name} shows ${ready}`, () => textOf(screen).includes(ready));
        if (name === 'study list')
          await until('the grid has drawn', () => deep(screen.shadowRoot!, 'vaadin-grid-cell-content .patient'));
        const { violations } = await axe.run(screen, OPTIONS);
        const told = violations.map(
          ({ id, help, nodes }) =>
            `${id}: ${help}\n  ${nodes.map((found) => `${found.html.slice(0, 200)} — ${found.failureSummary ?? ''}`).join('\n  ')}`,
        );
        expect(told.join('\n')).to.equal('');
      });
    }
  }
});
