// Every row about tokens that are bound to a DPoP key, in the order of the checks.

import { CLAIM_ROWS } from './claims.ts'
import { FORM_ROWS } from './form.ts'
import { KEY_ROWS } from './key.ts'
import { REPLAY_ROWS } from './replay.ts'
import { TOKEN_ROWS } from './token.ts'
import { URL_ROWS } from './url.ts'
import type { SenderRow, SenderSuite } from '../sender-row.ts'
import { BOUND, dpopConfig } from './row.ts'

export const DPOP_ROWS: readonly SenderRow[] = [
  ...TOKEN_ROWS,
  ...FORM_ROWS,
  ...KEY_ROWS,
  ...CLAIM_ROWS,
  ...URL_ROWS,
  ...REPLAY_ROWS,
]

export const DPOP_SUITE: SenderSuite = { name: 'dpop', config: dpopConfig, rows: DPOP_ROWS, passed: BOUND }
