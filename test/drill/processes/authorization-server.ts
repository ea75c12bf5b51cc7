// The real authorization server on the fast clock: `Date.now` is replaced in this process, and in no other, so that its
// tokens carry the times of the edges' clock. Timers stay real.

import {
  startAuthorizationServer,
  type AuthorizationServerOptions,
} from '../../../local/authorization-server/index.ts'
import { serveParent } from '../../../local/processes/serve-parent.ts'
import { nowOn, type FastClock } from '../clock.ts'

serveParent(async ({ clock, ...options }: AuthorizationServerOptions & { clock: FastClock }) => {
  Date.now = nowOn(clock)
  const { close, ...ready } = await startAuthorizationServer(options)
  return { ready, close }
})
