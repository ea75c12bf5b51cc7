// Every row about tokens that are bound to a DPoP key, in the order of the checks.

import { CLAIM_ROWS } from './claims.ts'
import { FORM_ROWS } from './form.ts'
import { KEY_ROWS } from './key.ts'
import { REPLAY_ROWS } from './replay.ts'
import type { DpopRow } from './row.ts'
import { TOKEN_ROWS } from './token.ts'
import { URL_ROWS } from './url.ts'

export const DPOP_ROWS: readonly DpopRow[] = [
  ...TOKEN_ROWS,
  ...FORM_ROWS,
  ...KEY_ROWS,
  ...CLAIM_ROWS,
  ...URL_ROWS,
  ...REPLAY_ROWS,
]
