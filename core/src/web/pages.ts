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
