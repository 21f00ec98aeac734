/** The script of `/sdk/doctor`: the check in the language of the browser, or the one the address names. */
import './define.ts';

const named = new URLSearchParams(location.search).get('lang');
const locale = named ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
document.documentElement.lang = locale;
for (const element of document.querySelectorAll('filmless-doctor')) element.locale = locale;
