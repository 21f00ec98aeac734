import type { HttpReply } from '../http/contract.ts';
import { contentSecurityPolicy } from '../http/security-headers.ts';

const html = (strings: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw(strings, ...values.map(escaped));

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/**
 * `/embed`: the viewer alone, for a frame in another system's page. The page above drives it by messages; nothing is in the address. The
 * origins that may frame it are those that may ask with tokens.
 */
export function embedPage(origins: readonly string[]): HttpReply {
  return {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': contentSecurityPolicy(["'self'", ...origins]),
    },
    body: html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="filmless-origins" content="${origins.join(' ')}">
<title>Filmless</title>
<link rel="icon" href="data:,">
<style>html,body{margin:0;height:100%;background:#000}filmless-viewer{width:100%;height:100%}</style>
</head>
<body>
<filmless-viewer></filmless-viewer>
<script type="module" src="/sdk/filmless-viewer.js"></script>
<script type="module" src="/sdk/filmless-embed-page.js"></script>
</body>
</html>
`,
  };
}

const REFUSED: Readonly<Record<string, string>> = {
  TOKEN_INVALID: '打开影像的链接无效或已使用过，请回到原系统重新点击。',
  TOKEN_EXPIRED: '打开影像的链接已过期，请回到原系统重新点击。',
  TOKEN_REVOKED: '原系统的访问权限已被取消，请联系信息科。',
  STUDY_NOT_FOUND: '没有找到这项检查的影像，可能尚未上传，或不在可见范围内。',
  FORBIDDEN: '没有查看影像的权限，请联系信息科。',
};

/** What a person sees when a link of another system opens nothing: what happened, in both languages, and the code for IT. */
export function failedPage({ code, title, detail }: { code: string; title: string; detail?: string }): {
  contentType: string;
  body: string;
} {
  return {
    contentType: 'text/html; charset=utf-8',
    body: html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Filmless</title>
<link rel="icon" href="data:,">
<style>body{margin:0;min-height:100vh;display:grid;place-items:center;background:#0e1116;color:#e6edf3;font:14px/1.6 system-ui,"Noto Sans SC",sans-serif}main{max-width:560px;padding:24px}h1{font-size:20px}p{margin:8px 0}.secondary{color:#9fb0c0}</style>
</head>
<body>
<main>
<h1>无法打开影像</h1>
<p>${REFUSED[code] ?? '请求有误，请联系信息科。'}</p>
<p lang="en">The images cannot be opened: ${detail ?? title}.</p>
<p class="secondary">${code}</p>
</main>
</body>
</html>
`,
  };
}

/** `/sdk/doctor`: what a workstation lacks, for IT. Signed in or not; holds no data. */
export function doctorPage(): HttpReply {
  return {
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' },
    body: html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Filmless</title>
<link rel="icon" href="data:,">
<style>html,body{margin:0;min-height:100%;background:#fff}filmless-doctor{max-width:960px;margin:0 auto}</style>
</head>
<body>
<filmless-doctor></filmless-doctor>
<script type="module" src="/sdk/filmless-doctor-page.js"></script>
</body>
</html>
`,
  };
}

/** `/viewer`: one patient's exams and images in a window of their own; where Invoke Image Display leads. Holds no data itself. */
export function viewerPage(): HttpReply {
  return {
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' },
    body: html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Filmless</title>
<link rel="icon" href="data:,">
<style>html,body{margin:0;height:100%;background:#000}body{display:flex}filmless-timeline{flex:none;width:260px}filmless-viewer{flex:1;min-width:0;height:100%}</style>
</head>
<body>
<script type="module" src="/sdk/filmless-viewer.js"></script>
<script type="module" src="/sdk/filmless-viewer-page.js"></script>
</body>
</html>
`,
  };
}
