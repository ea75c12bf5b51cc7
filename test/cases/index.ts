// Every case row, in the order of the pipeline.

import { CLAIM_ROWS } from './claims.ts'
import { CONDITION_ROWS } from './condition.ts'
import { CREDENTIAL_ROWS } from './credential.ts'
import { FORM_ROWS } from './form.ts'
import { INTROSPECTED_SERVER_ROWS } from './introspected-servers.ts'
import { KEY_ROWS } from './key.ts'
import { KIND_CASES } from './kind.ts'
import { OPAQUE_ROWS } from './opaque.ts'
import { PROVIDER_ROWS } from './provider.ts'
import { PROFILE_ROWS } from './providers/rows.ts'
import { REPORT_ONLY_ROWS } from './report-only.ts'
import { ROUTE_ROWS } from './route.ts'
import type { CaseRow } from './row.ts'
import { SCOPE_ROWS } from './scope.ts'
import { SECRET_KEY_ROWS } from './secret-key.ts'
import { WEBSOCKET_ROWS } from './websocket.ts'

export const CASE_ROWS: readonly CaseRow[] = [
  ...CREDENTIAL_ROWS,
  ...ROUTE_ROWS,
  ...FORM_ROWS,
  ...KEY_ROWS,
  ...SECRET_KEY_ROWS,
  ...KIND_CASES,
  ...CLAIM_ROWS,
  ...SCOPE_ROWS,
  ...PROFILE_ROWS,
  ...OPAQUE_ROWS,
  ...INTROSPECTED_SERVER_ROWS,
  ...PROVIDER_ROWS,
  ...CONDITION_ROWS,
  ...REPORT_ONLY_ROWS,
  ...WEBSOCKET_ROWS,
]

/** The rows that the core can run. */
export const CORE_ROWS: readonly CaseRow[] = CASE_ROWS.filter(({ notOn }) => notOn?.core === undefined)
