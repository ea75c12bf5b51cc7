// Inputs that once broke a property, kept so that they are tried in every test run. `npm run fuzz` prints a row
// when it finds one.

export interface KeptInput {
  readonly property: string
  /** What went wrong, when it did. */
  readonly broke: string
  readonly input: unknown
}

export const KEPT: readonly KeptInput[] = []
