/** One icon of lucide as the text of its SVG: imported one by one, so that no build or test reads all of them. */
declare module 'lucide-static/dist/esm/icons/*.mjs' {
  const svg: string;
  export default svg;
}
