/** `alreadyConfirmed` → `already_confirmed`: how names of the engine are written outside of TypeScript (spec §2.15). */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
