// Nothing but Node's client, which whoever fetches a key set needs.

import { request } from 'node:https'

export const handler = async () => ({ isAuthorized: typeof request === 'function' })
