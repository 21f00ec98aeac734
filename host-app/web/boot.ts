/** A classic script in the head: theme and language before the first paint, so that nothing flashes. Imports nothing. */
(() => {
  const stored = (key: string): unknown => {
    try {
      return JSON.parse(localStorage.getItem(`filmless.${key}`) ?? 'null');
    } catch {
      return null;
    }
  };
  document.documentElement.dataset['theme'] = stored('theme') === 'light' ? 'light' : 'dark';
  document.documentElement.lang = stored('locale') === 'en' ? 'en' : 'zh-CN';
})();
