// Our handler, built as `npm run build:lambda` builds it, with the configuration in a variable.

import { createHandler } from '../../functions/aws/handler.ts'

export const handler = createHandler(JSON.parse(process.env['CONFIG']!), process.env, { report: () => {} })
