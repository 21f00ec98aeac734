/** What the HIS's server gives, and the page's words. */
export const pacs = document.querySelector('meta[name="pacs"]').content;
export const locale = new URLSearchParams(location.search).get('lang') === 'en' ? 'en' : 'zh-CN';

export const TEXTS = {
  'zh-CN': {
    opened: (count) => `检查已打开，共 ${count} 个序列`,
    failed: (code) => `影像未能打开（${code}）`,
  },
  en: {
    opened: (count) => `The exam is open, ${count} series`,
    failed: (code) => `The images could not be opened (${code})`,
  },
}[locale];

export async function readWard() {
  return (await fetch('/his/ward')).json();
}

/** A token of the HIS's own server, good for this patient alone; the viewer asks again when the PACS no longer takes it. */
export const tokenFor = (patient) => async () => {
  const response = await fetch(`/his/pacs-token?patient=${encodeURIComponent(patient)}`);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
};
