/** The script of `/sdk/docs`: gives the live examples a study of the signed-in user's, and says how to sign in where nobody is. */
import '../doctor/define.ts';
import { type ModuleTexts, moduleTranslator } from '../i18n/module.ts';
import { readStudy } from '../session/summaries.ts';

const texts: ModuleTexts<'signIn' | 'link' | 'empty'> = {
  'zh-CN': {
    signIn: '登录后，下面的示例会显示本节点中的检查。',
    link: '登录',
    empty: '本节点还没有检查，下面的示例暂无影像。',
  },
  en: {
    signIn: 'Once you have signed in, the examples below show a study of this node.',
    link: 'Sign in',
    empty: 'This node has no study yet: the examples below have nothing to show.',
  },
};
const t = moduleTranslator('docs', texts);
const locale = document.documentElement.lang;
const EXAMPLES = 'filmless-viewer, filmless-timeline, filmless-report, filmless-study-list, filmless-doctor';

async function show(): Promise<void> {
  const note = document.getElementById('sign-in');
  const query = 'limit=1&ModalitiesInStudy=CT&includefield=StudyDescription';
  const response = await fetch(`/dicom-web/studies?${query}`, { headers: { Accept: 'application/dicom+json' } });
  const examples = document.querySelectorAll(`.live :is(${EXAMPLES})`);
  for (const example of examples) example.setAttribute('locale', locale);
  if (response.ok && response.status !== 204) {
    const [dataset] = await response.json();
    const study = dataset && readStudy(dataset);
    if (study) {
      for (const example of examples) {
        example.setAttribute('study', study.StudyInstanceUID);
        example.setAttribute('patient', study.patientId);
      }
      return;
    }
  }
  if (!note) return;
  note.hidden = false;
  note.textContent = response.status === 401 ? t(locale, 'signIn') : t(locale, 'empty');
  if (response.status !== 401) return;
  const link = document.createElement('a');
  link.href = `/sign-in?return=${encodeURIComponent(location.pathname)}`;
  link.textContent = t(locale, 'link');
  note.append(' ', link);
}

void show();
