/** Whether a dialog is open anywhere below, in the shadow trees of screens too. */
export function hasOpenDialog(root: ParentNode): boolean {
  return [...root.querySelectorAll('*')].some(
    (element) =>
      element.matches('vaadin-dialog[opened], vaadin-confirm-dialog[opened]') ||
      (element.shadowRoot !== null && hasOpenDialog(element.shadowRoot)),
  );
}
