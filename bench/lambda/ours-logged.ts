// Our handler as it is deployed: every decision writes its log line to the console.

import { createHandler } from '../../functions/aws/handler.ts'

export const handler = createHandler(JSON.parse(process.env['CONFIG']!), process.env)
