// Our handler, with its configuration checked, and never asked.

import { createHandler } from '../../functions/aws/handler.ts'

const ours = createHandler(JSON.parse(process.env['CONFIG']!), process.env, { report: () => {} })

export const handler = async () => ({ isAuthorized: typeof ours === 'function' })
