// The rows about revoked tokens, through every edge with a store of its own.

import { checkRevocations, hasRows } from './check-revocations.ts'
import { openRevocableCore } from './revocable-edge.ts'

hasRows()

checkRevocations('core', openRevocableCore)
