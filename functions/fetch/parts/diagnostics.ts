// Part of a Fetch edge: which configuration answered, for requests that have a secret (`diagnostics`).

import { createDiagnostics } from '../diagnostics.ts'
import type { FetchParts } from '../handler.ts'

export const diagnostics: FetchParts = { createDiagnostics }
