import { createApp, h, ref } from 'vue';
import { locale, pacs, readWard, TEXTS, tokenFor } from './his.js';

/**
 * Render functions and no templates: compiling a template in the page would need `'unsafe-eval'`. `.tokenProvider` with the dot is set as a
 * property, not as an attribute; with a build step, tell the compiler `isCustomElement: (tag) => tag.startsWith('filmless-')`.
 */
const Workstation = {
  setup() {
    const patients = ref([]);
    const current = ref('');
    const line = ref('');
    let tokenProvider;
    const choose = (id) => {
      tokenProvider = tokenFor(id);
      current.value = id;
      line.value = '';
    };
    readWard().then((ward) => {
      patients.value = ward.patients;
      choose(ward.patients[0].id);
    });
    const button = ({ id, bed, name }) =>
      h(
        'button',
        {
          key: id,
          type: 'button',
          'data-patient': id,
          'aria-current': id === current.value,
          onClick: () => choose(id),
        },
        `${bed} ${name[locale]}`,
      );
    const images = () =>
      h('filmless-viewer', {
        server: pacs,
        patient: current.value,
        locale,
        '.tokenProvider': tokenProvider,
        'onFilmless-study-open': ({ detail }) => {
          line.value = TEXTS.opened(detail.seriesCount);
        },
        'onFilmless-error': ({ detail }) => {
          line.value = TEXTS.failed(detail.code);
        },
      });
    return () => [
      h('nav', patients.value.map(button)),
      h('main', [h('p', line.value), current.value ? images() : undefined]),
    ];
  },
};

createApp(Workstation).mount('#app');
