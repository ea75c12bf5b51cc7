// The child process of an authorization server.

import { startAuthorizationServer, type AuthorizationServerOptions } from '../authorization-server/index.ts'
import { serveParent } from './serve-parent.ts'

serveParent(async (options: AuthorizationServerOptions) => {
  const { close, ...ready } = await startAuthorizationServer(options)
  return { ready, close }
})
