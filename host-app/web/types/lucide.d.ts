/** One icon of lucide-static: the text of its SVG. */
declare module 'lucide-static/dist/esm/icons/*.mjs' {
  const source: string;
  export default source;
}
