// Loads Node's https client and nothing else: any handler that fetches a key set needs it.

import { request } from 'node:https'

export const handler = async () => ({ isAuthorized: typeof request === 'function' })
