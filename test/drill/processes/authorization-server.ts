// The real authorization server on the fast clock: `Date.now` of this process, and of no other, is replaced, so
// that what it issues is dated by the clock that the edges run on. Timers stay real.

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
