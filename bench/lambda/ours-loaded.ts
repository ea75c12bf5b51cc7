// Our handler, read and never made: what our code costs before it does anything.

import { createHandler } from '../../functions/aws/handler.ts'

export const handler = async () => ({ isAuthorized: typeof createHandler === 'function' })
