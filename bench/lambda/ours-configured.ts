// Our handler with its configuration checked; it gets no event.

import { createHandler } from '../../functions/aws/handler.ts'

const ours = createHandler(JSON.parse(process.env['CONFIG']!), process.env, { report: () => {} })

export const handler = async () => ({ isAuthorized: typeof ours === 'function' })
