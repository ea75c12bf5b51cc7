// The meaning of every code of failure.ts, for operators, and the section of a standard that asks for it. For
// docs/decisions.md and readers of the source: no decision reads it, and it is in no bundle.

import type { FailureCode } from './failure.ts'
import { GRANT_MEANINGS } from './grant-meanings.ts'
import type { FailureMeaning } from './meaning.ts'
import { SENDER_MEANINGS } from './sender-meanings.ts'
import { TOKEN_MEANINGS } from './token-meanings.ts'

export type { FailureMeaning } from './meaning.ts'

/**
 * For each failure code, its meaning and source: the sentences of docs/decisions.md. For operators and tools; callers
 * get only the `hint` in `FAILURES`.
 */
export const FAILURE_MEANINGS: Readonly<Record<FailureCode, FailureMeaning>> = {
  ...TOKEN_MEANINGS,
  ...SENDER_MEANINGS,
  ...GRANT_MEANINGS,
}
