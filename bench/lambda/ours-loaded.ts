// Our module loaded, but no handler created: what our code costs before it does anything.

import { createHandler } from '../../functions/aws/handler.ts'

export const handler = async () => ({ isAuthorized: typeof createHandler === 'function' })
