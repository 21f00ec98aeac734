export default function register() {
  throw new Error('this viewer part always fails');
}
