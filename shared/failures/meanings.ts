// What every code of failure.ts means, for the operator, and which sentence of which standard asks for it. For
// docs/decisions.md and whoever reads the source: nothing that decides reads it, and no bundle carries it.

import type { FailureCode } from './failure.ts'
import { GRANT_MEANINGS } from './grant-meanings.ts'
import type { FailureMeaning } from './meaning.ts'
import { TOKEN_MEANINGS } from './token-meanings.ts'

export type { FailureMeaning } from './meaning.ts'

export const FAILURE_MEANINGS: Readonly<Record<FailureCode, FailureMeaning>> = {
  ...TOKEN_MEANINGS,
  ...GRANT_MEANINGS,
}
