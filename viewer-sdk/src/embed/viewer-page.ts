/** The script of `/viewer`, run after the viewer's: a patient's exams and images, as the address names them. */
import { launchToken } from './launch-token.ts';

const query = new URLSearchParams(location.search);
const token = launchToken(query);
const locale = query.get('lang') ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
document.documentElement.lang = locale;

const viewer = document.createElement('filmless-viewer');
const timeline = document.createElement('filmless-timeline');
for (const name of ['study', 'accession', 'patient'] as const) {
  const value = query.get(name);
  if (value) viewer.setAttribute(name, value);
}
viewer.setAttribute('locale', locale);
if (token) viewer.tokenProvider = timeline.tokenProvider = () => token;
document.body.append(viewer);

const patient = query.get('patient');
if (patient) {
  timeline.setAttribute('patient', patient);
  timeline.setAttribute('locale', locale);
  timeline.setAttribute('no-compare', '');
  document.body.prepend(timeline);
  timeline.addEventListener('filmless-study-choose', (event) => {
    const study: unknown = event instanceof CustomEvent ? event.detail?.StudyInstanceUID : undefined;
    if (typeof study === 'string') viewer.setAttribute('study', study);
  });
  viewer.addEventListener('filmless-study-open', ({ detail }) =>
    timeline.setAttribute('study', detail.StudyInstanceUID),
  );
}
