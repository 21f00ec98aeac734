import { el } from './dom.js';
import { ImagesPage } from './images.js';
import { TEXTS } from './texts.js';

const PAGES = ['orders', 'notes', 'labs', 'images'];
const ward = await (await fetch('/his/ward')).json();
const images = new ImagesPage();
const query = new URLSearchParams(location.search);
const state = {
  locale: query.get('lang') === 'en' ? 'en' : 'zh-CN',
  patient: ward.patients[0].id,
  page: PAGES.includes(query.get('page')) ? query.get('page') : 'orders',
  filter: '',
};
const find = (id) => document.getElementById(id);
const local = (text) => (text === null || typeof text !== 'object' ? text : text[state.locale]);

function age(birthDate) {
  const [year, month, day] = birthDate.split('-').map(Number);
  const today = new Date();
  const had = today.getMonth() + 1 > month || (today.getMonth() + 1 === month && today.getDate() >= day);
  return today.getFullYear() - year - (had ? 0 : 1);
}

const shownPatients = () => {
  const wanted = state.filter.trim().toLowerCase();
  return ward.patients.filter(({ id, bed, name }) =>
    [id, bed, ...Object.values(name)].some((text) => text.toLowerCase().includes(wanted)),
  );
};

function render() {
  const t = TEXTS[state.locale];
  document.documentElement.lang = state.locale;
  document.title = t.title;
  find('hospital').textContent = local(ward.hospital);
  find('ward').textContent = local(ward.ward);
  find('doctor').textContent = local(ward.doctor);
  find('language').textContent = t.language;
  find('filter').placeholder = t.filter;
  find('filter').setAttribute('aria-label', t.filter);
  find('keys').textContent = t.keys;
  document.querySelector('.beds').setAttribute('aria-label', t.patients);
  find('patients').replaceChildren(
    ...shownPatients().map((patient) => {
      const button = el(
        'button',
        { type: 'button', onclick: () => open(patient.id) },
        el('span', { className: 'bed' }, patient.bed),
        el('span', {}, local(patient.name)),
        el('span', {}, `${patient.sex === 'M' ? t.male : t.female} ${age(patient.birthDate)}${t.years}`),
        el('span', { className: 'why' }, local(patient.diagnosis)),
      );
      button.dataset.patient = patient.id;
      button.setAttribute('aria-current', String(patient.id === state.patient));
      return el('li', {}, button);
    }),
  );
  const patient = ward.patients.find(({ id }) => id === state.patient);
  find('banner').replaceChildren(
    el('b', {}, local(patient.name)),
    el('span', {}, `${patient.sex === 'M' ? t.male : t.female}　${age(patient.birthDate)}${t.years}`),
    el('span', {}, state.locale === 'en' ? `${t.bed} ${patient.bed}` : `${patient.bed} ${t.bed}`),
    el('span', {}, `${t.number} ${patient.id}`),
    el('span', {}, `${t.admitted} ${patient.admitted}`),
    el('span', {}, t.care[patient.care]),
    el('span', {}, local(patient.diagnosis)),
    patient.allergy && el('span', { className: 'alert' }, `${t.allergy}: ${local(patient.allergy)}`),
  );
  find('tabs').replaceChildren(
    ...PAGES.map((page) => {
      const button = el('button', { type: 'button', id: `tab-${page}`, onclick: () => turn(page) }, t[page]);
      button.setAttribute('role', 'tab');
      button.setAttribute('aria-selected', String(page === state.page));
      return button;
    }),
  );
  if (state.page === 'images') images.show(find('page'), patient.id, state.locale);
  else find('page').replaceChildren(...PAGE[state.page](patient, t));
}

const table = (head, rows) =>
  el('table', {}, el('tr', {}, ...head.map((text) => el('th', {}, text))), ...rows.map((row) => el('tr', {}, ...row)));
const cell = (text, className = '') => el('td', { className }, text);

const PAGE = {
  orders: ({ orders }, t) => [
    table(
      [t.since, t.order, t.state],
      orders.map(({ since, text, state: how }) => [cell(since), cell(local(text)), cell(t[how])]),
    ),
  ],
  notes: ({ notes }) =>
    notes.map(({ at, by, text }) => el('article', {}, el('h3', {}, `${at}　${local(by)}`), el('p', {}, local(text)))),
  labs: ({ labs }, t) => [
    table(
      [t.item, t.value, t.unit, t.range],
      labs.map(({ name, value, unit, range, high }) => [
        cell(local(name)),
        cell(high ? `${local(value)}　${t.high}` : local(value), high ? 'high' : ''),
        cell(unit),
        cell(range),
      ]),
    ),
  ],
};

function open(patient) {
  state.patient = patient;
  render();
}

function turn(page) {
  state.page = page;
  render();
}

find('language').addEventListener('click', () => {
  state.locale = state.locale === 'en' ? 'zh-CN' : 'en';
  render();
});
find('filter').addEventListener('input', ({ target }) => {
  state.filter = target.value;
  render();
});

/** The workstation's own keys; they have to work wherever the focus is, unless the viewer used the key itself. */
document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented) return;
  const page = event.altKey ? PAGES[Number(event.key) - 1] : undefined;
  if (page) turn(page);
  else if (event.key === 'F2') find('filter').focus();
  else if (event.key.startsWith('Arrow') && event.target.closest?.('.beds')) {
    const list = shownPatients();
    const at = list.findIndex(({ id }) => id === state.patient);
    const next = list[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (next) open(next.id);
    document.querySelector(`[data-patient="${state.patient}"]`)?.focus();
  } else return;
  event.preventDefault();
});

// Old screens swallow events on the way up, for menus that close on any press.
for (const type of ['mousedown', 'mousemove', 'mouseup', 'pointerdown', 'pointermove', 'pointerup', 'wheel', 'keydown'])
  document.addEventListener(type, (event) => event.stopPropagation());
for (const type of ['mousemove', 'mouseup', 'pointermove', 'pointerup'])
  document.querySelector('main').addEventListener(type, (event) => event.stopPropagation());

render();
