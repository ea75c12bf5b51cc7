// The authorization server as a process of its own.

import { startAuthorizationServer, type AuthorizationServerOptions } from '../authorization-server/index.ts'
import { serveParent } from './serve-parent.ts'

serveParent(async (options: AuthorizationServerOptions) => {
  const { close, ...ready } = await startAuthorizationServer(options)
  return { ready, close }
})
