// The same, and every decision leaves its line on the console, as it is deployed.

import { createHandler } from '../../functions/aws/handler.ts'

export const handler = createHandler(JSON.parse(process.env['CONFIG']!), process.env)
